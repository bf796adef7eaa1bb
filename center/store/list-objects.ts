import { sql } from 'kysely';
import type { KindName } from '../../manifests/index.js';
import type { ContinueToken } from './continue-token.js';
import { inList, type SqlDatabase } from './database.js';
import { type ObjectRow, objectText } from './object-row.js';
import type { ObjectPage } from './repository-types.js';
import type { StateSchema } from './schema.js';
import { selectorConditions } from './selectors.js';
import type { ListOptions } from './store-types.js';

/** A page of objects in order of namespace and name, as they are now; `token` says where it begins. */
export async function listObjects(
  database: SqlDatabase<StateSchema>,
  kind: KindName,
  options: ListOptions,
  token: ContinueToken | undefined,
): Promise<ObjectPage> {
  const { limit } = options;
  let query = database.read.selectFrom('objects').where('kind', '=', kind);
  if (options.namespace) query = query.where('namespace', '=', options.namespace);
  if (options.within !== undefined) {
    query = query.where(inList(database, kind === 'Namespace' ? 'name' : 'namespace', options.within));
  }
  for (const condition of selectorConditions(database.dialect, kind, options)) query = query.where(condition);
  if (token !== undefined) {
    query = query.where(sql<boolean>`(namespace, name) > (${token.after[0]}, ${token.after[1]})`);
  }
  let page = query.selectAll().orderBy('namespace').orderBy('name');
  if (limit !== undefined) page = page.limit(limit + 1);
  const counter = database.read.selectFrom('counters').select('value').where('name', '=', 'resource_version');
  // Counted once per list, on its first page; the token carries what is left.
  const selected = options.search || options.labels?.length || options.fields?.length;
  const counted = limit !== undefined && token === undefined && !selected;
  const [rows = [], version, count] = await database.snapshot(
    page,
    counter,
    ...(counted ? [query.select(sql<number>`count(*)`.as('count'))] : []),
  );
  const shown = limit === undefined ? rows : rows.slice(0, limit);
  const last = shown.at(-1);
  const total = count?.[0]?.count as number | undefined;
  return {
    text: shown.map((row) => objectText(row as unknown as ObjectRow)).join(','),
    count: shown.length,
    version: version?.[0]?.value as number,
    ...(rows.length > shown.length && last !== undefined
      ? { after: [last.namespace as string, last.name as string] }
      : {}),
    ...(total === undefined ? {} : { total }),
  };
}
