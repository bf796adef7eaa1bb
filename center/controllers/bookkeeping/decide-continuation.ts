// Which attempt of a run the present owner of its slot is to make next (rule R10, onLost: Rerun). Pure.
import { latestClaimedAttempt, recordSuspensionEnd, type TriggerRecord } from '../../../coordination/index.js';
import type { Run } from '../../../manifests/index.js';
import { RESTORED } from '../../store/restore-book.js';
import type { RunContinuation } from '../../store/store-types.js';
import type { TaskView } from '../task-view.js';

/** A scheduled run that waits for its next attempt's claim. Runs on demand belong to one agent for good. */
export function waitsForAttempt({ spec, status }: Run): boolean {
  const waits = status?.reason === 'Retry' || status?.reason === 'Rerun';
  return status?.state === 'Pending' && waits && isOfTimePoint(spec);
}

/** A retry and a backfill tell a time point, and are runs on demand all the same. */
function isOfTimePoint({ manualId, scheduledTime }: Run['spec']): boolean {
  return manualId === undefined && scheduledTime !== undefined;
}

/** A Lost run of which another attempt is wanted. */
export function wantsRerun(
  { spec, status }: Run,
  task: Pick<TaskView, 'rerun' | 'suspended' | 'suspendedUntil'>,
  now: number,
): boolean {
  if (status?.state !== 'Lost' || status.reason === RESTORED) return false;
  if (task.rerun === undefined || now < recordSuspensionEnd(task)) return false;
  if (!isOfTimePoint(spec) || spec.cancelRequestedTime !== undefined) return false;
  return now - Date.parse(status.endTime ?? spec.scheduledTime ?? '') < task.rerun.windowMs;
}

/** Number of the attempt that a run waits for. */
export function nextAttempt({ status }: Run): number {
  return Math.max(0, ...(status?.attempts ?? []).map(({ number }) => number)) + 1;
}

/** True when nobody has claimed the attempt that the run waits for. */
export function isUnclaimed(run: Run, record: Pick<TriggerRecord, 'retried'>): boolean {
  const claimed = latestClaimedAttempt(record, Date.parse(run.spec.scheduledTime ?? ''));
  return claimed !== undefined && claimed < nextAttempt(run);
}

/**
 * `record` must have been read when its owner was the owner of now: former ones can then claim nothing any more. undefined: nothing
 * is to be made, or it cannot be known whether a former owner has claimed it. Then the run is Running, or Lost, as its
 * agent reports or its silence tells (rule R7); when neither comes, the leader ends it as Lost (`Continuations`).
 */
export function decideContinuation(
  run: Run,
  task: Pick<TaskView, 'rerun' | 'suspended' | 'suspendedUntil'>,
  record: Pick<TriggerRecord, 'retried'>,
  now: number,
): Pick<RunContinuation, 'attempt' | 'reason'> | undefined {
  if (waitsForAttempt(run)) {
    const reason = run.status?.reason === 'Rerun' ? 'Rerun' : 'Retry';
    return isUnclaimed(run, record) ? { attempt: nextAttempt(run), reason } : undefined;
  }
  if (!wantsRerun(run, task, now)) return undefined;
  const claimed = latestClaimedAttempt(record, Date.parse(run.spec.scheduledTime ?? ''));
  if (claimed === undefined) return undefined;
  const attempt = Math.max(claimed + 1, nextAttempt(run));
  return attempt > (task.rerun?.attemptsMax ?? 0) ? undefined : { attempt, reason: 'Rerun' };
}
