// How wide the columns of a table are, and which have a place. NAME and STATUS always have one; of the others those go first
// that say the least, then from right to left, when the terminal is narrow (T-51).

export interface ColumnNeed {
  readonly name: string;
  /** Cells of the widest text seen. */
  readonly width: number;
}

export interface PlacedColumn {
  /** Into the columns that were asked for. */
  readonly index: number;
  readonly width: number;
}

export const COLUMN_GAP = 2;
/** What stays of a column at least, that is cut for want of room. */
const MIN_WIDTH = 8;
/** Longer texts of these are cut to this much before a column goes. */
const LEAST_WIDTHS: Readonly<Record<string, number>> = { SCHEDULE: 10, OBJECT: 14, AGENT: 12, STATUS: 20 };
/** A longer name is cut when others want the room. */
const NAME_SHARE = 0.25;
const NAME_LEAST = 16;
const KEPT = new Set(['NAME', 'STATUS', 'TYPE', 'MESSAGE']);

/** What says the least goes before the others, in this order. These go rather than that names and schedules are cut short. */
const MINOR = ['TRIGGER', 'VERSION', 'LABELS', 'DESCRIPTION', 'REASON', 'AGE'];
/** How tasks and agents do is more than what they are meant to do. */
const LESSER = ['TASKS', 'LOAD', 'SCHEDULE', 'CLUSTER'];
/** What is enough of a long one, as long as there are minor columns. */
const ENOUGH_NAME_SHARE = 0.3;
const ENOUGH_SCHEDULE = 18;
const ENOUGH_MESSAGE = 36;

type Wanted = ColumnNeed & { readonly index: number };

/**
 * @param offset columns that are left out at the left, behind NAME.
 * @param sorted the column of the order: without it nobody could tell why rows stand as they do.
 */
export function layoutColumns(
  needs: readonly ColumnNeed[],
  width: number,
  offset = 0,
  sorted?: string,
): PlacedColumn[] {
  const first = needs.findIndex(({ name }) => name === 'NAME');
  const kept = needs
    .map(({ name, width: wanted }, index) => ({ index, name, width: wanted }))
    .filter(({ index }, i) => index === first || i < first || i > first + offset || first === -1);
  return shrink(fitting(kept, width, sorted), width, first);
}

function fitting(kept: readonly Wanted[], width: number, sorted: string | undefined): readonly Wanted[] {
  const going = (name: string): boolean => !KEPT.has(name) && name !== sorted;
  let shown = kept;
  for (const minor of MINOR) {
    if (enough(shown, width) <= width || !going(minor)) continue;
    shown = shown.filter(({ name }) => name !== minor);
  }
  const gone: Wanted[] = [];
  while (shown.length > 1 && least(shown, width) > width) {
    const lesser = LESSER.find((name) => going(name) && shown.some((column) => column.name === name));
    const goes = shown.findLast(({ name }) => (lesser === undefined ? going(name) : name === lesser));
    if (goes === undefined) break;
    shown = shown.filter((column) => column !== goes);
    gone.push(goes);
  }
  // A narrow one may have room where a wider one had none.
  for (const column of gone.reverse()) {
    const more = kept.filter((one) => one === column || shown.includes(one));
    if (least(more, width) <= width) shown = more;
  }
  return shown;
}

function enough(columns: readonly Wanted[], width: number): number {
  const cells = ({ name, width: wanted }: Wanted): number => {
    if (name === 'NAME') return Math.min(wanted, Math.max(NAME_LEAST, Math.floor(width * ENOUGH_NAME_SHARE)));
    if (name === 'MESSAGE') return Math.min(wanted, ENOUGH_MESSAGE);
    return name === 'SCHEDULE' ? Math.min(wanted, ENOUGH_SCHEDULE) : wanted;
  };
  const last = columns.at(-1);
  const cut = last !== undefined && isLast(columns.length - 1, columns.length, last.name) && last.name !== 'MESSAGE';
  return sum(columns.map((column) => (cut && column === last ? lastCells(column) : cells(column))));
}

function least(columns: readonly Wanted[], width: number): number {
  const cells = ({ name, width: wanted }: Wanted): number =>
    Math.min(wanted, name === 'NAME' ? nameLeast(width) : (LEAST_WIDTHS[name] ?? wanted));
  return sum(columns.map((column, i) => (isLast(i, columns.length, column.name) ? lastCells(column) : cells(column))));
}

const nameLeast = (width: number): number => Math.max(NAME_LEAST, Math.floor(width * NAME_SHARE));
const lastCells = ({ name, width }: Wanted): number => Math.min(width, lastLeast(name));

/** The last column may be cut when it is text. */
const CUTTABLE = new Set(['MESSAGE', 'COMMAND', 'LABELS', 'DESCRIPTION', 'REASON']);
/** Less of a text says nothing. */
const LAST_LEAST: Readonly<Record<string, number>> = {
  MESSAGE: 20,
  DESCRIPTION: 16,
  COMMAND: 12,
  LABELS: 12,
  REASON: 12,
};
const lastLeast = (name: string): number => LAST_LEAST[name] ?? MIN_WIDTH;
const isLast = (i: number, count: number, name: string): boolean => i === count - 1 && CUTTABLE.has(name);

/** Takes what is too much from the last text while enough of it is left, then from name, schedule and the like, then from the widest. */
function shrink(columns: readonly Wanted[], width: number, first: number): PlacedColumn[] {
  const placed = columns.map((column) => ({ ...column }));
  let excess = sum(placed.map((column) => column.width)) - width;
  const cut = (column: { width: number } | undefined, least: number): void => {
    if (column === undefined || excess <= 0) return;
    const taken = Math.min(excess, Math.max(0, column.width - least));
    column.width -= taken;
    excess -= taken;
  };
  const last = placed.at(-1);
  const text = last !== undefined && CUTTABLE.has(last.name) ? last : undefined;
  if (text !== undefined) cut(text, text.name === 'MESSAGE' ? ENOUGH_MESSAGE : lastLeast(text.name));
  cut(
    placed.find(({ index }) => index === first),
    nameLeast(width),
  );
  for (const column of placed) cut(column, LEAST_WIDTHS[column.name] ?? column.width);
  if (text !== undefined) cut(text, lastLeast(text.name));
  for (const column of [...placed].sort((a, b) => b.width - a.width)) cut(column, MIN_WIDTH);
  return placed.map(({ index, width: cells }) => ({ index, width: cells }));
}

const sum = (widths: readonly number[]): number =>
  widths.reduce((total, width) => total + width, 0) + COLUMN_GAP * Math.max(0, widths.length - 1);
