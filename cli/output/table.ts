// Tables for people and awk: columns as wide as their widest cell, three blanks between them, nothing cut when piped.
import { colourWord } from './colour.js';
import { safeCell } from './terminal-safety.js';

export interface TableOptions {
  readonly headers: readonly string[];
  readonly noHeaders?: boolean;
  /** Columns whose words are coloured. */
  readonly coloured?: ReadonlySet<string>;
  /** Width of the terminal: the last column is cut to it. Undefined: nothing is cut. */
  readonly width?: number | undefined;
}

const MIN_WIDTH = 6;
const PADDING = 3;
/** A cut last column keeps at least this much. */
const LAST_MIN_WIDTH = 10;

/** Remembers the widths of what it printed, so that rows appended by a watch stand under the first ones. */
export class Table {
  private readonly options: TableOptions;
  private readonly widths: number[];
  private headerPrinted: boolean;

  constructor(options: TableOptions) {
    this.options = options;
    this.widths = options.headers.map(() => MIN_WIDTH);
    this.headerPrinted = options.noHeaders === true;
  }

  /** The text of `rows`; the first call that has rows begins with the headers. */
  render(rows: readonly (readonly string[])[]): string {
    if (rows.length === 0) return '';
    const safe = rows.map((row) => row.map(safeCell));
    const all = this.headerPrinted ? safe : [this.options.headers, ...safe];
    for (const row of all) {
      row.forEach((cell, column) => {
        this.widths[column] = Math.max(this.widths[column] ?? MIN_WIDTH, cellWidth(cell) + PADDING);
      });
    }
    const header = this.headerPrinted ? '' : this.line(this.options.headers, false);
    this.headerPrinted = true;
    return header + safe.map((row) => this.line(row, true)).join('');
  }

  private line(cells: readonly string[], body: boolean): string {
    let text = '';
    let used = 0;
    cells.forEach((cell, column) => {
      const last = column === cells.length - 1;
      const fit = last ? this.cut(cell, used) : cell;
      const coloured = body && this.options.coloured?.has(this.options.headers[column] ?? '');
      const width = this.widths[column] ?? MIN_WIDTH;
      text += (coloured ? colourWord(fit) : fit) + (last ? '' : ' '.repeat(width - cellWidth(fit)));
      used += width;
    });
    return `${text.trimEnd()}\n`;
  }

  private cut(cell: string, used: number): string {
    if (this.options.width === undefined) return cell;
    const room = Math.max(LAST_MIN_WIDTH, this.options.width - used);
    return cellWidth(cell) <= room ? cell : `${[...cell].slice(0, room - 3).join('')}...`;
  }
}

/** Columns of a terminal, counting code points: exact for what names and states are made of. */
function cellWidth(text: string): number {
  let width = 0;
  for (const _ of text) width += 1;
  return width;
}
