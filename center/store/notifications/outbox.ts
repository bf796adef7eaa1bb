// The rows of notifications on their way out: taken, sent or put back.
import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { newUid } from '../../../base/index.js';
import { appendAudit } from '../audit/append-audit.js';
import type { AuditSource } from '../audit/audit-trail.js';
import { inList, type SqlDatabase } from '../database.js';
import type { NotificationsTable, StateSchema } from '../schema.js';
import type { WriteTransaction } from '../write-queue.js';
import { addNotification } from './note-news.js';
import {
  BATCH_MAX,
  type Claim,
  type ClaimQuery,
  type DeliveryOutcome,
  type Notification,
  type NotificationBatch,
  type NotificationCounts,
  type NotificationEvent,
  type NotificationFacts,
  type NotifierKey,
  type TestOutcome,
  type WaitingNotifier,
} from './notification-book.js';

type Transaction = WriteTransaction<StateSchema>;
type Row = Omit<NotificationsTable, 'id'> & { readonly id: number };

/** Rows that are looked at for one message. */
const LOOK_MAX = 10 * BATCH_MAX;
const BATCH_ID_CHARS = 32;

export async function readWaiting(db: SqlDatabase<StateSchema>): Promise<WaitingNotifier[]> {
  const rows = await db.read
    .selectFrom('notifications')
    .select(({ fn }) => ['namespace', 'notifier', fn.max('id').as('newest')])
    .where('state', '=', 'Pending')
    .groupBy(['namespace', 'notifier'])
    .execute();
  return rows.map((row) => ({ ...row, newest: Number(row.newest) }));
}

export async function claim(tx: Transaction, query: ClaimQuery): Promise<Claim> {
  const { namespace, notifier } = query;
  await giveUp(tx, query);
  let pending = tx.write
    .selectFrom('notifications')
    .selectAll()
    .where('namespace', '=', namespace)
    .where('notifier', '=', notifier)
    .where('state', '=', 'Pending');
  if (query.only !== undefined) pending = pending.where('event', 'in', query.only);
  // One that is refused time and again does not keep others waiting.
  const rows = (await pending.orderBy('attempts').orderBy('id').limit(LOOK_MAX).execute()) as Row[];
  const due = rows.filter((row) => readyTime(row, query) <= tx.now);
  const first = due[0];
  if (first === undefined) {
    const next = Math.min(...rows.map((row) => readyTime(row, query)));
    return rows.length === 0 ? {} : { againInMs: Math.max(1, next - tx.now) };
  }
  return { batch: await take(tx, query, first, rows) };
}

/** When the row may be sent. A batch that somebody is sending waits until its lease is over; the first of others waits for more. */
function readyTime(row: Row, { groupWaitMs }: ClaimQuery): number {
  if (row.batch !== null) return Math.max(row.leased_until, row.due_time);
  if (row.event === 'Test') return row.due_time;
  return Math.max(row.due_time, row.created_time + groupWaitMs);
}

async function take(
  tx: Transaction,
  { leaseMs }: ClaimQuery,
  first: Row,
  rows: readonly Row[],
): Promise<NotificationBatch> {
  const taken = (first.batch === null ? together(first, rows) : await sameBatch(tx, first.batch)).sort(
    (a, b) => a.id - b.id,
  );
  const id = first.batch ?? batchId(taken);
  await tx.write
    .updateTable('notifications')
    .set(({ eb }) => ({ batch: id, leased_until: tx.now + leaseMs, attempts: eb('attempts', '+', 1) }))
    .where(
      inList(
        tx,
        'id',
        taken.map((row) => row.id),
      ),
    )
    .execute();
  return {
    ...{ id, fixed: first.batch !== null, recipients: JSON.parse(first.recipients) as string[] },
    notifications: taken.map(notification),
  };
}

function together(first: Row, rows: readonly Row[]): Row[] {
  const alike = ({ batch, recipients, event }: Row) =>
    batch === null && recipients === first.recipients && (event === 'Test') === (first.event === 'Test');
  return rows.filter(alike).slice(0, BATCH_MAX);
}

/** All of it, wherever its rows stand by now: it is sent again as it was. */
async function sameBatch(tx: Transaction, batch: string): Promise<Row[]> {
  const found = tx.write.selectFrom('notifications').selectAll().where('batch', '=', batch);
  return (await found.where('state', '=', 'Pending').execute()) as Row[];
}

function notification(row: Row): Notification {
  return {
    ...{ id: row.id, event: row.event as NotificationEvent, facts: JSON.parse(row.facts) as NotificationFacts },
    attempts: row.attempts + 1,
  };
}

