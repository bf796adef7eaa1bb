// The next attempt of a run, given to the agent that owns its slot now (rule R10, onLost: Rerun). The trigger record, not this
// row, decides whether the attempt may start; the row says who may speak for the run from now on.
import { type Attempt, type Run, runRank } from '../../manifests/index.js';
import { inList, type SqlDatabase } from './database.js';
import { keyedEvent, upsertEvents } from './events.js';
import type { ObjectText } from './repository-types.js';
import { type RunRow, runStatusOf, runText, specOf } from './run-row.js';
import { runRow, writeRun } from './runs.js';
import type { StateSchema } from './schema.js';
import type { RunContinuation } from './store-types.js';
import type { WriteTransaction } from './write-queue.js';

type Transaction = WriteTransaction<StateSchema>;

/** Who made an attempt that nobody ever reported. */
export const UNKNOWN_AGENT = 'unknown';

export async function continueRun(tx: Transaction, continuation: RunContinuation): Promise<ObjectText | undefined> {
  const { uid, agent, attempt, reason } = continuation;
  const row = await runRow(tx, uid);
  if (row === undefined || (row.state !== 'Pending' && row.state !== 'Lost')) return undefined;
  const rank = runRank('Pending', attempt);
  if (row.rank > rank || (row.state === 'Pending' && row.agent === agent)) return undefined;
  const { startTime } = runStatusOf(row);
  const status: NonNullable<Run['status']> = {
    ...{ state: 'Pending', reason, agent },
    ...(startTime === undefined ? {} : { startTime }),
    attempts: attemptsBefore(row, attempt),
  };
  const next = { ...row, agent, rank, state: 'Pending', final: 0, finish_time: null, status: JSON.stringify(status) };
  const text = await writeRun(tx, next, row);
  await upsertEvents(tx, [keyedEvent(eventOf(row, continuation, tx.now))]);
  return text;
}

/** The attempts so far. Where the latest was never reported, what is known of it: that nobody knows. */
function attemptsBefore(row: RunRow, attempt: number): Attempt[] {
  const attempts = [...(runStatusOf(row).attempts ?? [])];
  const made = Math.max(0, ...attempts.map(({ number }) => number));
  if (made < attempt - 1) {
    const { reason = 'NeverReported' } = runStatusOf(row);
    attempts.push({ number: attempt - 1, state: 'Lost', agent: row.agent ?? UNKNOWN_AGENT, reason });
  }
  return attempts;
}

function eventOf(row: RunRow, { agent, attempt, reason }: RunContinuation, time: number) {
  const { task, taskUid } = specOf(row);
  const why = reason === 'Rerun' ? 'the run was lost' : 'the slot has another owner';
  return {
    ...({ reason: 'Continued', time, source: 'center' } as const),
    message: `run ${row.name}: attempt ${attempt} is made by agent ${agent}, because ${why}`,
    regarding: { kind: 'Task', namespace: row.namespace, name: task, uid: taskUid } as const,
  };
}

export async function lostRuns(
  db: SqlDatabase<StateSchema>,
  taskUids: readonly string[],
  since: number,
): Promise<ObjectText[]> {
  if (taskUids.length === 0) return [];
  const rows = await db.read
    .selectFrom('runs')
    .selectAll()
    .where(inList(db, 'task_uid', taskUids))
    .where('state', '=', 'Lost')
    .where('scheduled_time', 'is not', null)
    .where('finish_time', '>', since)
    .orderBy('id')
    .execute();
  return rows.map(runText);
}
