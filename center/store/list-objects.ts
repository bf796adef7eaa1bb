import { sql } from 'kysely';
import { CloudTaskError } from '../../base/index.js';
import type { AnyObject, KindName } from '../../manifests/index.js';
import type { ChangeLog } from './change-log.js';
import { decodeToken, encodeToken } from './continue-token.js';
import { readTogether, type SqlDatabase } from './database.js';
import { type ObjectRow, objectOf } from './object-row.js';
import type { StateSchema } from './schema.js';
import { matchesSelectors, selectorConditions } from './selectors.js';
import type { Change, ListOptions, ListReply, Stored } from './store.js';

/**
 * Lists objects in order of namespace and name. All pages show the snapshot of the first one: what has changed since is
 * taken back by the change log. CT_EXPIRED when the log does not reach that far any more.
 */
export async function listObjects<T extends AnyObject>(
  database: SqlDatabase<StateSchema>,
  changeLog: ChangeLog,
  kind: KindName,
  options: ListOptions,
): Promise<ListReply<T>> {
  const token = options.continueToken === undefined ? undefined : decodeToken(options.continueToken, 2);
  const { limit } = options;
  let query = database.read.selectFrom('objects').where('kind', '=', kind);
  if (options.namespace) query = query.where('namespace', '=', options.namespace);
  for (const condition of selectorConditions(kind, options)) query = query.where(condition);
  const total = query.select(sql<number>`count(*)`.as('count'));
  if (token !== undefined) {
    query = query.where(sql<boolean>`(namespace, name) > (${token.after[0]}, ${token.after[1]})`);
  }
  const rest = query.select(sql<number>`count(*)`.as('count'));
  let page = query.selectAll().orderBy('namespace').orderBy('name');
  if (limit !== undefined) page = page.limit(limit + 1);
  const counter = database.read.selectFrom('counters').select('value').where('name', '=', 'resource_version');
  const unselective = !options.labels?.length && !options.fields?.length;
  const counted = limit !== undefined && unselective ? (token === undefined ? total : rest) : undefined;
  const [rows, version, count] = await readTogether(
    database.channel,
    page,
    counter,
    ...(counted === undefined ? [] : [counted]),
  );
  const now = version?.[0]?.value as number;
  let items = (rows as unknown as ObjectRow[]).map((row) => objectOf<T>(row));
  const complete = limit === undefined || items.length <= limit;
  if (token !== undefined && now !== token.version) {
    items = asOf(
      items,
      complete,
      changesSince(changeLog, kind, token.version),
      token.after as [string, string],
      options,
    );
  }
  const more = limit !== undefined && (items.length > limit || !complete);
  const shown = more ? items.slice(0, limit) : items;
  const last = shown.at(-1);
  const remaining = ((count?.[0]?.count as number | undefined) ?? 0) - shown.length;
  const snapshot = token?.version ?? now;
  return {
    items: shown,
    resourceVersion: String(snapshot),
    ...(more && last !== undefined ? { continueToken: encodeToken({ version: snapshot, after: keyOf(last) }) } : {}),
    ...(more && counted !== undefined && remaining > 0 ? { remaining } : {}),
  };
}

function changesSince(changeLog: ChangeLog, kind: KindName, version: number): readonly Change[] {
  const changes = changeLog.since(kind, version);
  if (changes === undefined) throw new CloudTaskError('CT_EXPIRED', 'the continue token is too old');
  return changes;
}

/** Takes back, within the range of a page, what was changed after its snapshot. */
function asOf<T extends AnyObject>(
  items: Stored<T>[],
  complete: boolean,
  changes: readonly Change[],
  after: [string, string],
  options: ListOptions,
): Stored<T>[] {
  const last = items.at(-1);
  const byKey = new Map(items.map((item) => [JSON.stringify(keyOf(item)), item]));
  const seen = new Set<string>();
  for (const { object, previous } of changes) {
    const key = JSON.stringify(keyOf(object));
    if (seen.has(key)) continue; // the first change after the snapshot knows what was there
    seen.add(key);
    if (compareKeys(keyOf(object), after) <= 0) continue;
    if (!complete && last !== undefined && compareKeys(keyOf(object), keyOf(last)) > 0) continue;
    byKey.delete(key);
    const inNamespace = !options.namespace || previous?.metadata.namespace === options.namespace;
    if (previous !== undefined && inNamespace && matchesSelectors(previous, options)) {
      byKey.set(key, previous as unknown as Stored<T>);
    }
  }
  return [...byKey.values()].sort((a, b) => compareKeys(keyOf(a), keyOf(b)));
}

function keyOf(object: AnyObject): [string, string] {
  return [object.metadata.namespace ?? '', object.metadata.name];
}

function compareKeys(a: readonly [string, string], b: readonly [string, string]): number {
  const [x, y] = a[0] === b[0] ? [a[1], b[1]] : [a[0], b[0]];
  return x < y ? -1 : x > y ? 1 : 0;
}
