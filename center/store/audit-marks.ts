import { inList, type SqlDatabase, type Upsert } from './database.js';
import type { StateSchema } from './schema.js';
import type { WriteTransaction } from './write-queue.js';

export async function auditedUpTo(
  db: SqlDatabase<StateSchema>,
  taskUid: string,
  slot: string,
): Promise<number | undefined> {
  const row = await db.read
    .selectFrom('audit_marks')
    .select('up_to')
    .where('task_uid', '=', taskUid)
    .where('slot', '=', slot)
    .executeTakeFirst();
  return row?.up_to;
}

const UPSERT_MARK: Upsert = {
  table: 'audit_marks',
  columns: ['task_uid', 'slot', 'up_to'],
  key: ['task_uid', 'slot'],
  update: ['up_to'],
  onlyGreater: 'up_to',
};

/** Marks only move forward. */
export async function setAuditMarks(
  tx: WriteTransaction<StateSchema>,
  marks: readonly { taskUid: string; slot: string; upTo: number }[],
): Promise<void> {
  await tx.upsert(
    UPSERT_MARK,
    marks.map(({ taskUid, slot, upTo }) => [taskUid, slot, upTo]),
  );
}

export async function deleteAuditMarks(tx: WriteTransaction<StateSchema>, taskUids: readonly string[]): Promise<void> {
  await tx.write
    .deleteFrom('audit_marks')
    .where(inList(tx, 'task_uid', taskUids))
    .execute();
}
