// The last lines of a log (T-40): how many and how large they may be is bounded, whatever a run writes.
import type { LogPiece } from '../../client/log-follow.js';
import { type AssembledLine, LineAssembler } from '../../output/line-assembler.js';
import { type LogText, logTextOf } from './log-line.js';

/** As in k9s: more than anybody scrolls through; a search asks the server for all of it. */
export const LOG_LINES_MAX = 5000;
/** Long lines: all of a buffer in memory, as UTF-16. */
export const LOG_BYTES_MAX = 16 * 1024 * 1024;
/** What an entry takes besides its text, about. */
const ENTRY_BYTES = 120;

const GONE: LogText = { number: -1, stream: 'mark', attempt: 0, time: '', text: '' };

export type Kept = 'latest' | 'first';

export class LogBuffer {
  /** `first`: the head of a log; what comes when the buffer is full is left out. */
  readonly kept: Kept;
  /** Entries before `begin` are gone; they are cut off in one go, later. */
  private entries: LogText[] = [];
  private begin = 0;
  private bytes = 0;
  private next = 0;
  private left = false;
  private readonly assembler = new LineAssembler();
  private begun: readonly LogText[] | undefined = [];
  /** That the last line is of. */
  private attempt: number;

  /** @param attempt that is expected first: only others are told. */
  constructor(kept: Kept = 'latest', attempt = 1) {
    this.kept = kept;
    this.attempt = attempt;
  }

  /** Number of the oldest line that is here. */
  get firstNumber(): number {
    return this.next - this.size;
  }

  /** Number that the next line gets. */
  get endNumber(): number {
    return this.next;
  }

  get size(): number {
    return this.entries.length - this.begin;
  }

  /** Of a head: there is more than what is here. */
  get full(): boolean {
    return this.left;
  }

  /** Bytes held, about. */
  get heldBytes(): number {
    return this.bytes;
  }

  at(number: number): LogText | undefined {
    return this.entries[this.begin + number - this.firstNumber];
  }

  /** Lines that have begun and not ended, one of each stream at most: a prompt, a bar of progress. They have no number yet. */
  get open(): readonly LogText[] {
    this.begun ??= this.full ? [] : this.assembler.begun().map((line) => logTextOf(line, this.next));
    return this.begun;
  }

  /** Pieces in any size. */
  append(piece: LogPiece): void {
    this.begun = undefined;
    for (const line of this.assembler.add(piece)) this.take(line);
  }

  /** The log ended: its last line needs no line feed. */
  finish(): void {
    this.begun = [];
    for (const line of this.assembler.rest()) this.take(line);
  }

  /** A line that separates what was before from what comes. */
  mark(text: string, time: string): void {
    this.push({ number: this.next, stream: 'mark', attempt: 0, time, text });
  }

  clear(): void {
    this.entries = [];
    this.begin = 0;
    this.bytes = 0;
    this.left = false;
  }

  /** Where another attempt begins, a mark says so: its output would look like more of the one before. */
  private take(line: AssembledLine): void {
    if (line.attempt !== this.attempt) this.mark(`attempt ${line.attempt}`, line.time);
    this.attempt = line.attempt;
    this.push(logTextOf(line, this.next));
  }

  private push(entry: LogText): void {
    const cost = costOf(entry);
    if (this.kept === 'first' && (this.left || this.size === LOG_LINES_MAX || this.bytes + cost > LOG_BYTES_MAX)) {
      this.left = true;
      return;
    }
    this.entries.push(entry);
    this.bytes += cost;
    this.next += 1;
    while (this.size > LOG_LINES_MAX || this.bytes > LOG_BYTES_MAX) {
      this.bytes -= costOf(this.entries[this.begin] ?? GONE);
      this.entries[this.begin] = GONE;
      this.begin += 1;
    }
    if (this.begin > LOG_LINES_MAX) {
      this.entries = this.entries.slice(this.begin);
      this.begin = 0;
    }
  }
}

function costOf({ text }: LogText): number {
  return ENTRY_BYTES + 2 * text.length;
}
