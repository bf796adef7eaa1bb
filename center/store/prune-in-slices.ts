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
