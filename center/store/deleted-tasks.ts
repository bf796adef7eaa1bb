// Tasks that were deleted, kept for a while so that a slip can be undone (`ctask undelete`). What comes back is another task
// with another uid: uids are never reused (rule R14).
import type { Task, TaskSpec } from '../../manifests/index.js';
import type { SqlDatabase } from './database.js';
import type { ObjectRow } from './object-row.js';
import type { DeletedTask } from './revision-book.js';
import type { StateSchema } from './schema.js';
import type { WriteTransaction } from './write-queue.js';

type Transaction = WriteTransaction<StateSchema>;

/** Of one namespace, the latest: a list is for people. */
const LIST_MAX = 500;

export async function keepDeleted(tx: Transaction, row: ObjectRow, author: string): Promise<void> {
  const { uid, namespace, name, spec } = row;
  const { annotations } = JSON.parse(row.metadata) as Pick<Task['metadata'], 'annotations'>;
  const labels = JSON.parse(row.labels) as Record<string, string>;
  const metadata = JSON.stringify({ labels, ...(annotations === undefined ? {} : { annotations }) });
  await tx.write
    .insertInto('deleted_tasks')
    .values({ uid, namespace, name, time: tx.now, author, metadata, spec })
    .execute();
}

/** See RevisionBook.deleted. */
export async function readDeleted(
  db: SqlDatabase<StateSchema>,
  namespace: string,
  name: string | undefined,
): Promise<DeletedTask[]> {
  let query = db.read.selectFrom('deleted_tasks').selectAll().where('namespace', '=', namespace);
  if (name !== undefined) query = query.where('name', '=', name);
  const rows = await query.orderBy('time', 'desc').limit(LIST_MAX).execute();
  return rows.map(({ uid, namespace, name, time, author, metadata, spec }) => ({
    ...{ uid, namespace, name, time, author },
    ...(JSON.parse(metadata) as Pick<DeletedTask, 'labels' | 'annotations'>),
    spec: JSON.parse(spec) as TaskSpec,
  }));
}

/** Forgets those that were deleted before `olderThan`, and the oldest beyond the `max` latest. */
export async function forgetDeleted(tx: Transaction, olderThan: number, max: number): Promise<void> {
  const last = await tx.write
    .selectFrom('deleted_tasks')
    .select('time')
    .orderBy('time', 'desc')
    .limit(1)
    .offset(max)
    .executeTakeFirst();
  await tx.write
    .deleteFrom('deleted_tasks')
    .where(({ eb, or }) =>
      or([eb('time', '<', olderThan), ...(last === undefined ? [] : [eb('time', '<=', last.time)])]),
    )
    .execute();
}
