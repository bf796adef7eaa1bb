// What goes out next, of one notifier, is taken: under the name of its batch, with a lease.
import { inList } from '../database.js';
import type { StateSchema } from '../schema.js';
import type { WriteTransaction } from '../write-queue.js';
import { batchId } from './batch-id.js';
import { LineUp, type Next, type OutboxRow } from './line-up.js';
import type {
  Claim,
  ClaimQuery,
  Notification,
  NotificationBatch,
  NotificationEvent,
  StoredFacts,
} from './notification-book.js';
import { changeFacts, toldIn } from './outbox.js';
import { oldestTime, PAGE, readBatch, readPage, readReady, readSoonest, readTests } from './pending-rows.js';

type Transaction = WriteTransaction<StateSchema>;

/** What could be sent but for something else is looked at again after this time, ms. */
const LOOK_AGAIN_MS = 5_000;
/** When all of so many pages wait for a batch that is to go again, nothing is looked for behind them. */
const PAGES = 5;

export async function claim(tx: Transaction, query: ClaimQuery): Promise<Claim> {
  await giveUp(tx, query);
  const tests = new LineUp({ groupWaitMs: 0 }, tx.now);
  tests.add(await readTests(tx, query));
  const test = tests.next();
  if (test !== undefined) return taken(tx, query, test);
  const others = query.only?.every((event) => event === 'Test') ? {} : await claimOthers(tx, query);
  const testTime = tests.nextTime();
  if (others.batch !== undefined || testTime === Number.POSITIVE_INFINITY) return others;
  return { againInMs: Math.min(others.againInMs ?? Number.POSITIVE_INFINITY, testTime - tx.now) };
}

async function claimOthers(tx: Transaction, query: ClaimQuery): Promise<Claim> {
  if (query.only === undefined) {
    const page = await readPage(tx, query, 0);
    const line = new LineUp(query, tx.now);
    line.add(page);
    const next = line.next();
    if (next !== undefined) return taken(tx, query, next);
    if (page.length < PAGE) return again(line.nextTime() - tx.now);
  }
  const soonest = await readSoonest(tx, query);
  if (soonest === undefined) return {};
  if (soonest > tx.now) return again(soonest - tx.now);
  const tried: string[] = [];
  for (;;) {
    const ready = await readReady(tx, query, tried);
    if (ready === undefined) return again(LOOK_AGAIN_MS);
    const next = await nextUpTo(tx, query, ready);
    if (next !== undefined) return taken(tx, query, next);
    if (!query.byRecipients) return again(LOOK_AGAIN_MS);
    tried.push(ready.recipients);
  }
}

/** From the oldest on, so that nothing is overtaken. */
async function nextUpTo(
  tx: Transaction,
  query: ClaimQuery,
  ready: { readonly id: number; readonly recipients: string },
): Promise<Next | undefined> {
  const line = new LineUp(query, tx.now);
  // In quiet hours little is asked for, and it may stand far behind.
  const pages = query.only === undefined ? PAGES : Number.POSITIVE_INFINITY;
  let after = 0;
  for (let read = 0; read < pages; read += 1) {
    const page = await readPage(tx, query, after, query.byRecipients ? ready.recipients : undefined);
    line.add(page);
    after = page.at(-1)?.id ?? after;
    const next = after >= ready.id ? line.next() : undefined;
    if (next !== undefined || page.length < PAGE) return next;
  }
  return undefined;
}

const again = (ms: number): Claim => (ms === Number.POSITIVE_INFINITY ? {} : { againInMs: Math.max(1, ms) });

async function taken(tx: Transaction, query: ClaimQuery, next: Next): Promise<Claim> {
  if ('apart' in next) {
    await takeApart(tx, next.apart);
    return claimOthers(tx, query);
  }
  return { batch: await take(tx, query, next.rows) };
}

async function take(tx: Transaction, query: ClaimQuery, next: readonly OutboxRow[]): Promise<NotificationBatch> {
  const { batch } = next[0]!;
  const fixed = batch !== null && !query.repeatable;
  // All of it, wherever its rows stand by now: it is sent again as it was.
  const rows = [...(fixed ? await readBatch(tx, batch) : next)].sort((a, b) => a.id - b.id);
  const notifications = rows.map(notification);
  const id = fixed ? batch : batchId(query, notifications);
  const ids = rows.map((row) => row.id);
  await tx.write
    .updateTable('notifications')
    .set(({ eb }) => ({ batch: id, leased_until: tx.now + query.leaseMs, attempts: eb('attempts', '+', 1) }))
    .where(inList(tx, 'id', ids))
    .execute();
  const recipients = new Set(rows.flatMap((row) => JSON.parse(row.recipients) as string[]));
  return { id, fixed, recipients: [...recipients], notifications };
}

/** It may have arrived: what it told says so when it is told again, with what has come since. */
async function takeApart(tx: Transaction, batch: string): Promise<void> {
  const ids = (await readBatch(tx, batch)).map(({ id }) => id);
  await tx.write
    .updateTable('notifications')
    .set({ batch: null })
    .where(inList(tx, 'id', ids))
    .execute();
  await changeFacts(tx, ids, (facts) => toldIn(facts, batch));
}

function notification(row: OutboxRow): Notification {
  const { refused: _, ...facts } = JSON.parse(row.facts) as StoredFacts;
  return {
    ...{ id: row.id, key: row.event_key, event: row.event as NotificationEvent, facts },
    attempts: row.attempts + 1,
  };
}

async function giveUp(tx: Transaction, { namespace, notifier, giveUpBefore }: ClaimQuery): Promise<void> {
  const oldest = await oldestTime(tx, { namespace, notifier });
  if (oldest === undefined || oldest >= giveUpBefore) return;
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
