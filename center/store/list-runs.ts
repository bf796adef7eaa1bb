import { sql } from 'kysely';
import type { Event, Run } from '../../manifests/index.js';
import { decodeToken, encodeToken } from './continue-token.js';
import { readTogether, type SqlDatabase } from './database.js';
import { type EventRow, eventOf } from './events.js';
import { type RunRow, runOf } from './run-row.js';
import type { StateSchema } from './schema.js';
import { selectorConditions } from './selectors.js';
import type { ListOptions, ListReply, Stored } from './store.js';

/**
 * Lists runs or events, newest first. What is inserted while a reader pages comes before its first page, so that pages
 * neither repeat nor skip; a run that moves on meanwhile shows its newer state, which the watch from the list's version
 * tells again.
 */
export async function listNewestFirst<T extends Run | Event>(
  database: SqlDatabase<StateSchema>,
  kind: 'Run' | 'Event',
  options: ListOptions,
): Promise<ListReply<T>> {
  const token = options.continueToken === undefined ? undefined : decodeToken(options.continueToken, 1);
  const { limit } = options;
  let query = database.read.selectFrom(kind === 'Run' ? 'runs' : 'events').selectAll();
  if (options.namespace) query = query.where('namespace', '=', options.namespace);
  for (const condition of selectorConditions(kind, options)) query = query.where(condition);
  if (token !== undefined) query = query.where(sql<boolean>`id < ${token.after[0]}`);
  query = query.orderBy('id', 'desc');
  if (limit !== undefined) query = query.limit(limit + 1);
  const counter = database.read.selectFrom('counters').select('value').where('name', '=', 'resource_version');
  const [rows = [], version] = await readTogether(database.channel, query, counter);
  const shown = limit === undefined ? rows : rows.slice(0, limit);
  const snapshot = token?.version ?? (version?.[0]?.value as number);
  const last = shown.at(-1);
  return {
    items: shown.map((row) => itemOf(kind, row)) as unknown as Stored<T>[],
    resourceVersion: String(snapshot),
    ...(rows.length > shown.length && last !== undefined
      ? { continueToken: encodeToken({ version: snapshot, after: [last.id as number] }) }
      : {}),
  };
}

function itemOf(kind: 'Run' | 'Event', row: Record<string, unknown>): Stored<Run> | Stored<Event> {
  return kind === 'Run' ? runOf(row as unknown as RunRow) : eventOf(row as unknown as EventRow);
}
