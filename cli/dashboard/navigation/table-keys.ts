// Keys of a table that change how it looks and nothing else.
import type { TableScreen } from './table-screen.js';

type Look = (screen: TableScreen) => void;

/** The same key again turns the order round. */
export const sortBy =
  (column: string): Look =>
  (screen) => {
    if (!screen.columns.some(({ name }) => name === column)) return;
    const again = screen.sort.column === column;
    screen.sort = { column, descending: again && !screen.sort.descending };
  };

const sortBeside =
  (by: number): Look =>
  (screen) => {
    const { columns, sort } = screen;
    const index = columns.findIndex(({ name }) => name === sort.column) + by;
    const column = columns[(index + columns.length) % columns.length];
    if (column !== undefined) screen.sort = { column: column.name, descending: false };
  };

export const lookHandlers = {
  sortLastRun: sortBy('LAST-RUN'),
  sortNextRun: sortBy('NEXT-RUN'),
  sortName: sortBy('NAME'),
  sortAge: (screen) => sortBy(screen.resource.kind === 'Event' ? 'LAST-SEEN' : 'AGE')(screen),
  sortStatus: (screen) => sortBy(screen.resource.kind === 'Event' ? 'TYPE' : 'STATUS')(screen),
  sortNamespace: sortBy('NAMESPACE'),
  sortColumnLeft: sortBeside(-1),
  sortColumnRight: sortBeside(1),
  sortReverse: (screen) => {
    screen.sort = { ...screen.sort, descending: !screen.sort.descending };
  },
  columnsRight: (screen) => {
    screen.columnOffset = Math.min(screen.columnOffset + 1, Math.max(0, screen.columns.length - 2));
  },
  columnsLeft: (screen) => {
    screen.columnOffset = Math.max(0, screen.columnOffset - 1);
  },
  wide: (screen) => {
    screen.wide = !screen.wide;
  },
  faults: (screen) => {
    screen.faultsOnly = !screen.faultsOnly;
  },
  mark: (screen) => {
    const uid = screen.selected?.metadata.uid;
    if (uid === undefined) return;
    if (!screen.marks.delete(uid)) screen.marks.add(uid);
    screen.cursor.move(1);
  },
  markRange: (screen) => markRange(screen),
  clearMarks: (screen) => screen.marks.clear(),
} as const satisfies Record<string, Look>;

export type LookAction = keyof typeof lookHandlers;

/** From the nearest mark above to the cursor; without one above, from the cursor alone. */
function markRange(screen: TableScreen): void {
  const { objects } = screen.rows();
  const { index } = screen.cursor;
  const above = objects.slice(0, index).findLastIndex(({ metadata }) => screen.marks.has(metadata.uid));
  const from = above === -1 ? index : above;
  for (const { metadata } of objects.slice(from, index + 1)) screen.marks.add(metadata.uid);
}
