import { randomBytes } from 'node:crypto';
import { CloudTaskError } from '../../base/index.js';
import type { LeaderFence } from './leader-fence.js';
import type { StateSchema } from './schema.js';
import type { WriteTransaction } from './write-queue.js';

type Transaction = WriteTransaction<StateSchema>;

/** Checked inside the transaction of each write by a leader: one that was deposed meanwhile changes nothing any more. */
export async function requireEpoch(tx: Transaction, fence: LeaderFence | undefined): Promise<void> {
  if (fence === undefined) return;
  const seen = await readEpoch(tx);
  if (fence.epoch < seen) throw staleEpoch(fence.epoch, seen);
}

/** Twelve hex digits are kept as the integer that a counter is. */
const IDENTITY_BITS = 48;

/** Who this store is, for as long as it exists; made at the first question. */
export async function readIdentity(tx: Transaction): Promise<string> {
  const value = Number.parseInt(randomBytes(IDENTITY_BITS / 8).toString('hex'), 16);
  await tx.write
    .insertInto('counters')
    .values({ name: 'identity', value })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const row = await tx.write
    .selectFrom('counters')
    .select('value')
    .where('name', '=', 'identity')
    .executeTakeFirstOrThrow();
  return row.value.toString(16).padStart(IDENTITY_BITS / 4, '0');
}

export async function raiseEpoch(tx: Transaction, epoch: number): Promise<void> {
  const seen = await readEpoch(tx);
  if (epoch < seen) throw staleEpoch(epoch, seen);
  if (epoch === seen) return;
  await tx.write.updateTable('counters').set({ value: epoch }).where('name', '=', 'epoch').execute();
}

export async function readEpoch(tx: Pick<Transaction, 'write'>): Promise<number> {
  const row = await tx.write
    .selectFrom('counters')
    .select('value')
    .where('name', '=', 'epoch')
    .executeTakeFirstOrThrow();
  return row.value;
}

function staleEpoch(epoch: number, seen: number): CloudTaskError {
  return new CloudTaskError('CT_STALE_EPOCH', `epoch ${epoch} is over; the store has seen ${seen}`);
}
