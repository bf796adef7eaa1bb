// Which characters (UTF-16 code units) one step of a pattern takes.

export type Range = readonly [number, number];

export const DIGITS: readonly Range[] = [[48, 57]];
export const WORD: readonly Range[] = [
  [48, 57],
  [65, 90],
  [95, 95],
  [97, 122],
];
export const BLANKS: readonly Range[] = [
  [9, 13],
  [32, 32],
  [160, 160],
];
export const NOT_LINE_FEED: readonly Range[] = [
  [0, 9],
  [11, 0xffff],
];

export class CharSet {
  private readonly ascii = new Uint8Array(128);
  private readonly ranges: readonly Range[];
  private readonly fold: boolean;

  constructor(ranges: readonly Range[], fold: boolean) {
    this.ranges = ranges;
    this.fold = fold;
    for (let code = 0; code < 128; code++) this.ascii[code] = this.looked(code) ? 1 : 0;
  }

  has(code: number): boolean {
    return code < 128 ? this.ascii[code] === 1 : this.looked(code);
  }

  private looked(code: number): boolean {
    if (this.within(code)) return true;
    if (!this.fold) return false;
    const char = String.fromCharCode(code);
    return this.within(char.toLowerCase().charCodeAt(0)) || this.within(char.toUpperCase().charCodeAt(0));
  }

  private within(code: number): boolean {
    return this.ranges.some(([from, to]) => code >= from && code <= to);
  }
}

/** Everything that is in none of the ranges. */
export function without(ranges: readonly Range[]): Range[] {
  const sorted = [...ranges].sort((a, b) => a[0] - b[0]);
  const rest: Range[] = [];
  let next = 0;
  for (const [from, to] of sorted) {
    if (from > next) rest.push([next, from - 1]);
    next = Math.max(next, to + 1);
  }
  if (next <= 0xffff) rest.push([next, 0xffff]);
  return rest;
}

export function isWord(code: number): boolean {
  return WORD.some(([from, to]) => code >= from && code <= to);
}
