import { sql } from 'kysely';
import type { ContinueToken } from './continue-token.js';
import { inList, type SqlDatabase } from './database.js';
import { type EventRow, eventText } from './events.js';
import type { ObjectPage, ObjectText } from './repository-types.js';
import { type RunRow, runText } from './run-row.js';
import type { StateSchema } from './schema.js';
import { selectorConditions } from './selectors.js';
import type { ListOptions } from './store-types.js';

/**
 * A page of runs or events, newest first. What is inserted while a reader pages comes before its first page, so that pages
 * neither repeat nor skip; a run that moves on meanwhile shows its newer state, which the watch from the list's version
 * tells again.
 */
export async function listNewestFirst(
  database: SqlDatabase<StateSchema>,
  kind: 'Run' | 'Event',
  options: ListOptions,
  token: ContinueToken | undefined,
): Promise<ObjectPage> {
  const { limit } = options;
  let query = database.read.selectFrom(kind === 'Run' ? 'runs' : 'events').selectAll();
  if (options.namespace) query = query.where('namespace', '=', options.namespace);
  if (options.within !== undefined) query = query.where(inList(database, 'namespace', options.within));
  for (const condition of selectorConditions(database.dialect, kind, options)) query = query.where(condition);
  if (token !== undefined) query = query.where(sql<boolean>`id < ${token.after[0]}`);
  query = query.orderBy('id', 'desc');
  if (limit !== undefined) query = query.limit(limit + 1);
  const counter = database.read.selectFrom('counters').select('value').where('name', '=', 'resource_version');
  const [rows = [], version] = await database.snapshot(query, counter);
  const shown = limit === undefined ? rows : rows.slice(0, limit);
  const last = shown.at(-1);
  const textOf = kind === 'Run' ? runText : eventText;
  return {
    text: shown.map((row) => textOf(row as unknown as RunRow & EventRow)).join(','),
    count: shown.length,
    version: version?.[0]?.value as number,
    ...(rows.length > shown.length && last !== undefined ? { after: [last.id as number] } : {}),
  };
}

export async function getEvent(
  database: SqlDatabase<StateSchema>,
  namespace: string,
  name: string,
): Promise<ObjectText | undefined> {
  const fields = [{ field: 'metadata.name', operator: '=', value: name }] as const;
  const { text } = await listNewestFirst(database, 'Event', { namespace, fields, limit: 1 }, undefined);
  return text === '' ? undefined : text;
}
