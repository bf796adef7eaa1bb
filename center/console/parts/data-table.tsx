// A table of many objects: sorted by a column, a page at a time. Sort and page are in the address.
import { ChevronDown, ChevronLeft, ChevronRight, ChevronUp } from 'lucide-react';
import { memo, type ReactNode, startTransition, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useSearchParams } from 'wouter';
import type { PageOf } from '../state/use-page.js';
import { grouped } from '../text/numbers.js';

export interface DataColumn<T> {
  readonly name: string;
  readonly cell: (object: T) => ReactNode;
  /** What to sort by; a column without it, and without a field, cannot be sorted. */
  readonly by?: (object: T) => string | number;
  /** What the center sorts by. */
  readonly field?: string;
  /** Left out where there is little room. */
  readonly wide?: true;
  readonly right?: true;
  /** Where a row is a card: beside its neighbour, which is a half, too. */
  readonly half?: true;
}

interface TableProps<T> {
  /** For screen readers. */
  readonly caption: string;
  readonly columns: readonly DataColumn<T>[];
  readonly keyOf: (object: T) => string;
  /** Name of a column, with `-` before it for the other way round. */
  readonly sorted: string;
  readonly selection?: { readonly keys: ReadonlySet<string>; readonly change: (keys: ReadonlySet<string>) => void };
  readonly nameOf?: (object: T) => string;
}

const PAGE_ROWS = 50;
/** As many as a window shows: they are painted while the others, and what is below them, are still being made. */
const ROWS_AT_FIRST = 20;
const UNSEEN_MS = 500;

/** All of the objects are here: sorted and cut into pages in the browser. */
export function DataTable<T>({ items, ...props }: TableProps<T> & { readonly items: readonly T[] }) {
  const { columns } = props;
  const [parameters, setParameters] = useSearchParams();
  const sort = parameters.get('sort') ?? props.sorted;
  const rows = useMemo(() => sortedBy(items, columns, sort), [items, columns, sort]);
  const pages = Math.max(1, Math.ceil(rows.length / PAGE_ROWS));
  const page = Math.min(pages, Math.max(1, Number(parameters.get('page')) || 1));
  const shown = rows.slice((page - 1) * PAGE_ROWS, page * PAGE_ROWS);
  const go = (to: number) =>
    setParameters(
      (before) => {
        const after = new URLSearchParams(before);
        after.set('page', String(to));
        return after;
      },
      { replace: true },
    );
  return (
    <>
      <Rows {...props} rows={shown} />
      {pages > 1 && (
        <Pager
          first={(page - 1) * PAGE_ROWS + 1}
          count={shown.length}
          total={rows.length}
          back={page === 1 ? undefined : () => go(page - 1)}
          forward={page === pages ? undefined : () => go(page + 1)}
        />
      )}
    </>
  );
}

/** One page of objects that the center has sorted. */
export function PagedTable<T>({ page, ...props }: TableProps<T> & { readonly page: PageOf<T> }) {
  const { items, first, total, back, forward, waiting } = page;
  const [whole, setWhole] = useState(false);
  useEffect(() => {
    // After the frame that paints the first rows; a page that nobody sees has no frames, and is whole after a moment, too.
    const timer = setTimeout(() => startTransition(() => setWhole(true)), UNSEEN_MS);
    const frame = requestAnimationFrame(() => setTimeout(() => startTransition(() => setWhole(true))));
    return () => {
      clearTimeout(timer);
      cancelAnimationFrame(frame);
    };
  }, []);
  const rows = whole ? items : items.slice(0, ROWS_AT_FIRST);
  return (
    <div aria-busy={waiting}>
      <Rows {...props} rows={rows} />
      {rows.length === items.length && (back !== undefined || forward !== undefined) && (
        <Pager {...{ first, count: items.length, total, back, forward }} />
      )}
    </div>
  );
}

/** What the center is to sort by: the field of the column that the address names. */
export function useSortField<T>(columns: readonly DataColumn<T>[], sorted: string): string {
  const [parameters] = useSearchParams();
  const fieldOf = (sort: string) => {
    const field = columns.find(({ name }) => name === sort.replace(/^-/, ''))?.field;
    return field === undefined ? undefined : `${sort.startsWith('-') ? '-' : ''}${field}`;
  };
  return fieldOf(parameters.get('sort') ?? sorted) ?? fieldOf(sorted) ?? 'metadata.name';
}

