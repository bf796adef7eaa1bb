// A table of many objects: sorted by a column, a page at a time. Sort and page are in the address.
import { ChevronDown, ChevronLeft, ChevronRight, ChevronUp } from 'lucide-react';
import { type ReactNode, useMemo } from 'react';
import { useSearchParams } from 'wouter';

export interface DataColumn<T> {
  readonly name: string;
  readonly cell: (object: T) => ReactNode;
  /** What to sort by; a column without it cannot be sorted. */
  readonly by?: (object: T) => string | number;
  /** Left out where there is little room. */
  readonly wide?: true;
  readonly right?: true;
}

interface DataTableProps<T> {
  /** For screen readers. */
  readonly caption: string;
  readonly columns: readonly DataColumn<T>[];
  readonly items: readonly T[];
  readonly keyOf: (object: T) => string;
  /** Name of a column, with `-` before it for the other way round. */
  readonly sorted: string;
  readonly selection?: { readonly keys: ReadonlySet<string>; readonly change: (keys: ReadonlySet<string>) => void };
  readonly nameOf?: (object: T) => string;
}

const PAGE_ROWS = 50;

export function DataTable<T>(props: DataTableProps<T>) {
  const { caption, columns, items, keyOf, selection, nameOf } = props;
  const [parameters, setParameters] = useSearchParams();
  const sort = parameters.get('sort') ?? props.sorted;
  const rows = useMemo(() => sortedBy(items, columns, sort), [items, columns, sort]);
  const pages = Math.max(1, Math.ceil(rows.length / PAGE_ROWS));
  const page = Math.min(pages, Math.max(1, Number(parameters.get('page')) || 1));
  const shown = rows.slice((page - 1) * PAGE_ROWS, page * PAGE_ROWS);
  const change = (changes: Record<string, string>) =>
    setParameters(
      (before) => {
        const after = new URLSearchParams(before);
        for (const [key, value] of Object.entries(changes)) after.set(key, value);
        return after;
      },
      { replace: true },
    );
  const all = selection !== undefined && shown.length > 0 && shown.every((object) => selection.keys.has(keyOf(object)));
  return (
    <>
      <div className="table-box">
        <table className="data">
          <caption className="visually-hidden">{caption}</caption>
          <thead>
            <tr>
              {selection !== undefined && (
                <th className="check" scope="col">
                  <input
                    type="checkbox"
                    aria-label="Select all of this page"
                    checked={all}
                    onChange={() => selection.change(all ? new Set() : new Set(shown.map(keyOf)))}
                  />
                </th>
              )}
              {columns.map((column) => (
                <HeadCell
                  key={column.name}
                  column={column}
                  sort={sort}
                  onSort={(by) => change({ sort: by, page: '1' })}
                />
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((object) => {
              const key = keyOf(object);
              return (
                <tr key={key} className={selection?.keys.has(key) ? 'selected' : undefined}>
                  {selection !== undefined && (
                    <td className="check">
                      <input
                        type="checkbox"
                        aria-label={`Select ${nameOf?.(object) ?? key}`}
                        checked={selection.keys.has(key)}
                        onChange={() => selection.change(toggled(selection.keys, key))}
                      />
                    </td>
                  )}
                  {columns.map((column) => (
                    <td key={column.name} className={classOf(column)}>
                      {column.cell(object)}
                    </td>
                  ))}
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      {pages > 1 && (
        <nav className="pager" aria-label="Pages of the table">
          <span>
            {(page - 1) * PAGE_ROWS + 1}–{Math.min(rows.length, page * PAGE_ROWS)} of {rows.length.toLocaleString('en')}
          </span>
          <button
            type="button"
            className="icon-button"
            aria-label="Page before"
            disabled={page === 1}
            onClick={() => change({ page: String(page - 1) })}
          >
            <ChevronLeft aria-hidden />
          </button>
          <button
            type="button"
            className="icon-button"
            aria-label="Next page"
            disabled={page === pages}
            onClick={() => change({ page: String(page + 1) })}
          >
            <ChevronRight aria-hidden />
          </button>
        </nav>
      )}
    </>
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
  if (column.by === undefined) {
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

function classOf<T>({ wide, right }: DataColumn<T>): string | undefined {
  return [wide ? 'hide-narrow' : '', right ? 'right' : ''].filter(Boolean).join(' ') || undefined;
}

function sortedBy<T>(items: readonly T[], columns: readonly DataColumn<T>[], sort: string): readonly T[] {
  const by = columns.find(({ name }) => name === sort.replace(/^-/, ''))?.by;
  if (by === undefined) return items;
  const sign = sort.startsWith('-') ? -1 : 1;
  const keyed = items.map((object) => ({ object, key: by(object) }));
  keyed.sort((a, b) => (a.key < b.key ? -sign : a.key > b.key ? sign : 0));
  return keyed.map(({ object }) => object);
}

function toggled(keys: ReadonlySet<string>, key: string): ReadonlySet<string> {
  const after = new Set(keys);
  if (!after.delete(key)) after.add(key);
  return after;
}
