// Rows of the outbox that wait, of one notifier: however many there are, a few are read.
import { sql } from 'kysely';
import { inList } from '../database.js';
import type { StateSchema } from '../schema.js';
import type { WriteTransaction } from '../write-queue.js';
import type { OutboxRow } from './line-up.js';
import type { ClaimQuery, NotifierKey } from './notification-book.js';

type Transaction = WriteTransaction<StateSchema>;

/** Rows of one page. */
export const PAGE = 1_000;

const pending = (tx: Transaction, { namespace, notifier }: NotifierKey) =>
  tx.write
    .selectFrom('notifications')
    .where('namespace', '=', namespace)
    .where('notifier', '=', notifier)
    .where('state', '=', 'Pending');

/** The oldest of them beyond `after`; of those with these recipients, if they are given. Tests go their own way. */
export async function readPage(
  tx: Transaction,
  key: NotifierKey,
  after: number,
  recipients?: string,
): Promise<OutboxRow[]> {
  let rows = pending(tx, key).selectAll().where('id', '>', after).where('event', '<>', 'Test');
  if (recipients !== undefined) rows = rows.where('recipients', '=', recipients);
  return (await rows.orderBy('id').limit(PAGE).execute()) as OutboxRow[];
}

/** Found by their keys: they wait for nothing, and nothing waits for them. */
export async function readTests(tx: Transaction, key: NotifierKey): Promise<OutboxRow[]> {
  // Nothing but the key is in the condition, so that its index is used. However the database orders texts, these are between.
  const all = await tx.write
    .selectFrom('notifications')
    .select(['id', 'namespace', 'notifier'])
    .where('event_key', '>', 'tes')
    .where('event_key', '<', 'tesu')
    .execute();
  const ids = all.filter((row) => row.namespace === key.namespace && row.notifier === key.notifier).map(({ id }) => id);
  if (ids.length === 0) return [];
  const rows = pending(tx, key)
    .selectAll()
    .where('event', '=', 'Test')
    .where(inList(tx, 'id', ids));
  return (await rows.orderBy('id').execute()) as OutboxRow[];
}

/** When the first of all that are asked for may be sent, ms, whatever has to go before it; undefined when there are none. */
export async function readSoonest(tx: Transaction, query: ClaimQuery): Promise<number | undefined> {
  const grouped = sql`created_time + ${sql.lit(query.groupWaitMs)}`;
  const time = sql<number | null>`min(case
    when batch is not null and leased_until > due_time then leased_until
    when batch is not null or due_time > ${grouped} then due_time
    else ${grouped} end)`;
  const { soonest } = await askedFor(tx, query).select(time.as('soonest')).executeTakeFirstOrThrow();
  return soonest === null ? undefined : Number(soonest);
}

export interface ReadyRow {
  readonly id: number;
  readonly recipients: string;
}

/** The oldest that may be sent now, unless something about the same has to go before it; not to these recipients. */
export async function readReady(
  tx: Transaction,
  query: ClaimQuery,
  butTo: readonly string[],
): Promise<ReadyRow | undefined> {
  let rows = askedFor(tx, query)
    .select(['id', 'recipients'])
    .where('due_time', '<=', tx.now)
    .where('leased_until', '<=', tx.now)
    .where(({ eb, or }) => or([eb('batch', 'is not', null), eb('created_time', '<=', tx.now - query.groupWaitMs)]));
  if (butTo.length > 0) rows = rows.where('recipients', 'not in', butTo);
  const row = await rows.orderBy('id').limit(1).executeTakeFirst();
  return row === undefined ? undefined : { id: Number(row.id), recipients: row.recipients };
}

function askedFor(tx: Transaction, { only, ...key }: ClaimQuery) {
  const rows = pending(tx, key).where('event', '<>', 'Test');
  return only === undefined ? rows : rows.where('event', 'in', only);
}

/** The rows of a batch, wherever they stand by now. */
export async function readBatch(tx: Transaction, batch: string): Promise<OutboxRow[]> {
  const rows = tx.write.selectFrom('notifications').selectAll().where('batch', '=', batch);
  return (await rows.where('state', '=', 'Pending').execute()) as OutboxRow[];
}

/** When the oldest of them was written, ms. */
export async function oldestTime(tx: Transaction, key: NotifierKey): Promise<number | undefined> {
  const row = await pending(tx, key).select('created_time').orderBy('id').limit(1).executeTakeFirst();
  return row === undefined ? undefined : Number(row.created_time);
}
