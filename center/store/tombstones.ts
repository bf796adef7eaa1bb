// Rule R14: a task that was deleted leaves its uid behind, in the transaction that deletes it. A trigger record whose task is
// not known is only deleted when this proves that somebody wanted the task to go: a store that was restored from a backup
// does not know its newest tasks.
import { inList, type SqlDatabase, type Upsert } from './database.js';
import type { StateSchema } from './schema.js';
import type { WriteTransaction } from './write-queue.js';

const UPSERT: Upsert = { table: 'tombstones', columns: ['task_uid', 'time'], key: ['task_uid'], update: [] };

/** Uids asked about per statement. */
const SLICE = 500;

export async function bury(tx: WriteTransaction<StateSchema>, taskUids: readonly string[]): Promise<void> {
  await tx.upsert(
    UPSERT,
    taskUids.map((uid) => [uid, tx.now]),
  );
}

export async function buried(db: SqlDatabase<StateSchema>, taskUids: readonly string[]): Promise<Set<string>> {
  const found = new Set<string>();
  for (let start = 0; start < taskUids.length; start += SLICE) {
    const rows = await db.read
      .selectFrom('tombstones')
      .select('task_uid')
      .where(inList(db, 'task_uid', taskUids.slice(start, start + SLICE)))
      .execute();
    for (const row of rows) found.add(row.task_uid);
  }
  return found;
}

export async function deleteOldTombstones(tx: WriteTransaction<StateSchema>, olderThan: number): Promise<void> {
  await tx.write.deleteFrom('tombstones').where('time', '<', olderThan).execute();
}
