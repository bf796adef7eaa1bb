// What of a log's lines is shown, and where in them one is: streams, a pattern, the window. Follows until somebody scrolls up.

import type { Line } from './line.js';
import type { LogBuffer } from './log-buffer.js';
import { type LogLineLook, type LogText, logLead, logLine, searchedText } from './log-line.js';
import { compilePattern, matches, type Pattern } from './pattern.js';
import { type LineSource, type Size, Viewport } from './viewport.js';

/** Shown lines that went out of the buffer are cut off the list when there are so many. */
const GONE_MAX = 4096;

export class LogView implements LineSource {
  fullScreen = false;
  timestamps = false;
  ascii = false;
  /** The window is narrow: times are short. */
  narrow = false;
  private buffer: LogBuffer;
  private streams = { stdout: true, stderr: true };
  private pattern: Pattern | undefined;
  private matchesOnly = true;
  private contextLines = 0;
  /** Numbers of the lines that are shown, ascending; `base` is the place of the first one among all that ever were. */
  private shown: number[] = [];
  private base = 0;
  private gone = 0;
  /** Lines that have not ended, below all others. */
  private open: readonly LogText[] = [];
  /** Lines below this number have been looked at. */
  private looked = 0;
  /** Lines below this number follow a match closely enough to be shown. */
  private contextEnd = 0;
  private match: number | undefined;
  private readonly view = new Viewport(this, true);

  constructor(buffer: LogBuffer) {
    this.buffer = buffer;
    this.view.follow = buffer.kept === 'latest';
  }

  get autoscroll(): boolean {
    return this.view.follow;
  }

  get wrap(): boolean {
    return this.view.wrap;
  }

  get stdout(): boolean {
    return this.streams.stdout;
  }

  get stderr(): boolean {
    return this.streams.stderr;
  }

  /** The pattern as typed. */
  get searching(): string | undefined {
    return this.pattern?.source;
  }

  get note(): string | undefined {
    return this.pattern?.note;
  }

  /** Lines that are shown, of those that are held. */
  counts(): { shown: number; held: number } {
    this.look();
    return { shown: this.end - this.first, held: this.buffer.size + this.buffer.open.length };
  }

  get first(): number {
    return this.base + this.gone;
  }

  get end(): number {
    return this.base + this.shown.length + this.open.length;
  }

  line(place: number): Line {
    const entry = this.entryAt(place);
    if (entry === undefined) return [];
    const current = this.pattern !== undefined && entry.number === this.match;
    return logLine(entry, { ...this.lineLook, pattern: this.pattern, current });
  }

  lead(place: number, width: number): Line {
    const entry = this.entryAt(place);
    return entry === undefined ? [] : logLead(entry, this.lineLook, width);
  }

  /** First and last of the shown lines in the window, counted from 1; [0, 0] when there are none. */
  seen(): readonly [number, number] {
    this.look();
    return this.view.seen();
  }

  /** Older lines were here, and gave way to newer ones. */
  get isCut(): boolean {
    return this.buffer.firstNumber > 0;
  }

  rows(size: Size): Line[] {
    this.look();
    return this.view.rows(size);
  }

  /** Another log, or another part of it: what was switched stays so. */
  show(buffer: LogBuffer): void {
    this.buffer = buffer;
    this.view.follow = buffer.kept === 'latest';
    this.match = undefined;
    this.begin();
    this.view.moveTo(0);
  }

  scroll(rows: number): void {
    this.look();
    this.view.scroll(rows);
  }

  page(pages: number): void {
    this.look();
    this.view.page(pages);
  }

  toTop(): void {
    this.look();
    this.view.toTop();
  }

  /** `G`: to the end, and stay there. */
  toEnd(): void {
    this.view.follow = true;
  }

  /** `s`. Switched off, the window stays where it is. */
  toggleAutoscroll(): void {
    this.look();
    if (this.view.follow) this.view.toEnd();
    this.view.follow = !this.view.follow;
  }

  toggleWrap(): void {
    this.look();
    this.view.toggleWrap();
  }

  sideways(steps: number): void {
    this.view.sideways(steps);
  }

  toggleTimestamps(): void {
    this.timestamps = !this.timestamps;
  }

  toggleFullScreen(): void {
    this.fullScreen = !this.fullScreen;
  }

  toggleStream(stream: 'stdout' | 'stderr'): void {
    this.again(() => {
      this.streams[stream] = !this.streams[stream];
    });
  }

