import type { SqlDatabase } from '../database.js';
import type { AuditEntriesTable, StateSchema } from '../schema.js';
import { readAnchor, readHead } from './append-audit.js';
import { entryOf } from './audit-row.js';
import type { AuditFilter, AuditPage } from './audit-trail.js';

type Database = SqlDatabase<StateSchema>;

/** Entries looked at in one call: a filter that lets few through must not hold up the thread of the database. There is no
 * index for filters, which would cost every write. */
const SCAN_MAX = 5000;
/** Centers whose clocks differ write one chain: its times are in order but for this, ms. */
const CLOCKS_APART_MS = 600_000;

/** See AuditTrail.read. */
export async function readAudit(db: Database, after: number, limit: number, filter: AuditFilter): Promise<AuditPage> {
  const [head, anchor] = [await readHead(db.read), await readAnchor(db.read)];
  const { since } = filter;
  const oldest =
    since === undefined ? 0 : await lastBefore(db, anchor.sequence, head.sequence, since - CLOCKS_APART_MS);
  const start = Math.max(after, anchor.sequence, oldest);
  const end = Math.min(start + SCAN_MAX, head.sequence);
  if (start >= end) return { entries: [], upTo: Math.max(start, after), head, anchor };
  let query = db.read.selectFrom('audit_entries').selectAll().where('seq', '>', start).where('seq', '<=', end);
  for (const [column, value] of conditions(filter)) query = query.where(column, '=', value);
  if (since !== undefined) query = query.where('time', '>=', since);
  const rows = await query.orderBy('seq').limit(limit).execute();
  return { entries: rows.map(entryOf), upTo: rows.length < limit ? end : rows.at(-1)!.seq, head, anchor };
}

function conditions({ user, verb, kind, namespace, name }: AuditFilter) {
  const columns = { username: user, verb, kind, namespace, name } satisfies Partial<
    Record<keyof AuditEntriesTable, string | undefined>
  >;
  return Object.entries(columns).filter((pair): pair is [keyof typeof columns, string] => pair[1] !== undefined);
}

/** The last sequence in (low, high] of which all up to there are from before `time`; sequences have no gaps, so it is found
 * by halving. */
async function lastBefore(db: Database, low: number, high: number, time: number): Promise<number> {
  let [before, from] = [low, high + 1];
  while (before + 1 < from) {
    const middle = Math.floor((before + from) / 2);
    const row = await db.read.selectFrom('audit_entries').select('time').where('seq', '=', middle).executeTakeFirst();
    if (row === undefined || row.time < time) before = middle;
    else from = middle;
  }
  return before;
}
