// Puts stars in the place of secret values in a stream of bytes. Each byte of a value becomes one star, so that offsets, lengths
// and acknowledgements are those of the stream as it is on disk; and whether a byte is masked depends on the stream alone, not on
// where it was cut into chunks.

/** A shorter value is in any output by chance, and hiding each would hide everything. */
export const MASKED_MIN_CHARS = 4;
/** With more than this nothing of the output is shown: looking for it all would keep the agent from its work. */
export const MASKED_MAX_BYTES = 64 * 1024;
/** Longer forms are looked for piece by piece, which bounds what must be held back of a stream that has not ended. */
const PIECE_BYTES = 512;
/** A line of a value is hidden by itself from this length on: shorter ones, `}` or `true`, are not what is secret of it. */
const LINE_MIN_CHARS = 8;
const STAR = 0x2a;
const NEWLINE = 0x0a;

export interface Range {
  readonly start: number;
  readonly end: number;
}

/** Hides these values, and the forms that programs print them in; undefined when there is nothing to hide. */
export function maskOf(values: readonly string[]): Mask | undefined {
  if (values.reduce((sum, value) => sum + value.length, 0) > MASKED_MAX_BYTES) return new WholeMask();
  const pieces = maskedForms(values).flatMap(piecesOf);
  return pieces.length === 0 ? undefined : new Mask(pieces);
}

function piecesOf(form: Buffer): Buffer[] {
  const pieces: Buffer[] = [];
  for (let start = 0; start + PIECE_BYTES < form.length; start += PIECE_BYTES) {
    pieces.push(form.subarray(start, start + PIECE_BYTES));
  }
  pieces.push(form.subarray(Math.max(0, form.length - PIECE_BYTES)));
  return pieces;
}

function maskedForms(given: readonly string[]): Buffer[] {
  const forms = new Set<string>();
  for (const text of given) {
    if (text.length < MASKED_MIN_CHARS) continue;
    const value = Buffer.from(text).toString(); // without halves of surrogates, which no stream of bytes can hold
    for (const form of quotedForms(value)) forms.add(form);
    // A key of several lines may be printed line by line, and with other ends of lines.
    for (const line of value.split(/\r?\n/)) {
      if (line.trim().length >= LINE_MIN_CHARS) for (const form of quotedForms(line.trim())) forms.add(form);
    }
    forms.add(encodeURIComponent(value));
    forms.add(encodeURIComponent(value).replaceAll('%20', '+'));
    for (const form of base64Forms(Buffer.from(value))) forms.add(form);
  }
  return [...forms].filter((form) => form.length >= MASKED_MIN_CHARS).map((form) => Buffer.from(form));
}

/** A text alone, in a string of JSON, and in JSON that is a string of JSON again: an answer in the message of an error in a log line. */
function quotedForms(text: string): string[] {
  const once = JSON.stringify(text).slice(1, -1);
  return once === text ? [text] : [text, once, JSON.stringify(once).slice(1, -1)];
}

/** The value alone, and as it looks behind one or two other bytes, without the characters that these would change. */
function base64Forms(bytes: Buffer): string[] {
  const forms: string[] = [];
  for (const before of [0, 1, 2]) {
    const text = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    const whole = Math.floor(((before + bytes.length) * 8) / 6);
    const inner = text.slice(before === 0 ? 0 : before + 1, whole);
    // Of a short value hardly anything is left that is its own.
    const long = inner.length >= 2 * MASKED_MIN_CHARS || before === 0;
    if (long) forms.push(inner, inner.replaceAll('+', '-').replaceAll('/', '_'));
  }
  return forms;
}

/** 0 without backslashes, 1 with them, 2 with two in a row. Most output has none, and most forms of a value in quotes have them: they
 * are not looked for then. */
function backslashes(bytes: Buffer): number {
  return bytes.includes('\\\\') ? 2 : bytes.includes('\\') ? 1 : 0;
}

export class Mask {
  private readonly forms: readonly Buffer[];
  /** Of each form. */
  private readonly backslashes: readonly number[];
  /** A byte belongs to nothing that begins this far before it or ends this far behind it. */
  readonly reach: number;

  constructor(forms: readonly Buffer[]) {
    this.forms = forms;
    this.backslashes = forms.map(backslashes);
    this.reach = Math.max(0, ...forms.map(({ length }) => length - 1));
  }

  /** Overwrites what is secret of `bytes` within `range`, where the rest is what comes before and after it: `reach` on both
   * sides, or all there is. */
  apply(bytes: Buffer, range: Range): void {
    const found: Range[] = [];
    const most = backslashes(bytes);
    for (const [index, form] of this.forms.entries()) {
      if (this.backslashes[index]! > most) continue;
      let done = 0;
      for (let at = bytes.indexOf(form); at >= 0; at = bytes.indexOf(form, at + 1)) {
        found.push({ start: Math.max(at, done), end: at + form.length });
        done = at + form.length;
      }
    }
    for (const { start, end } of found) {
      hide(bytes, Math.max(start, range.start), Math.min(end, range.end));
    }
  }

  /** How many bytes at the beginning may be the end of something secret: what was in front of them is gone. */
  openStart(bytes: Buffer): number {
    let longest = 0;
    for (const form of this.forms) {
      for (let length = Math.min(form.length - 1, bytes.length); length > longest; length--) {
        if (bytes[length - 1] !== form.at(-1)) continue;
        if (bytes.subarray(0, length).equals(form.subarray(form.length - length))) longest = length;
      }
    }
    return longest;
  }

  /** How many bytes at the end may be the beginning of something secret: they wait for what follows. */
  openEnd(bytes: Buffer): number {
    let longest = 0;
    for (const form of this.forms) {
      for (let length = Math.min(form.length - 1, bytes.length); length > longest; length--) {
        if (bytes[bytes.length - length] !== form[0]) continue;
        if (bytes.subarray(bytes.length - length).equals(form.subarray(0, length))) longest = length;
      }
    }
    return longest;
  }
}

/** Of an attempt whose values are not known any more: nothing of its output may be shown. */
export class WholeMask extends Mask {
  constructor() {
    super([]);
  }

  override apply(bytes: Buffer, { start, end }: Range): void {
    hide(bytes, start, end);
  }
}

export function hide(bytes: Buffer, start: number, end: number): void {
  for (let at = start; at < end; at++) if (bytes[at] !== NEWLINE) bytes[at] = STAR;
}
