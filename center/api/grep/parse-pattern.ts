// Regular expressions as RE2 has them: what cannot be matched in linear time (references back, looking around) is refused.
import { CloudTaskError } from '../../../base/index.js';
import { BLANKS, DIGITS, NOT_LINE_FEED, type Range, WORD, without } from './char-set.js';

export type Node =
  | { readonly kind: 'set'; readonly ranges: readonly Range[] }
  | { readonly kind: 'assert'; readonly what: 'start' | 'end' | 'word' | 'notWord' }
  | { readonly kind: 'all'; readonly parts: readonly Node[] }
  | { readonly kind: 'any'; readonly parts: readonly Node[] }
  | { readonly kind: 'repeat'; readonly part: Node; readonly least: number; readonly most: number };

export interface Pattern {
  readonly root: Node;
  /** (?i) at the beginning. */
  readonly ignoreCase: boolean;
}

const PATTERN_MAX_CHARS = 1000;
const REPEAT_MAX = 1000;
/** Groups within groups; deeper ones are not written by people. */
const DEPTH_MAX = 100;
const CLASSES: Readonly<Record<string, readonly Range[]>> = {
  d: DIGITS,
  D: without(DIGITS),
  w: WORD,
  W: without(WORD),
  s: BLANKS,
  S: without(BLANKS),
};
const CONTROLS: Readonly<Record<string, number>> = { t: 9, n: 10, v: 11, f: 12, r: 13, a: 7 };

/** Throws CT_BAD_REQUEST that says what is not understood. */
export function parsePattern(text: string): Pattern {
  if (text.length > PATTERN_MAX_CHARS) throw refused(text, `it is longer than ${PATTERN_MAX_CHARS} characters`);
  const ignoreCase = text.startsWith('(?i)');
  const parser = new Parser(text, ignoreCase ? 4 : 0);
  return { root: parser.whole(), ignoreCase };
}

class Parser {
  private readonly text: string;
  private at: number;
  private depth = 0;

  constructor(text: string, at: number) {
    this.text = text;
    this.at = at;
  }

  whole(): Node {
    const node = this.alternatives();
    if (this.at < this.text.length) throw this.wrong('a ) has no (');
    return node;
  }

  private alternatives(): Node {
    const parts = [this.sequence()];
    while (this.take('|')) parts.push(this.sequence());
    return parts.length === 1 ? parts[0]! : { kind: 'any', parts };
  }

  private sequence(): Node {
    const parts: Node[] = [];
    while (this.at < this.text.length && this.peek() !== '|' && this.peek() !== ')') parts.push(this.repeated());
    return parts.length === 1 ? parts[0]! : { kind: 'all', parts };
  }

  private repeated(): Node {
    let node = this.one();
    for (let count = this.count(); count !== undefined; count = this.count()) {
      this.take('?'); // lazy or not: whether a line matches is the same
      node = { kind: 'repeat', part: node, ...count };
    }
    return node;
  }

  private count(): { least: number; most: number } | undefined {
    if (this.take('*')) return { least: 0, most: Number.POSITIVE_INFINITY };
    if (this.take('+')) return { least: 1, most: Number.POSITIVE_INFINITY };
    if (this.take('?')) return { least: 0, most: 1 };
    const match = /^\{(\d{1,4})(,(\d{0,4}))?\}/.exec(this.text.slice(this.at));
    if (match === null) return undefined; // a { that counts nothing stands for itself
    this.at += match[0].length;
    const least = Number(match[1]);
    const most = match[2] === undefined ? least : match[3] === '' ? Number.POSITIVE_INFINITY : Number(match[3]);
    if (least > most) throw this.wrong('a {n,m} counts backwards');
    if (least > REPEAT_MAX || (most !== Number.POSITIVE_INFINITY && most > REPEAT_MAX)) {
      throw this.wrong(`a {n,m} counts beyond ${REPEAT_MAX}`);
    }
    return { least, most };
  }

