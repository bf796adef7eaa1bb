import { inList, type SqlDatabase, type Upsert } from './database.js';
import type { ObjectRow } from './object-row.js';
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

const FIRST_MARK: Upsert = {
  table: 'audit_marks',
  columns: ['task_uid', 'slot', 'up_to'],
  key: ['task_uid', 'slot'],
  update: [],
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

/**
 * `before`: objects that get another generation. The audit of a task that was never edited begins at its creation, which
 * its generation tells no more from here on; a mark that there is already stays.
 */
export async function keepFirstMarks(tx: WriteTransaction<StateSchema>, before: readonly ObjectRow[]): Promise<void> {
  const fresh = before.filter(({ kind, generation }) => kind === 'Task' && generation === 1);
  await tx.upsert(
    FIRST_MARK,
    fresh.map((row) => [row.uid, '', row.created_time]),
  );
}

export async function deleteAuditMarks(tx: WriteTransaction<StateSchema>, taskUids: readonly string[]): Promise<void> {
  await tx.write
    .deleteFrom('audit_marks')
    .where(inList(tx, 'task_uid', taskUids))
    .execute();
}
