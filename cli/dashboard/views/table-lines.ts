// A table as lines: a header, and one line per row that is visible. Rows that are not visible are not looked at.
import type { ApiObject } from '../../resources/api-object.js';
import { cellsOf, fit, fitLine, fitMiddle, type Line, type Meaning, type Span } from '../text/line.js';
import { isFault } from './faults.js';
import type { Filter, Range } from './filter.js';
import { statusMeaning, statusText } from './glyphs.js';
import type { TableColumn } from './table-columns.js';
import { COLUMN_GAP, type ColumnNeed, layoutColumns, type PlacedColumn } from './table-layout.js';
import type { SortOrder } from './table-rows.js';

export interface TableView {
  readonly columns: readonly TableColumn[];
  readonly objects: readonly ApiObject[];
  /** First visible row. */
  readonly top: number;
  readonly selected: number;
  readonly marks: ReadonlySet<string>;
  readonly sort: SortOrder;
  readonly filter: Filter | undefined;
  readonly columnOffset: number;
  /** Widest text per column so far: columns do not jump while one scrolls. Written here. */
  readonly widths: Map<string, number>;
  /** Data is not current. */
  readonly dimmed: boolean;
}

/** Cells before the first column: cursor and mark. */
const GUTTER = 2;
const STATUS_COLUMNS = new Set(['STATUS', 'TYPE']);
const DIM_COLUMNS = new Set(['AGE', 'LAST-SEEN', 'FIRST-SEEN', 'NAMESPACE', 'HEARTBEAT']);

export function tableLines(
  view: TableView,
  size: { width: number; height: number },
  context: { now: number; ascii: boolean },
): Line[] {
  const { columns, objects, top } = view;
  const visible = objects.slice(top, top + size.height - 1);
  const texts = visible.map((object) => columns.map((column) => cellText(column, object, context)));
  const needs = columns.map(({ name }, i) => ({ name, width: widest(view.widths, name, texts, i) }));
  const placed = placeColumns(view, needs, size.width - GUTTER);
  const lines: Line[] = [headerLine(view, placed, size.width, context.ascii)];
  for (const [i, object] of visible.entries()) {
    lines.push(rowLine(view, { object, index: top + i, texts: texts[i] ?? [] }, placed, size.width, context));
  }
  return lines;
}

/** The arrow of the order stands in the gap behind its column, so that sorting moves nothing; behind the last one it needs a cell. */
function placeColumns({ columns, sort, columnOffset }: TableView, needs: ColumnNeed[], width: number): PlacedColumn[] {
  const placed = layoutColumns(needs, width, columnOffset, sort.column);
  const last = columns[placed.at(-1)?.index ?? -1];
  return last?.name === sort.column ? layoutColumns(needs, width - 1, columnOffset, sort.column) : placed;
}

function cellText(column: TableColumn, object: ApiObject, { now, ascii }: { now: number; ascii: boolean }): string {
  const text = column.text(object, now);
  if (STATUS_COLUMNS.has(column.name)) return statusText(text, ascii, isFault(object, now));
  return NOTHING.has(text) ? EMPTY : text;
}

/** What is not there is no news: it is read past, and takes no more room than that. */
const NOTHING = new Set(['<none>', '<unknown>', '<suspended>']);
const EMPTY = '–';

function widest(widths: Map<string, number>, name: string, texts: readonly string[][], index: number): number {
  let width = widths.get(name) ?? name.length;
  for (const cells of texts) width = Math.max(width, cellsOf(cells[index] ?? ''));
  widths.set(name, width);
  return width;
}

function headerLine(view: TableView, placed: readonly PlacedColumn[], width: number, ascii: boolean): Line {
  const [up, down] = ascii ? ['^', 'v'] : ['↑', '↓'];
  const spans: Span[] = [{ text: hiddenSides(view, placed, ascii), meaning: 'key' }];
  for (const { index, width: cells } of placed) {
    const column = view.columns[index];
    if (column === undefined) continue;
    const sorted = column.name === view.sort.column;
    const meaning = sorted ? 'accent' : 'title';
    const arrow = sorted ? (view.sort.descending ? down : up) : '';
    // The arrow stays beside the word where the column is wider than it.
    const word = column.align === 'left' ? column.name + arrow : column.name;
    const cut = cellsOf(word) > cells;
    const look = { meaning, bold: true, click: { column: column.name } } as const;
    spans.push({ ...look, text: fit(cut ? column.name : word, cells, column.align) });
    spans.push({ ...look, text: fit(cut || column.align === 'right' ? arrow : '', COLUMN_GAP) });
  }
  return fitLine(trimEnd(spans), width);
}