  /** Of the lines here only those that match, with `contextLines` around each; an empty pattern shows all again. */
  search(source: string, contextLines = 0): void {
    this.again(() => {
      this.pattern = source === '' ? undefined : compilePattern(source);
      this.contextLines = contextLines;
      this.match = undefined;
    });
  }

  /** Whether lines that do not match are hidden. */
  toggleMatchesOnly(): void {
    this.again(() => {
      this.matchesOnly = !this.matchesOnly;
    });
  }

  nextMatch(): void {
    this.turn(1);
  }

  previousMatch(): void {
    this.turn(-1);
  }

  mark(text: string, time: string): void {
    this.buffer.mark(text, time);
  }

  clear(): void {
    this.buffer.clear();
  }

  /** What is shown as text, for the clipboard or a file; colours are left out. */
  text(): string {
    this.look();
    const entries = this.shown.slice(this.gone).flatMap((number) => this.buffer.at(number) ?? []);
    return [...entries, ...this.open].map((entry) => `${searchedText(entry)}\n`).join('');
  }

  private get lineLook(): LogLineLook {
    return { timestamps: this.timestamps ? (this.narrow ? 'short' : 'full') : 'none', ascii: this.ascii };
  }

  private entryAt(place: number): LogText | undefined {
    const index = place - this.base;
    return this.open[index - this.shown.length] ?? this.buffer.at(this.shown[index] ?? -1);
  }

  /** Takes in what came, and forgets what went. */
  private look(): void {
    const { firstNumber, endNumber } = this.buffer;
    for (let number = Math.max(this.looked, firstNumber); number < endNumber; number += 1) {
      const entry = this.buffer.at(number);
      if (entry !== undefined) this.take(entry);
    }
    this.looked = endNumber;
    this.open = this.buffer.open.filter((entry) => this.fits(entry));
    while (this.gone < this.shown.length && (this.shown[this.gone] ?? 0) < firstNumber) this.gone += 1;
    if (this.gone > GONE_MAX) {
      this.shown = this.shown.slice(this.gone);
      this.base += this.gone;
      this.gone = 0;
    }
  }

  /** Whether the switches let a line through, leaving aside what stands around matches. */
  private fits(entry: LogText): boolean {
    if (entry.stream !== 'mark' && !this.streams[entry.stream]) return false;
    const filter = this.matchesOnly ? this.pattern : undefined;
    return filter === undefined || (entry.stream !== 'mark' && matches(filter, searchedText(entry)));
  }

  /** Takes a line, and those before it that its match brings with it. */
  private take(entry: LogText): void {
    const around = entry.stream !== 'mark' && this.streams[entry.stream] && entry.number < this.contextEnd;
    const fits = this.fits(entry);
    if (!fits && !around) return;
    if (fits && this.pattern !== undefined && this.matchesOnly) {
      this.takeBefore(entry.number);
      this.contextEnd = entry.number + 1 + this.contextLines;
    }
    this.shown.push(entry.number);
  }

  private takeBefore(match: number): void {
    const from = Math.max(match - this.contextLines, (this.shown.at(-1) ?? -1) + 1, this.buffer.firstNumber);
    for (let number = from; number < match; number += 1) {
      const entry = this.buffer.at(number);
      if (entry !== undefined && entry.stream !== 'mark' && this.streams[entry.stream]) this.shown.push(number);
    }
  }

  /** Chooses the lines anew; the one at the top stays there if it is still shown. */
  private again(change: () => void): void {
    this.look();
    const top = this.shown[this.view.topLine - this.base] ?? 0;
    change();
    this.begin();
    this.look();
    const place = this.shown.findIndex((number) => number >= top);
    this.view.moveTo(place === -1 ? this.end : this.base + place);
  }

  private begin(): void {
    this.shown = [];
    this.base = 0;
    this.gone = 0;
    this.looked = 0;
    this.contextEnd = 0;
  }

  private turn(by: 1 | -1): void {
    this.look();
    const { pattern } = this;
    const count = this.shown.length - this.gone;
    if (pattern === undefined || count === 0) return;
    // Without a match yet, the search begins at the window.
    const known = this.match === undefined ? -1 : this.shown.indexOf(this.match, this.gone);
    const start = known === -1 ? this.view.topLine - this.first - (by === 1 ? 1 : 0) : known - this.gone;
    for (let i = 1; i <= count; i += 1) {
      const index = this.gone + ((((start + by * i) % count) + count) % count);
      const entry = this.buffer.at(this.shown[index] ?? -1);
      if (entry === undefined || entry.stream === 'mark' || !matches(pattern, searchedText(entry))) continue;
      this.match = entry.number;
      this.view.show(this.base + index);
      return;
    }
  }
}
