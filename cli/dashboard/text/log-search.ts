// What the center found in the whole of a log (T-41), not only in the lines that are here.
import type { LogPiece } from '../../client/log-follow.js';
import { LineAssembler } from '../../output/line-assembler.js';
import { type LogText, logTextOf } from './log-line.js';

/** Who gets more than this asks for something else. */
export const FOUND_MAX = 1000;

export interface FoundLine {
  readonly line: LogText;
  /** Where the line begins and ends in the log of its attempt. */
  readonly offset: number;
  readonly nextOffset: number;
  readonly before: readonly LogText[];
  readonly after: readonly LogText[];
}

export class LogSearch {
  /** As typed. */
  readonly pattern: string;
  selected = 0;
  private readonly lines: FoundLine[] = [];
  private readonly assembler = new LineAssembler();
  private more = false;
  private ended = false;
  private why: string | undefined;

  constructor(pattern: string) {
    this.pattern = pattern;
  }

  /** For the center, an RE2 expression: capitals count where there are some, as in any other search here. */
  get expression(): string {
    return /\p{Lu}/u.test(this.pattern) ? this.pattern : `(?i)${this.pattern}`;
  }

  get found(): readonly FoundLine[] {
    return this.lines;
  }

  /** There are more than are kept; one may stop asking. */
  get full(): boolean {
    return this.more;
  }

  /** Why the center did not look to the end, e.g. what is wrong with the expression. */
  get failure(): string | undefined {
    return this.why;
  }

  get done(): boolean {
    return this.ended;
  }

  /** A line that matched, as a log that was asked with `grep` sends it. */
  add(piece: LogPiece): void {
    // Each piece is one line; the last one of a log may have no line feed.
    const lines = [...this.assembler.add(piece), ...this.assembler.rest()];
    for (const line of lines) this.push(logTextOf(line, this.lines.length), piece);
  }

  finish(): void {
    this.ended = true;
  }

  fail(why: string): void {
    this.why = why;
    this.ended = true;
  }

  /** What stands around a line; asked for when somebody looks at it. */
  setContext(index: number, before: readonly LogText[], after: readonly LogText[]): void {
    const found = this.lines[index];
    if (found !== undefined) this.lines[index] = { ...found, before, after };
  }

  /** Moves the selection; it stops at both ends. */
  move(by: number): void {
    this.selected = Math.min(Math.max(0, this.selected + by), Math.max(0, this.lines.length - 1));
  }

  private push(line: LogText, { offset, nextOffset }: LogPiece): void {
    if (this.lines.length < FOUND_MAX) this.lines.push({ line, offset, nextOffset, before: [], after: [] });
    else this.more = true;
  }
}