/** Arrows, like the keys that lead there, towards columns that have no place. */
function hiddenSides({ columns, columnOffset }: TableView, placed: readonly PlacedColumn[], ascii: boolean): string {
  const [left, right, both] = ascii ? ['<-', '->', '<>'] : ['←', '→', '←→'];
  const more = placed.length + columnOffset < columns.length;
  const shown = more ? (columnOffset > 0 ? both : right) : columnOffset > 0 ? left : '';
  return shown.padEnd(GUTTER);
}

/** Blanks at the end are not what would be cut. */
function trimEnd(spans: readonly Span[]): Line {
  const last = spans.at(-1);
  return last === undefined ? spans : [...spans.slice(0, -1), { ...last, text: last.text.trimEnd() }];
}

interface Row {
  readonly object: ApiObject;
  readonly index: number;
  readonly texts: readonly string[];
}

function rowLine(
  view: TableView,
  { object, index, texts }: Row,
  placed: readonly PlacedColumn[],
  width: number,
  { now, ascii }: { now: number; ascii: boolean },
): Line {
  const fault = !view.dimmed && isFault(object, now);
  const selected = index === view.selected;
  const marked = view.marks.has(object.metadata.uid);
  const cursor = selected ? (ascii ? '>' : '▸') : ' ';
  const spans: Span[] = [{ text: cursor + (marked ? '*' : ' '), meaning: 'accent', click: { row: index } }];
  for (const [i, { index: column, width: cells }] of placed.entries()) {
    const { name = '', align = 'left', cut } = view.columns[column] ?? {};
    const whole = texts[column] ?? '';
    const text = cut === 'middle' ? fitMiddle(whole, cells) : fit(whole, cells, align);
    const meaning =
      fault && name === 'NAME' ? faultMeaning(view.columns, texts) : cellMeaning(name, whole, view.dimmed);
    spans.push(gap(i), ...highlighted(text, meaning, view.filter));
  }
  const line = fitLine(spans, width);
  if (selected) return line.map((span) => ({ ...span, inverse: true as const }));
  return marked ? line.map((span) => ({ ...span, bold: true as const })) : line;
}

const gap = (i: number): Span => ({ text: i === 0 ? '' : ' '.repeat(COLUMN_GAP) });

/** As bad as its status says; where that is good, something else is wrong. */
function faultMeaning(columns: readonly TableColumn[], texts: readonly string[]): Meaning {
  const index = columns.findIndex(({ name }) => STATUS_COLUMNS.has(name));
  return statusMeaning((texts[index] ?? '').slice(2)) === 'warn' ? 'warn' : 'bad';
}

function cellMeaning(name: string, text: string, dimmed: boolean): Meaning {
  if (dimmed || DIM_COLUMNS.has(name) || text.startsWith('<') || text === EMPTY) return 'dim';
  if (STATUS_COLUMNS.has(name)) {
    const meaning = statusMeaning(text.slice(2));
    return meaning === 'ok' && text.startsWith('!') ? 'warn' : meaning;
  }
  if (text === 'overdue') return 'bad';
  if (name === 'LAST-RUN') return statusMeaning(text.split('/')[0] ?? '');
  return 'plain';
}

/** What the filter found stands out; the rest keeps its meaning. */
function highlighted(text: string, meaning: Meaning, filter: Filter | undefined): Span[] {
  const ranges: readonly Range[] = filter?.ranges(text) ?? [];
  const spans: Span[] = [];
  let at = 0;
  for (const [from, to] of ranges) {
    if (from > at) spans.push({ text: text.slice(at, from), meaning });
    spans.push({ text: text.slice(from, to), meaning: 'match' });
    at = to;
  }
  if (at < text.length) spans.push({ text: text.slice(at), meaning });
  return spans;
}
