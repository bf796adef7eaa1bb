// The past specifications of tasks (C-27): each is written in the transaction of the change that it comes from.
import { CHANGE_CAUSE, type TaskSpec } from '../../manifests/index.js';
import type { SqlDatabase, Upsert } from './database.js';
import type { ObjectRow } from './object-row.js';
import type { StoredRevision } from './revision-book.js';
import type { StateSchema } from './schema.js';
import type { WriteTransaction } from './write-queue.js';

type Transaction = WriteTransaction<StateSchema>;

/** Revisions of a task that are kept, the current one included: twice what Kubernetes keeps of a Deployment. */
export const REVISIONS_MAX = 20;
/** A cause is one line of a table. */
const CAUSE_MAX_CHARS = 1000;

const COLUMNS = ['task_uid', 'revision', 'time', 'author', 'cause', 'spec'];
const KEY = ['task_uid', 'revision'];
const MADE: Upsert = { table: 'task_revisions', columns: COLUMNS, key: KEY, update: ['cause'] };
const REPLACED: Upsert = { table: 'task_revisions', columns: COLUMNS, key: KEY, update: ['spec'] };

/** A row as it was, absent when it is new, and as it is written. */
export interface WrittenRow {
  readonly before: ObjectRow | undefined;
  readonly row: ObjectRow;
}

/** A new cause without a new specification says what the current revision is for, as `annotate` after `apply` does. */
export async function keepRevisions(tx: Transaction, written: readonly WrittenRow[], author: string): Promise<void> {
  const tasks = written.filter(({ row }) => row.kind === 'Task');
  const replaced = tasks.filter(({ before, row }) => before !== undefined && before.generation < row.generation);
  if (replaced.length > 0) {
    await tx.upsert(
      REPLACED,
      replaced.map(({ before }) => [before!.uid, before!.generation, null, '', causeOf(before!), before!.spec]),
    );
  }
  const made = tasks.filter(
    ({ before, row }) => before?.generation !== row.generation || causeOf(before) !== causeOf(row),
  );
  if (made.length > 0) {
    await tx.upsert(
      MADE,
      made.map(({ row }) => [row.uid, row.generation, tx.now, author, causeOf(row), null]),
    );
  }
  for (const { row } of replaced) if (row.generation > REVISIONS_MAX) await forgetOldest(tx, row.uid);
}

function causeOf({ metadata }: ObjectRow): string {
  // Most tasks have no annotations at all.
  if (!metadata.includes(CHANGE_CAUSE)) return '';
  const { annotations } = JSON.parse(metadata) as { annotations?: Record<string, string> };
  return (annotations?.[CHANGE_CAUSE] ?? '').slice(0, CAUSE_MAX_CHARS);
}

async function forgetOldest(tx: Transaction, taskUid: string): Promise<void> {
  await tx.write
    .deleteFrom('task_revisions')
    .where('task_uid', '=', taskUid)
    .where('revision', '<=', ({ selectFrom }) =>
      selectFrom('task_revisions as kept')
        .select('kept.revision')
        .where('kept.task_uid', '=', taskUid)
        .orderBy('kept.revision', 'desc')
        .limit(1)
        .offset(REVISIONS_MAX),
    )
    .execute();
}

/** See RevisionBook.ofTask. */
export async function readRevisions(db: SqlDatabase<StateSchema>, taskUid: string): Promise<StoredRevision[]> {
  const rows = await db.read
    .selectFrom('task_revisions as r')
    .innerJoin('objects as o', 'o.uid', 'r.task_uid')
    .select(['r.revision', 'r.time', 'r.author', 'r.cause', 'r.spec', 'o.spec as current'])
    .where('r.task_uid', '=', taskUid)
    .orderBy('r.revision')
    .execute();
  return rows.map(({ revision, time, author, cause, spec, current }) => ({
    ...{ revision, time, author, cause },
    spec: JSON.parse(spec ?? current) as TaskSpec,
  }));
}

export async function forgetRevisionsOf(tx: Transaction, taskUid: string): Promise<void> {
  await tx.write.deleteFrom('task_revisions').where('task_uid', '=', taskUid).execute();
}

/** Tasks got other generations without a change: their current revisions are numbered so too. */
export async function renumberCurrent(tx: Transaction): Promise<void> {
  await tx.write
    .updateTable('task_revisions')
    .set(({ selectFrom, fn, ref }) => ({
      revision: fn.coalesce(
        selectFrom('objects').select('generation').whereRef('objects.uid', '=', 'task_revisions.task_uid'),
        ref('revision'),
      ),
    }))
    .where('spec', 'is', null)
    .execute();
}