function Rows<T>(props: TableProps<T> & { readonly rows: readonly T[] }) {
  const { caption, columns, rows, keyOf, selection, nameOf } = props;
  const [parameters, setParameters] = useSearchParams();
  const sort = parameters.get('sort') ?? props.sorted;
  const order = (by: string) =>
    setParameters(
      (before) => {
        const after = new URLSearchParams(before);
        after.set('sort', by);
        for (const page of ['page', 'after']) after.delete(page);
        return after;
      },
      { replace: true },
    );
  const shown = useRef(props);
  useEffect(() => {
    shown.current = props;
  });
  const onToggle = useCallback((object: T) => {
    const { selection: now, keyOf: key } = shown.current;
    now?.change(withPage(now.keys, [key(object)], !now.keys.has(key(object))));
  }, []);
  const all = selection !== undefined && rows.length > 0 && rows.every((object) => selection.keys.has(keyOf(object)));
  return (
    <div className="table-box">
      <table className="data stacked">
        <caption className="visually-hidden">{caption}</caption>
        <thead>
          <tr>
            {selection !== undefined && (
              <th className="check" scope="col">
                <input
                  type="checkbox"
                  aria-label="Select all of this page"
                  checked={all}
                  onChange={() => selection.change(withPage(selection.keys, rows.map(keyOf), !all))}
                />
              </th>
            )}
            {columns.map((column) => (
              <HeadCell key={column.name} column={column} sort={sort} onSort={order} />
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((object) => (
            <Row
              key={keyOf(object)}
              {...{ object, columns, onToggle }}
              label={selection === undefined ? undefined : `Select ${nameOf?.(object) ?? keyOf(object)}`}
              selected={selection?.keys.has(keyOf(object)) === true}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface RowProps<T> {
  readonly object: T;
  readonly columns: readonly DataColumn<T>[];
  readonly selected: boolean;
  /** Of its box; undefined where nothing can be selected. */
  readonly label: string | undefined;
  readonly onToggle: (object: T) => void;
}

/** Drawn anew only when its object is another, or selected: whoever types over a table would wait for all of it. */
const Row = memo(function Row<T>({ object, columns, selected, label, onToggle }: RowProps<T>) {
  return (
    <tr className={selected ? 'selected' : undefined}>
      {label !== undefined && (
        <td className="check">
          <input type="checkbox" aria-label={label} checked={selected} onChange={() => onToggle(object)} />
        </td>
      )}
      {columns.map((column, index) => (
        <td key={column.name} className={classOf(column, index === 0)} data-label={column.name}>
          {column.cell(object)}
        </td>
      ))}
    </tr>
  );
}) as <T>(props: RowProps<T>) => ReactNode;

interface PagerProps {
  /** Number of the first row, from 1. */
  readonly first: number;
  readonly count: number;
  /** undefined: many. */
  readonly total: number | undefined;
  readonly back: (() => void) | undefined;
  readonly forward: (() => void) | undefined;
}

function Pager({ first, count, total, back, forward }: PagerProps) {
  return (
    <nav className="pager" aria-label="Pages of the table">
      <span>
        {grouped(first)}–{grouped(first + count - 1)} of {total === undefined ? 'many' : grouped(total)}
      </span>
      <button
        type="button"
        className="icon-button"
        aria-label="Page before"
        disabled={back === undefined}
        onClick={back}
      >
        <ChevronLeft aria-hidden />
      </button>
      <button
        type="button"
        className="icon-button"
        aria-label="Next page"
        disabled={forward === undefined}
        onClick={forward}
      >
        <ChevronRight aria-hidden />
      </button>
    </nav>
  );
}

interface HeadCellProps<T> {
  readonly column: DataColumn<T>;
  readonly sort: string;
  readonly onSort: (by: string) => void;
}

function HeadCell<T>({ column, sort, onSort }: HeadCellProps<T>) {
  const down = sort === `-${column.name}`;
  const up = sort === column.name;
  if (column.by === undefined && column.field === undefined) {
    return (
      <th scope="col" className={classOf(column)}>
        {column.name}
      </th>
    );
  }
  return (
    <th scope="col" className={classOf(column)} aria-sort={up ? 'ascending' : down ? 'descending' : undefined}>
      <button type="button" className="sort" onClick={() => onSort(up ? `-${column.name}` : column.name)}>
        {column.name}
        {up && <ChevronUp aria-hidden />}
        {down && <ChevronDown aria-hidden />}
      </button>
    </th>
  );
}

function classOf<T>({ wide, right, half }: DataColumn<T>, lead = false): string | undefined {
  const all = [
    lead ? 'lead' : '',
    wide ? 'hide-narrow' : '',
    right ? 'right' : '',
    half ? 'half' : '',
    half && right ? 'end' : '',
  ];
  return all.filter(Boolean).join(' ') || undefined;
}

function sortedBy<T>(items: readonly T[], columns: readonly DataColumn<T>[], sort: string): readonly T[] {
  const by = columns.find(({ name }) => name === sort.replace(/^-/, ''))?.by;
  if (by === undefined) return items;
  const sign = sort.startsWith('-') ? -1 : 1;
  const keyed = items.map((object) => ({ object, key: by(object) }));
  keyed.sort((a, b) => (a.key < b.key ? -sign : a.key > b.key ? sign : 0));
  return keyed.map(({ object }) => object);
}

function withPage(keys: ReadonlySet<string>, of: readonly string[], selected: boolean): ReadonlySet<string> {
  const after = new Set(keys);
  for (const key of of) {
    if (selected) after.add(key);
    else after.delete(key);
  }
  return after;
}
