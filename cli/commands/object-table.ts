// Rows of a kind, from the columns that all screens share.
import { formatAge } from '../../base/index.js';
import { type Column, columnsOf, labelsText } from '../../manifests/index.js';
import type { Resource } from '../client/discovery.js';
import type { CliDeps } from '../deps.js';
import { wantsColour } from '../output/colour.js';
import { Table } from '../output/table.js';
import type { ApiObject } from '../resources/api-object.js';
import { kindDotGroup } from '../resources/words.js';
import type { GetOptions } from './get-options.js';

type TableOptions = Pick<GetOptions, 'output' | 'allNamespaces' | 'headers' | 'showLabels' | 'showKind'> &
  Partial<Pick<GetOptions, 'labelColumns'>>;

/** Columns whose cells are words of state. */
const COLOURED = new Set(['STATUS', 'TYPE']);

interface Row {
  readonly header: string;
  readonly cell: (object: ApiObject, now: number, event: string) => string;
}

/** Keeps the widths of the columns over several calls. */
export class ObjectTable {
  private readonly rows: readonly Row[];
  private readonly table: Table;

  constructor(resource: Resource, options: TableOptions & { outputWatchEvents?: boolean }, deps: CliDeps) {
    this.rows = rowsOf(resource, options);
    this.table = new Table({
      headers: this.rows.map(({ header }) => header),
      noHeaders: !options.headers,
      width: deps.host.stdout.columns,
      ...(wantsColour(deps.host.stdout, deps.host.env, deps.globals.color) ? { coloured: COLOURED } : {}),
    });
  }

  render(objects: readonly ApiObject[], now: number, event = ''): string {
    return this.table.render(objects.map((object) => this.rows.map(({ cell }) => cell(object, now, event))));
  }
}

function rowsOf(resource: Resource, options: TableOptions & { outputWatchEvents?: boolean }): Row[] {
  const wide = options.output.kind === 'table' && options.output.wide;
  const rows: Row[] = columnsOf(resource.kind)
    .filter((column) => wide || column.wide !== true)
    .map((column: Column<never>) => ({
      header: column.name,
      cell: (object, now) => {
        const text = column.cell(object as never, { now, age: formatAge });
        return column.name === 'NAME' && options.showKind ? `${kindDotGroup(resource.kind)}/${text}` : text;
      },
    }));
  if (options.allNamespaces && resource.namespaced) {
    rows.unshift({ header: 'NAMESPACE', cell: ({ metadata }) => metadata.namespace ?? '' });
  }
  if (options.outputWatchEvents) rows.unshift({ header: 'EVENT', cell: (_object, _now, event) => event });
  for (const key of options.labelColumns ?? []) {
    const header = (key.split('/').at(-1) ?? key).toUpperCase();
    rows.push({ header, cell: ({ metadata }) => metadata.labels?.[key] || '<none>' });
  }
  if (options.showLabels) rows.push({ header: 'LABELS', cell: ({ metadata }) => labelsText(metadata.labels) });
  return rows;
}
