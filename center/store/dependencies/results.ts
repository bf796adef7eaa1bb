// Ends of runs that somebody waits for, written in the transaction that ends them.
import { isResult, type RunState, runGroup, runUid } from '../../../manifests/index.js';
import { inList, type SqlDatabase } from '../database.js';
import { RESTORED } from '../restore-book.js';
import { type RunRow, runStatusOf, specOf } from '../run-row.js';
import type { StateSchema } from '../schema.js';
import type { WriteTransaction } from '../write-queue.js';
import type { RunResult } from './dependency-book.js';

type Transaction = WriteTransaction<StateSchema>;

/** Rows of one statement. */
const SLICE = 500;

/** `ended`: runs that have come to an end in this transaction. */
export async function noteResults(tx: Transaction, ended: readonly RunRow[]): Promise<void> {
  // Of several slots the end of each is wanted: with the last of them all have ended.
  const told = ended.filter((row) => !isRestored(row) && (row.slot !== '' || isResult(row.state as RunState)));
  if (told.length === 0) return;
  // One look, where nothing depends on anything.
  const any = await tx.write.selectFrom('task_dependencies').select('task_uid').limit(1).executeTakeFirst();
  if (any === undefined) return;
  const awaited = await awaitedTasks(tx, [...new Set(told.map((row) => row.task_uid))]);
  const values = told.filter((row) => awaited.has(row.task_uid)).map((row) => resultRow(row, tx.now));
  for (let start = 0; start < values.length; start += SLICE) {
    await tx.write
      .insertInto('dependency_results')
      .values(values.slice(start, start + SLICE))
      .execute();
  }
}

/** What became of it is not known, nor what it had caused by then: it is no result. */
function isRestored(row: RunRow): boolean {
  return row.state === 'Lost' && runStatusOf(row).reason === RESTORED;
}

async function awaitedTasks(tx: Transaction, taskUids: readonly string[]): Promise<Set<string>> {
  const rows = await tx.write
    .selectFrom('objects')
    .select('uid')
    .where(inList(tx, 'uid', taskUids))
    .where('kind', '=', 'Task')
    .where(({ exists, selectFrom }) =>
      exists(
        selectFrom('task_dependencies')
          .select('task_dependencies.task_uid')
          .whereRef('task_dependencies.namespace', '=', 'objects.namespace')
          .whereRef('task_dependencies.upstream', '=', 'objects.name'),
      ),
    )
    .execute();
  return new Set(rows.map(({ uid }) => uid));
}

function resultRow(row: RunRow, now: number) {
  const { task, taskUid, slot, manualId, scheduledTime } = specOf(row);
  const about = scheduledTime === undefined ? null : Date.parse(scheduledTime);
  const point = manualId ?? row.scheduled_time ?? about ?? '';
  const result: Omit<RunResult, 'id'> = {
    ...{ uid: row.uid, name: row.name, task, state: row.state as RunState, scheduledTime: about },
    endTime: row.finish_time ?? now,
    ...{ namespace: row.namespace, taskUid, slot, point },
    groupUid: runUid({ taskUid, slot: '', point }),
  };
  return { task_uid: taskUid, group_id: result.groupUid, result: JSON.stringify(result) };
}

/** Name of the runs of all slots together. */
export function groupName(result: RunResult): string {
  return runGroup(result.task, result) ?? result.name;
}

export async function readResults(db: SqlDatabase<StateSchema>, after: number, limit: number): Promise<RunResult[]> {
  const rows = await db.read
    .selectFrom('dependency_results')
    .select(['id', 'result'])
    .where('id', '>', after)
    .orderBy('id')
    .limit(limit)
    .execute();
  return rows.map(parsed);
}

export async function readGroup(db: SqlDatabase<StateSchema>, groupUid: string): Promise<RunResult[]> {
  const rows = await db.read
    .selectFrom('dependency_results')
    .select(['id', 'result'])
    .where('group_id', '=', groupUid)
    .orderBy('id')
    .execute();
  return rows.map(parsed);
}

const parsed = ({ id, result }: { id: number; result: string }): RunResult => ({
  ...(JSON.parse(result) as Omit<RunResult, 'id'>),
  id,
});
