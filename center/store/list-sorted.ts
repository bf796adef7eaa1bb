import { sql } from 'kysely';
import { CloudTaskError } from '../../base/index.js';
import type { KindName } from '../../manifests/index.js';
import type { ContinueToken } from './continue-token.js';
import { inList, type SqlDatabase } from './database.js';
import { type ObjectRow, objectText } from './object-row.js';
import type { ObjectPage } from './repository-types.js';
import type { StateSchema } from './schema.js';
import { fieldColumn, selectorConditions } from './selectors.js';
import type { ListOptions, SortBy } from './store-types.js';

/** Of more objects than this that selectors let through, nobody is told how many there are: counting them may mean to look at all. */
const COUNTED_MAX = 1000;
/** Greater than any text that a field holds. */
const LAST = '\u{10ffff}';

/**
 * A page of objects ordered by a field, then by name and namespace, as they are now. The first step finds which objects these are, in an
 * index that holds all it looks at (labels excepted); only those are read. By name a page costs what its objects cost; by another
 * field, or with a rare name, one pass over the index.
 */
export async function listSorted(
  database: SqlDatabase<StateSchema>,
  kind: KindName,
  options: ListOptions & { readonly sortBy: SortBy },
  token: ContinueToken | undefined,
): Promise<ObjectPage> {
  const { sortBy, limit } = options;
  const order = orderOf(kind, sortBy);
  // Every name is greater than none: said so that the index by name is chosen whatever the order is.
  let query = database.read.selectFrom('objects').where('kind', '=', kind).where('name', '>', '');
  if (options.namespace) query = query.where('namespace', '=', options.namespace);
  if (options.within !== undefined) {
    query = query.where(inList(database, kind === 'Namespace' ? 'name' : 'namespace', options.within));
  }
  for (const condition of selectorConditions(database.dialect, kind, options)) query = query.where(condition);
  let found = query;
  if (token !== undefined) {
    const [of, ...after] = token.after;
    if (of !== order.name)
      throw new CloudTaskError('CT_BAD_REQUEST', 'the continue token is of a list in another order');
    const last = after.slice(-order.keys.length);
    const beyond = sql.raw(sortBy.descending ? '<' : '>');
    found = found.where(sql<boolean>`(${sql.join(order.keys)}) ${beyond} (${sql.join(last)})`);
  }
  const inOrder = <Q extends typeof found>(of: Q): Q =>
    order.keys.reduce((ordered, key) => ordered.orderBy(key, sortBy.descending ? 'desc' : 'asc') as Q, of);
  let keys = inOrder(found).select('id');
  if (limit !== undefined) keys = keys.limit(limit + 1);
  const page = inOrder(database.read.selectFrom('objects').where('id', 'in', keys) as typeof found)
    .selectAll()
    .select(order.value.as('sorted_by'));
  const counter = database.read.selectFrom('counters').select('value').where('name', '=', 'resource_version');
  const [rows = [], version, count] = await database.snapshot(page, counter, ...counting());
  const shown = limit === undefined ? rows : rows.slice(0, limit);
  const last = shown.at(-1);
  const total = count?.[0]?.count as number | undefined;
  const known = total !== undefined && (!selected() || total <= COUNTED_MAX);
  return {
    text: shown.map((row) => objectText(row as unknown as ObjectRow)).join(','),
    count: shown.length,
    version: version?.[0]?.value as number,
    ...(rows.length > shown.length && last !== undefined
      ? { after: [order.name, last.sorted_by as string, last.name as string, last.namespace as string] }
      : {}),
    ...(known ? { total } : {}),
  };

  function selected(): boolean {
    return Boolean(options.search) || (options.fields ?? []).length > 0;
  }

  /** Counted once per list, on its first page; the token carries what is left. Labels are in no index. */
  function counting() {
    if (limit === undefined || token !== undefined || (options.labels ?? []).length > 0) return [];
    const one = selected() ? query.select('id').limit(COUNTED_MAX + 1) : query.select('id');
    return [database.read.selectFrom(one.as('found')).select(sql<number>`count(*)`.as('count'))];
  }
}

function orderOf(kind: KindName, { field, descending }: SortBy) {
  const column = fieldColumn(kind, field);
  if (column === undefined) throw new CloudTaskError('CT_BAD_REQUEST', `field "${field}" cannot be sorted by`);
  const [name, namespace] = [sql.ref<string>('name'), sql.ref<string>('namespace')];
  const value = column === 'name' ? name : sql<string>`coalesce(${sql.ref(column)}, ${descending ? '' : LAST})`;
  return {
    /** In the continue token, so that one of another order is noticed. */
    name: `${descending ? '-' : ''}${field}`,
    value,
    keys: column === 'name' ? [name, namespace] : [value, name, namespace],
  };
}
