import type { LeaderFence } from './leader-fence.js';
import type { LogRepository } from './log-repository.js';
import type { StateRepository } from './state-repository.js';
import type { WorkerChannel } from './worker/channel.js';

export interface Pruning {
  /** Uids of the next slice, of at most so many runs; none when there is nothing left. */
  next(left: number): Promise<string[]>;
  /** Runs that are removed at most. */
  readonly limit: number;
  /** The audit marks of their tasks go too. */
  readonly marks: boolean;
  readonly fence: LeaderFence;
}

/** Removes output of a task beyond `limit` bytes, that of its oldest finished runs first; returns how many logs. */
export async function trimLogs(
  { state, logs }: { readonly state: WorkerChannel<StateRepository>; readonly logs: WorkerChannel<LogRepository> },
  taskUid: string,
  limit: number,
  fence: LeaderFence,
): Promise<number> {
  let removed = 0;
  for (let after = 0; ; ) {
    const excess = await logs.call('logsOver', taskUid, limit, after);
    if (excess === undefined) return removed;
    const finished = await state.call('finishedRuns', [...new Set(excess.logs.map(({ runUid }) => runUid))]);
    const ids = excess.logs.filter(({ runUid }) => finished.has(runUid)).map(({ id }) => id);
    await state.call('checkFence', fence);
    if (ids.length > 0) await logs.call('removeLogs', ids, limit);
    removed += ids.length;
    after = excess.last;
  }
}

/** Removes runs in slices; returns how many. Logs go first: a crash in between leaves a run without log, which the next
 * pruning finds, and never a log that nothing points to. */
export async function pruneInSlices(
  { state, logs }: { readonly state: WorkerChannel<StateRepository>; readonly logs: WorkerChannel<LogRepository> },
  { next, limit, marks, fence }: Pruning,
): Promise<number> {
  let total = 0;
  while (total < limit) {
    const uids = await next(limit - total);
    if (uids.length === 0) break;
    await state.call('checkFence', fence);
    await logs.call('deleteLogs', uids);
    await state.call('removeRuns', uids, marks, fence);
    total += uids.length;
  }
  return total;
}
