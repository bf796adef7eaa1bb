// A window on lines: which row is at its top, whether it stays at the end. The place is held as (line, row within the line), so that
// neither a new width nor lines that go away at the front need a layout of everything.
import { fitLine, type Line, lineCells } from './line.js';
import { sliceLine, textOf, wrapLine } from './spans.js';

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Lines under numbers that stay: [first, end). */
export interface LineSource {
  readonly first: number;
  readonly end: number;
  line(number: number): Line;
  /** What stands before the further rows of a wrapped line, so that they are seen to be no lines of their own. */
  lead?(number: number, width: number): Line;
}

interface Place {
  readonly line: number;
  readonly row: number;
}

const SIDE_STEP = 8;
/** Text further to the right than this is what wrapping is for. */
const SIDE_MAX = 4096;

export class Viewport {
  wrap = false;
  /** Stays at the end as lines come. */
  follow: boolean;
  private top: Place = { line: 0, row: 0 };
  private left = 0;
  /** Of the last drawing: keys that scroll are about what is seen. */
  private size: Size = { width: 80, height: 24 };
  private readonly source: LineSource;
  /** Rows of lines, for as long as one call lasts: the place and the window look at the same lines several times. */
  private readonly wrapped = new Map<number, Line[]>();

  constructor(source: LineSource, follow: boolean) {
    this.source = source;
    this.follow = follow;
  }

  /** Cells at the left that are not seen. */
  get hidden(): number {
    return this.left;
  }

  /** Number of the line at the top. */
  get topLine(): number {
    this.wrapped.clear();
    return this.place().line;
  }

  /** Rows of the window, at most `height`, each `width` cells. */
  rows(size: Size): Line[] {
    this.wrapped.clear();
    this.size = size;
    const { line: first, row: firstRow } = this.place();
    const rows: Line[] = [];
    for (let number = first; number < this.source.end && rows.length < size.height; number += 1) {
      const all = this.rowsOf(number);
      rows.push(...all.slice(number === first ? firstRow : 0));
    }
    return rows.slice(0, Math.max(0, size.height)).map((row) => fitLine(row, size.width));
  }

  /** Lines of which something is seen, counted from 1; [0, 0] when there are none. */
  seen(): readonly [number, number] {
    this.wrapped.clear();
    const { first, end } = this.source;
    if (end === first) return [0, 0];
    const { line, row } = this.place();
    let number = line;
    for (let rows = this.countOf(line) - row; rows < this.size.height && number + 1 < end; ) {
      number += 1;
      rows += this.countOf(number);
      if (rows >= this.size.height) break;
    }
    return [line - first + 1, number - first + 1];
  }

  scroll(rows: number): void {
    this.wrapped.clear();
    const from = this.place();
    if (rows < 0) this.follow = false;
    const to = this.step(from, rows);
    const last = this.lastPlace();
    this.top = before(last, to) ? last : to;
  }

  page(pages: number): void {
    this.scroll(pages * Math.max(1, this.size.height - 1));
  }

  toTop(): void {
    this.follow = false;
    this.top = { line: this.source.first, row: 0 };
  }

  toEnd(): void {
    this.wrapped.clear();
    this.top = this.lastPlace();
  }

  /** Brings a line into the window, a third from the top, unless it is in it. */
  show(line: number): void {
    this.wrapped.clear();
    const { first } = this.source;
    const [from, to] = this.seen();
    this.top = this.place();
    this.follow = false;
    if (line - first + 1 >= from && line - first + 1 <= to) return;
    const place = this.step({ line, row: 0 }, -Math.floor(this.size.height / 3));
    const last = this.lastPlace();
    this.top = before(last, place) ? last : place;
  }

  /** Keeps the line at the top there although its number changed. */
  moveTo(line: number): void {
    this.top = { line, row: 0 };
  }

  sideways(steps: number): void {
    if (this.wrap || (steps > 0 && !this.goesOn())) return;
    this.left = Math.min(SIDE_MAX, Math.max(0, this.left + steps * SIDE_STEP));
  }

  toggleWrap(): void {
    this.wrapped.clear();
    const { line } = this.place();
    this.wrap = !this.wrap;
    this.left = 0;
    this.top = { line, row: 0 };
  }

  /** Whether there is more to the right of the window. */
  private goesOn(): boolean {
    this.wrapped.clear();
    const { line } = this.place();
    const end = Math.min(this.source.end, line + this.size.height);
    for (let number = line; number < end; number += 1) {
      if (lineCells(this.source.line(number)) > this.left + this.size.width) return true;
    }
    return false;
  }

  private rowsOf(number: number): Line[] {
    if (!this.wrap) return [beyond(this.source.line(number), this.left)];
    const known = this.wrapped.get(number);
    if (known !== undefined) return known;
    const { width } = this.size;
    const rows = wrapLine(this.source.line(number), width, this.source.lead?.(number, width));
    this.wrapped.set(number, rows);
    return rows;
  }

  private countOf(number: number): number {
    return this.wrap ? this.rowsOf(number).length : 1;
  }

  /** Where the window begins: in a window that grew, no later than the end asks for. */
  private place(): Place {
    const last = this.lastPlace();
    if (this.follow) return last;
    const place = this.clamped();
    return before(last, place) ? last : place;
  }

  /** The place, where it is now: lines before the first one are gone. */
  private clamped(): Place {
    const { first, end } = this.source;
    if (this.top.line < first || end === first) return { line: first, row: 0 };
    if (this.top.line >= end) return this.lastPlace();
    const rows = this.countOf(this.top.line);
    return this.top.row < rows ? this.top : { line: this.top.line, row: rows - 1 };
  }

  /** The place from which the window shows the end. */
  private lastPlace(): Place {
    const { first, end } = this.source;
    if (end === first) return { line: first, row: 0 };
    const line = end - 1;
    return this.step({ line, row: this.countOf(line) - 1 }, 1 - Math.max(1, this.size.height));
  }

  private step({ line, row }: Place, rows: number): Place {
    const { first, end } = this.source;
    let at = row + rows;
    let number = line;
    while (at < 0 && number > first) {
      number -= 1;
      at += this.countOf(number);
    }
    if (at < 0) return { line: first, row: 0 };
    for (let count = this.countOf(number); at >= count; count = this.countOf(number)) {
      if (number + 1 >= end) return { line: number, row: count - 1 };
      at -= count;
      number += 1;
    }
    return { line: number, row: at };
  }
}

/** The line from a cell on; what is cut off at its left shows it, as at its right. */
function beyond(line: Line, left: number): Line {
  if (left === 0) return line;
  if (textOf(sliceLine(line, 0, left)).trim() === '') return sliceLine(line, left, SIDE_MAX);
  return [{ text: '…', meaning: 'dim' }, ...sliceLine(line, left + 1, SIDE_MAX)];
}

function before(a: Place, b: Place): boolean {
  return a.line < b.line || (a.line === b.line && a.row < b.row);
}
