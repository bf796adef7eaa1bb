// The columns that the user has chosen for the tables of a kind (T-58).
import type { Resource } from '../../client/discovery.js';
import { cellText } from '../../output/custom-columns.js';
import { jsonPathValues } from '../../output/jsonpath.js';
import { safeCell } from '../../output/terminal-safety.js';
import type { ApiObject } from '../../resources/api-object.js';
import type { OwnColumn } from '../settings/settings.js';
import { cellValue, type TableColumn, tableColumns } from './table-columns.js';

/** In the order they are chosen in; with `wide` the others of the kind behind them. The name is always there, and where there
 * are objects of several namespaces theirs. Throws CT_USAGE for a path that cannot be read. */
export function chosenColumns(
  resource: Resource,
  own: readonly OwnColumn[],
  { wide, namespaces }: { wide: boolean; namespaces: boolean },
): TableColumn[] {
  const standard = tableColumns(resource, { wide: true, namespaces });
  const find = (name: string) => standard.find((column) => column.name === name.toUpperCase());
  const chosen = own.flatMap(({ name, path }) => (path === undefined ? (find(name) ?? []) : pathColumn(name, path)));
  const missing = standard.filter(
    (column) =>
      (wide || ['NAMESPACE', 'NAME'].includes(column.name)) && !chosen.some(({ name }) => name === column.name),
  );
  const first = missing.filter(({ name }) => name === 'NAMESPACE' || name === 'NAME');
  return [...first, ...chosen, ...missing.filter((column) => !first.includes(column))];
}

function pathColumn(name: string, path: string): TableColumn {
  const values = jsonPathValues(path);
  const text = (object: ApiObject) => safeCell(cellText(values(object)));
  return { name, align: 'left', text, value: (object) => cellValue(text(object)) };
}
