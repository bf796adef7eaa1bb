// The rows of notifications on their way out: what waits, and what became of what was taken (claim-batch.ts).
import { sql } from 'kysely';
import { newUid } from '../../../base/index.js';
import { appendAudit } from '../audit/append-audit.js';
import type { AuditSource } from '../audit/audit-trail.js';
import { inList, type SqlDatabase } from '../database.js';
import type { StateSchema } from '../schema.js';
import type { WriteTransaction } from '../write-queue.js';
import { addNotification } from './note-news.js';
import type {
  DeliveryOutcome,
  NotificationCounts,
  NotifierKey,
  StoredFacts,
  TestOutcome,
  WaitingNotifier,
} from './notification-book.js';

type Transaction = WriteTransaction<StateSchema>;

export async function readWaiting(db: SqlDatabase<StateSchema>): Promise<WaitingNotifier[]> {
  const rows = await db.read
    .selectFrom('notifications')
    .select(({ fn }) => ['namespace', 'notifier', fn.max('id').as('newest')])
    .where('state', '=', 'Pending')
    .groupBy(['namespace', 'notifier'])
    .execute();
  return rows.map((row) => ({ ...row, newest: Number(row.newest) }));
}

export async function settleBatch(tx: Transaction, batchId: string, outcome: DeliveryOutcome): Promise<void> {
  const batch = tx.write.updateTable('notifications').where('batch', '=', batchId).where('state', '=', 'Pending');
  const sent = { state: 'Sent', finish_time: tx.now, leased_until: 0 };
  if (outcome.sent) {
    await batch.set({ ...sent, error: outcome.error ?? null }).execute();
    return;
  }
  const { error, delayMs, certain, last, arrived = [], unsure, refused } = outcome;
  if (arrived.length > 0) {
    await batch
      .where(inList(tx, 'id', arrived))
      .set({ ...sent, error: null })
      .execute();
  }
  if (last) {
    await batch.set({ state: 'Failed', finish_time: tx.now, leased_until: 0, error }).execute();
    return;
  }
  await batch
    .set({ leased_until: 0, due_time: tx.now + delayMs, error, ...(certain ? { batch: null } : {}) })
    .execute();
  if (unsure !== undefined) {
    const { ids, batch: part, perhapsToldIn } = unsure;
    await tx.write
      .updateTable('notifications')
      .set({ batch: part })
      .where(inList(tx, 'id', ids))
      .execute();
    if (perhapsToldIn !== undefined) await changeFacts(tx, ids, (facts) => toldIn(facts, perhapsToldIn));
  }
  if (refused !== undefined && refused.ids.length > 0) {
    const { ids, perhapsToldIn } = refused;
    const due_time = tx.now + refused.delayMs;
    await tx.write
      .updateTable('notifications')
      .set({ due_time, batch: null })
      .where(inList(tx, 'id', ids))
      .execute();
    await changeFacts(tx, ids, (facts) => ({
      ...(perhapsToldIn === undefined ? facts : toldIn(facts, perhapsToldIn)),
      refused: true,
    }));
  }
}

/** It may have arrived in that message. */
export const toldIn = (facts: StoredFacts, batch: string): StoredFacts => ({
  ...facts,
  perhapsToldIn: [...(facts.perhapsToldIn ?? []), batch],
});

export async function changeFacts(
  tx: Transaction,
  ids: readonly number[],
  changed: (facts: StoredFacts) => StoredFacts,
): Promise<void> {
  const rows = await tx.write
    .selectFrom('notifications')
    .select(['id', 'facts'])
    .where(inList(tx, 'id', ids))
    .execute();
  for (const { id, facts } of rows) {
    await tx.write
      .updateTable('notifications')
      .set({ facts: JSON.stringify(changed(JSON.parse(facts) as StoredFacts)) })
      .where('id', '=', id)
      .execute();
  }
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
