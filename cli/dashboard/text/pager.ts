// A text one reads in the dashboard: a description, YAML, a difference. Scrolls, wraps, searches.

import { hangingCells } from './hanging.js';
import { highlightText, type Syntax } from './highlight.js';
import { fitLine, type Line, lineCells, type Span } from './line.js';
import { compilePattern, matches, type Pattern, stretchesOf } from './pattern.js';
import { markStretches, textOf } from './spans.js';
import { type LineSource, type Size, Viewport } from './viewport.js';

export class TextPager implements LineSource {
  readonly first = 0;
  fullScreen = false;
  /** Further words for the last row: what else is switched, how old the text is. */
  aside: () => readonly string[] = () => [];
  private syntax: Syntax = 'plain';
  private all: readonly Line[] = [];
  private pattern: Pattern | undefined;
  /** Numbers of the lines that match, ascending. */
  private found: number[] = [];
  private current = 0;
  private readonly view = new Viewport(this, false);

  get end(): number {
    return this.all.length;
  }

  line(number: number): Line {
    const line = this.all[number] ?? [];
    if (this.pattern === undefined) return line;
    const marked = markStretches(line, stretchesOf(this.pattern, textOf(line)));
    // Of many matches the one that `n` went to is seen among the others.
    return number === this.found[this.current] ? marked.map(asCurrent) : marked;
  }

  lead(number: number, width: number): Line {
    const cells = hangingCells(textOf(this.all[number] ?? []), this.syntax, width);
    return cells === 0 ? [] : [{ text: ' '.repeat(cells) }];
  }

  /** The same text again, perhaps changed: place and search stay. */
  setLines(lines: readonly Line[]): void {
    this.all = lines;
    this.find();
  }

  setText(text: string, syntax: Syntax = 'plain'): void {
    this.syntax = syntax;
    this.setLines(highlightText(text, syntax));
  }

  /** Goes to the first match from the top of the window on. An empty pattern ends the search. */
  search(source: string): void {
    this.pattern = source === '' ? undefined : compilePattern(source);
    this.find();
    if (this.found.length === 0) return;
    const next = this.found.findIndex((line) => line >= this.view.topLine);
    this.current = Math.max(0, next);
    this.showCurrent();
  }

  /** `n`: the next line that matches; after the last one the first. */
  nextMatch(): void {
    this.turn(1);
  }

  previousMatch(): void {
    this.turn(-1);
  }

  get searching(): boolean {
    return this.pattern !== undefined;
  }

  /** Why the pattern is looked for literally. */
  get note(): string | undefined {
    return this.pattern?.note;
  }

  scroll(rows: number): void {
    this.view.scroll(rows);
  }

  page(pages: number): void {
    this.view.page(pages);
  }

  toTop(): void {
    this.view.toTop();
  }

  toEnd(): void {
    this.view.toEnd();
  }

  sideways(steps: number): void {
    this.view.sideways(steps);
  }

  toggleWrap(): void {
    this.view.toggleWrap();
  }

  toggleFullScreen(): void {
    this.fullScreen = !this.fullScreen;
  }

  /** The window, and in its last row where it is. Exactly `height` rows. */
  lines(size: Size): Line[] {
    const { width, height } = size;
    if (height <= 0) return [];
    const body = this.view.rows({ width, height: Math.max(1, height - 1) });
    while (body.length < height - 1) body.push(fitLine([], width));
    return height === 1 ? body : [...body, fitLine(this.position(width), width)];
  }

  /** ` Lines 12-35 of 480   Match 2 of 7   Wrap:Off   Read 12:00:05Z`: what there is no room for is left out from the end. */
  position(width = Number.POSITIVE_INFINITY): Line {
    const [from, to] = this.view.seen();
    const { hidden } = this.view;
    const place = to === 0 ? 'Empty' : `Lines ${from}-${to} of ${this.all.length}`;
    const column = hidden === 0 ? '' : `, from column ${hidden + 1}`;
    const found: Line =
      this.pattern === undefined ? [] : [{ text: '   ' }, { text: this.matchWords(), meaning: 'match' }];
    const line: Span[] = [{ text: ` ${place}${column}` }, ...found];
    for (const words of [`Wrap:${this.view.wrap ? 'On' : 'Off'}`, ...this.aside()]) {
      const part: Span = { text: `   ${words}`, meaning: 'dim' };
      if (lineCells([...line, part]) > width) break;
      line.push(part);
    }
    return line;
  }

  /** Everything as text, for the clipboard. */
  text(): string {
    return `${this.all.map(textOf).join('\n')}\n`;
  }

  private matchWords(): string {
    return this.found.length === 0 ? 'No match' : `Match ${this.current + 1} of ${this.found.length}`;
  }

  private find(): void {
    const { pattern } = this;
    this.found = [];
    if (pattern !== undefined) {
      for (const [number, line] of this.all.entries()) if (matches(pattern, textOf(line))) this.found.push(number);
    }
    this.current = Math.min(this.current, Math.max(0, this.found.length - 1));
  }

  private turn(by: 1 | -1): void {
    const count = this.found.length;
    if (count === 0) return;
    this.current = (this.current + by + count) % count;
    this.showCurrent();
  }

  private showCurrent(): void {
    const line = this.found[this.current];
    if (line !== undefined) this.view.show(line);
  }
}

function asCurrent(span: Span): Span {
  return span.meaning === 'match' ? { ...span, inverse: true } : span;
}
