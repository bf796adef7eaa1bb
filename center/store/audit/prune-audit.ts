import type { StateSchema } from '../schema.js';
import type { WriteTransaction } from '../write-queue.js';

/**
 * Removes the oldest entries, at most `limit`, as long as they are from before `olderThan`. The anchor takes the hash of the
 * last of them first: triggers of the tables refuse any other way, and what is left can still be checked.
 */
export async function pruneAudit(tx: WriteTransaction<StateSchema>, olderThan: number, limit: number): Promise<number> {
  const rows = await tx.write
    .selectFrom('audit_entries')
    .select(['seq', 'time', 'hash'])
    .orderBy('seq')
    .limit(limit)
    .execute();
  const kept = rows.findIndex(({ time }) => time >= olderThan);
  const old = kept === -1 ? rows : rows.slice(0, kept);
  const last = old.at(-1);
  if (last === undefined) return 0;
  await tx.write.updateTable('audit_anchor').set({ seq: last.seq, hash: last.hash }).execute();
  await tx.write.deleteFrom('audit_entries').where('seq', '<=', last.seq).execute();
  return old.length;
}
