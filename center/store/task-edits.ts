// The schedules that a task had before its latest edits, written with the edit. An edit comes into force in the trigger
// record, perhaps under a leader that did not see it happen; what the former schedules owe is known from here.
import { type ScheduleSpec, scheduleSpecOf, type Task } from '../../manifests/index.js';
import { inList, type SqlDatabase, type Upsert } from './database.js';
import type { ObjectRow } from './object-row.js';
import type { StateSchema } from './schema.js';
import type { StoredEdit } from './store-types.js';
import type { WriteTransaction } from './write-queue.js';

type Transaction = WriteTransaction<StateSchema>;

/** Edits of a task that are kept. So many are not made before one comes into force, unless nobody leads. */
const EDITS_MAX = 8;

const UPSERT: Upsert = {
  table: 'task_edits',
  columns: ['task_uid', 'generation', 'schedules'],
  key: ['task_uid', 'generation'],
  update: ['schedules'],
};

/** `before`: rows of tasks whose specification changes. */
export async function keepEdits(tx: Transaction, before: readonly ObjectRow[]): Promise<void> {
  if (before.length === 0) return;
  await tx.upsert(
    UPSERT,
    before.map((row) => [
      row.uid,
      row.generation,
      JSON.stringify(scheduleSpecOf({ metadata: row, spec: JSON.parse(row.spec) as Task['spec'] })),
    ]),
  );
  for (const { uid, generation } of before.filter((row) => row.generation > EDITS_MAX)) {
    await tx.write
      .deleteFrom('task_edits')
      .where('task_uid', '=', uid)
      .where('generation', '<=', generation - EDITS_MAX)
      .execute();
  }
}

/** Oldest first. */
export async function readEdits(db: SqlDatabase<StateSchema>, taskUids: readonly string[]): Promise<StoredEdit[]> {
  const rows = await db.read
    .selectFrom('task_edits')
    .selectAll()
    .where(inList(db, 'task_uid', taskUids))
    .orderBy('generation')
    .execute();
  return rows.map(({ task_uid, generation, schedules }) => ({
    taskUid: task_uid,
    from: generation,
    schedules: JSON.parse(schedules) as ScheduleSpec,
  }));
}

export async function forgetEditsOf(tx: Transaction, taskUid: string): Promise<void> {
  await tx.write.deleteFrom('task_edits').where('task_uid', '=', taskUid).execute();
}
