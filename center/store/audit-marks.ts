import { inList, type SqlDatabase } from './database.js';
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

/** Marks only move forward. */
export async function setAuditMarks(
  tx: WriteTransaction<StateSchema>,
  marks: readonly { taskUid: string; slot: string; upTo: number }[],
): Promise<void> {
  const statement = `insert into audit_marks (task_uid, slot, up_to) values (?, ?, ?)
    on conflict (task_uid, slot) do update set up_to = max(up_to, excluded.up_to)`;
  await tx.channel.many(
    statement,
    marks.map(({ taskUid, slot, upTo }) => [taskUid, slot, upTo]),
  );
}

export async function deleteAuditMarks(tx: WriteTransaction<StateSchema>, taskUids: readonly string[]): Promise<void> {
  await tx.write.deleteFrom('audit_marks').where(inList('task_uid', taskUids)).execute();
}