  private one(): Node {
    const char = this.text[this.at++] ?? '';
    switch (char) {
      case '.':
        return { kind: 'set', ranges: NOT_LINE_FEED };
      case '^':
        return { kind: 'assert', what: 'start' };
      case '$':
        return { kind: 'assert', what: 'end' };
      case '(':
        return this.group();
      case '[':
        return { kind: 'set', ranges: this.charClass() };
      case '\\':
        return this.escaped();
      case '*':
      case '+':
      case '?':
        throw this.wrong(`nothing stands before ${char}`);
      default:
        return single(char.charCodeAt(0));
    }
  }

  private group(): Node {
    if (this.take('?') && !this.take(':')) throw this.wrong('only (…), (?:…) and a leading (?i) are understood');
    this.depth += 1;
    if (this.depth > DEPTH_MAX) throw this.wrong('it is nested too deeply');
    const node = this.alternatives();
    this.depth -= 1;
    if (!this.take(')')) throw this.wrong('a ( has no )');
    return node;
  }

  private escaped(): Node {
    const char = this.text[this.at] ?? '';
    if (char === 'b' || char === 'B') {
      this.at += 1;
      return { kind: 'assert', what: char === 'b' ? 'word' : 'notWord' };
    }
    return { kind: 'set', ranges: this.escapedRanges() };
  }

  private escapedRanges(): readonly Range[] {
    const char = this.text[this.at++];
    if (char === undefined) throw this.wrong('it ends with \\');
    const named = CLASSES[char];
    if (named !== undefined) return named;
    if (CONTROLS[char] !== undefined) return [[CONTROLS[char], CONTROLS[char]]];
    const hex = char === 'x' ? 2 : char === 'u' ? 4 : 0;
    if (hex > 0) {
      const digits = this.text.slice(this.at, this.at + hex);
      if (!new RegExp(`^[0-9a-fA-F]{${hex}}$`).test(digits)) throw this.wrong(`\\${char} needs ${hex} digits`);
      this.at += hex;
      return [[Number.parseInt(digits, 16), Number.parseInt(digits, 16)]];
    }
    if (/[0-9A-Za-z]/.test(char)) throw this.wrong(`\\${char} is not understood`);
    return [[char.charCodeAt(0), char.charCodeAt(0)]];
  }

  private charClass(): readonly Range[] {
    const negated = this.take('^');
    const ranges: Range[] = [];
    for (let first = true; ; first = false) {
      if (this.at >= this.text.length) throw this.wrong('a [ has no ]');
      if (!first && this.take(']')) break;
      const from = this.classItem();
      const to = this.peek() === '-' && this.text[this.at + 1] !== ']' ? this.rangeEnd() : undefined;
      if (to === undefined) ranges.push(...from);
      else if (from.length !== 1 || from[0]![0] !== from[0]![1] || from[0]![0] > to)
        throw this.wrong('a range is not one');
      else ranges.push([from[0]![0], to]);
    }
    return negated ? without(ranges) : ranges;
  }

  private rangeEnd(): number {
    this.at += 1;
    const [range, ...more] = this.classItem();
    if (range === undefined || more.length > 0 || range[0] !== range[1]) throw this.wrong('a range is not one');
    return range[0];
  }

  private classItem(): readonly Range[] {
    if (this.take('\\')) return this.escapedRanges();
    const code = this.text.charCodeAt(this.at++);
    if (Number.isNaN(code)) throw this.wrong('a [ has no ]');
    return [[code, code]];
  }

  private peek(): string | undefined {
    return this.text[this.at];
  }

  private take(char: string): boolean {
    if (this.text[this.at] !== char) return false;
    this.at += 1;
    return true;
  }

  private wrong(why: string): CloudTaskError {
    return refused(this.text, why);
  }
}

function single(code: number): Node {
  return { kind: 'set', ranges: [[code, code]] };
}

export function refused(text: string, why: string): CloudTaskError {
  return new CloudTaskError('CT_BAD_REQUEST', `regular expression "${text.slice(0, 100)}": ${why}`);
}
