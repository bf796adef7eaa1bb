// `-o custom-columns`: the user's own table, each cell a path into the object (row C-41).
import { CloudTaskError } from '../../base/index.js';
import { jsonPathValues } from './jsonpath.js';
import { Table } from './table.js';

export interface CustomColumn {
  readonly header: string;
  /** A jsonpath, braces optional. */
  readonly path: string;
}

/** Columns of `NAME:.metadata.name,S:.spec.schedules[0].cron`. Throws CT_USAGE. */
export function parseCustomColumns(spec: string): CustomColumn[] {
  if (spec === '') throw wrong('custom-columns format specified but no custom columns given');
  return splitOutside(spec).map((part) => {
    const at = part.indexOf(':');
    if (at < 1 || at === part.length - 1) {
      throw wrong(`unexpected custom-columns spec: ${part}, expected <header>:<json-path-expr>`);
    }
    return column(part.slice(0, at), part.slice(at + 1));
  });
}

/** The same from a file: headers on its first line, paths below them on the second. Throws CT_USAGE. */
export function parseColumnsFile(text: string, file: string): CustomColumn[] {
  const [headers = [], paths = []] = text.split('\n').map((line) => line.split(/\s+/).filter((word) => word !== ''));
  if (headers.length === 0 || headers.length !== paths.length) {
    throw wrong(`${file}: number of headers (${headers.length}) and of paths (${paths.length}) are not the same`);
  }
  return headers.map((header, index) => column(header, paths[index] ?? ''));
}

function column(header: string, path: string): CustomColumn {
  jsonPathValues(path); // a wrong path is told before anything is asked for
  return { header, path };
}

/** Commas within brackets or quotes belong to a path. */
function splitOutside(spec: string): string[] {
  const parts = spec.match(/(?:\[(?:'[^']*'|"[^"]*"|[^\]'"])*\]|[^,[])+/g) ?? [];
  return parts.map((part) => part.trim());
}

/** Remembers the widths of what it printed, as tables do. */
export class CustomTable {
  private readonly cells: readonly ((object: unknown) => unknown[])[];
  private readonly table: Table;

  constructor(columns: readonly CustomColumn[], headers: boolean) {
    this.cells = columns.map(({ path }) => jsonPathValues(path));
    this.table = new Table({ headers: columns.map(({ header }) => header), noHeaders: !headers });
  }

  render(objects: readonly object[]): string {
    return this.table.render(objects.map((object) => this.cells.map((values) => cellText(values(object)))));
  }
}

/** What one cell says of all that its path has found. */
export function cellText(values: readonly unknown[]): string {
  const shown = values.filter((value) => value !== undefined && value !== null && value !== '');
  if (shown.length === 0) return '<none>';
  return shown.map((value) => (typeof value === 'object' ? JSON.stringify(value) : String(value))).join(',');
}

function wrong(detail: string): CloudTaskError {
  return new CloudTaskError('CT_USAGE', detail);
}
