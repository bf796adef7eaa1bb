// What replaced schedules still owe a row for (rule R12). It is written with the audit mark that passes over it, so that no
// death of a leader can forget it.
import { inList, type SqlDatabase, type Upsert } from './database.js';
import type { StateSchema } from './schema.js';
import type { OwedPoint } from './store-types.js';
import type { WriteTransaction } from './write-queue.js';

type Transaction = WriteTransaction<StateSchema>;

const UPSERT: Upsert = {
  table: 'owed_points',
  columns: ['task_uid', 'slot', 'point', 'schedule'],
  key: ['task_uid', 'slot', 'point'],
  update: [],
};

export async function addOwedPoints(tx: Transaction, owed: readonly OwedPoint[]): Promise<void> {
  await tx.upsert(
    UPSERT,
    owed.map(({ taskUid, slot, point, schedule }) => [taskUid, slot, point, schedule]),
  );
}

/** Oldest first. */
export async function readOwedPoints(db: SqlDatabase<StateSchema>, limit: number): Promise<OwedPoint[]> {
  const rows = await db.read.selectFrom('owed_points').selectAll().orderBy('point').limit(limit).execute();
  return rows.map(({ task_uid, slot, point, schedule }) => ({ taskUid: task_uid, slot, point, schedule }));
}

export async function removeOwedPoints(tx: Transaction, settled: readonly OwedPoint[]): Promise<void> {
  const slots = new Map<string, OwedPoint[]>();
  for (const owed of settled) {
    const key = `${owed.taskUid} ${owed.slot}`;
    slots.set(key, [...(slots.get(key) ?? []), owed]);
  }
  for (const list of slots.values()) {
    const { taskUid, slot } = list[0]!;
    const points = list.map(({ point }) => point);
    await tx.write
      .deleteFrom('owed_points')
      .where('task_uid', '=', taskUid)
      .where('slot', '=', slot)
      .where(inList(tx, 'point', points))
      .execute();
  }
}

export async function forgetOwedOf(tx: Transaction, taskUids: readonly string[]): Promise<void> {
  await tx.write
    .deleteFrom('owed_points')
    .where(inList(tx, 'task_uid', taskUids))
    .execute();
}