/** The same for the same events, whoever sends them. */
function batchId(rows: readonly Row[]): string {
  const hash = createHash('sha256');
  for (const { event_key, namespace, notifier } of rows) hash.update(`${namespace}\0${notifier}\0${event_key}\n`);
  return hash.digest('hex').slice(0, BATCH_ID_CHARS);
}

async function giveUp(tx: Transaction, { namespace, notifier, giveUpBefore }: ClaimQuery): Promise<void> {
  await tx.write
    .updateTable('notifications')
    .set({ state: 'Failed', finish_time: tx.now })
    .where('namespace', '=', namespace)
    .where('notifier', '=', notifier)
    .where('state', '=', 'Pending')
    .where('leased_until', '<=', tx.now)
    .where('created_time', '<', giveUpBefore)
    .execute();
}

export async function settleBatch(tx: Transaction, batchId: string, outcome: DeliveryOutcome): Promise<void> {
  const batch = tx.write.updateTable('notifications').where('batch', '=', batchId).where('state', '=', 'Pending');
  if (outcome.sent) {
    await batch.set({ state: 'Sent', finish_time: tx.now, leased_until: 0, error: outcome.error ?? null }).execute();
    return;
  }
  const { error, delayMs, certain, last } = outcome;
  if (last) {
    await batch.set({ state: 'Failed', finish_time: tx.now, leased_until: 0, error }).execute();
    return;
  }
  await batch
    .set({ leased_until: 0, due_time: tx.now + delayMs, error, ...(certain ? { batch: null } : {}) })
    .execute();
}

export async function readCounts(db: SqlDatabase<StateSchema>, key: NotifierKey): Promise<NotificationCounts> {
  const rows = await db.read
    .selectFrom('notifications')
    .select(({ fn }) => ['state', fn.countAll<number>().as('count')])
    .where('namespace', '=', key.namespace)
    .where('notifier', '=', key.notifier)
    .groupBy('state')
    .execute();
  const count = (state: string) => Number(rows.find((row) => row.state === state)?.count ?? 0);
  const failed = count('Failed');
  return { pending: count('Pending'), sent: count('Sent'), failed: failed === 0 ? 0 : failed - (await tests(db, key)) };
}

/** Tests that failed: whoever asked has been told, and nobody misses anything. */
async function tests(db: SqlDatabase<StateSchema>, { namespace, notifier }: NotifierKey): Promise<number> {
  const { count } = await db.read
    .selectFrom('notifications')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('namespace', '=', namespace)
    .where('notifier', '=', notifier)
    .where('state', '=', 'Failed')
    .where('event', '=', 'Test')
    .executeTakeFirstOrThrow();
  return Number(count);
}

export async function pruneNotifications(tx: Transaction, olderThan: number): Promise<void> {
  // What was told of a run that is still open would be told again. The key begins with the uid of the run.
  const open = sql`exists (select 1 from runs where uid = substr(event_key, 1, 36) and final = 0)`;
  await tx.write
    .deleteFrom('notifications')
    .where('finish_time', '<', olderThan)
    .where(sql<boolean>`not (event in ('Late', 'LongerThan') and ${open})`)
    .execute();
}

export async function addTest(
  tx: Transaction,
  { namespace, notifier }: NotifierKey,
  user: string,
  audit: AuditSource | undefined,
): Promise<number> {
  const key = `test/${newUid()}`;
  const facts = { about: 'Test', user, time: tx.now } as const;
  await addNotification(tx, { key, event: 'Test', facts }, { namespace, notifier }, ['']);
  const row = await tx.write
    .selectFrom('notifications')
    .select('id')
    .where('event_key', '=', key)
    .executeTakeFirstOrThrow();
  if (audit !== undefined) {
    await appendAudit(tx, [{ kind: 'Notifier', namespace, name: notifier, status: 200 }], audit);
  }
  return row.id;
}

export async function readTest(
  db: SqlDatabase<StateSchema>,
  { namespace, notifier }: NotifierKey,
  id: number,
): Promise<TestOutcome | undefined> {
  const row = await db.read
    .selectFrom('notifications')
    .select(['state', 'attempts', 'error', 'leased_until'])
    .where('id', '=', id)
    .where('event', '=', 'Test')
    .where('namespace', '=', namespace)
    .where('notifier', '=', notifier)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  // While it is being tried the count says nothing yet.
  const attempts = row.leased_until > 0 ? row.attempts - 1 : row.attempts;
  const state = row.state as TestOutcome['state'];
  return { state, attempts, ...(row.error === null ? {} : { error: row.error }) };
}
