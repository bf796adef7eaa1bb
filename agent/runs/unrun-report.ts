import type { Instant } from '../../base/index.js';
import { type RunReason, type RunReport, runName, runUid } from '../../manifests/index.js';
import type { Unrun } from '../schedule-loop/decide-due.js';
import type { LoadedTask } from '../schedule-loop/loaded-task.js';

/** What a reason alone does not tell. */
const MESSAGES: Partial<Record<RunReason, string>> = {
  RunOnce: 'a later time point was due by then (missedRunPolicy RunOnce)',
  StartingDeadline: 'it was found later than its startingDeadline allows',
  CatchUpWindow: 'it was found later than its catchUpWindow allows',
};

/** The record of a time point that is consumed without a process (guarantee 2: nothing is silently lost). */
export function unrunReport(task: LoadedTask, slot: string, unrun: Unrun, now: Instant): RunReport {
  const key = { taskUid: task.uid, slot, point: unrun.point.time };
  return {
    uid: runUid(key),
    name: runName(task.name, key),
    namespace: task.namespace,
    task: task.name,
    taskUid: task.uid,
    slot,
    revision: task.generation,
    trigger: 'Schedule',
    scheduledTime: unrun.point.time,
    schedule: unrun.point.schedule,
    state: unrun.state,
    reason: unrun.reason,
    ...(MESSAGES[unrun.reason] === undefined ? {} : { message: MESSAGES[unrun.reason] }),
    endTime: now,
    attempts: [],
    attempt: 0,
  };
}
