// Rows for time points that the leader's move of a cursor left behind. An edit of the schedules and a resume put the
// cursor to the time of the change, so that time points of the past do not fire by rules of the present. Nobody can claim
// what lies before the cursor any more: the leader alone can, and must, say what became of it (guarantee 2).
//
// Dying between the compare-and-set and these rows loses them. They are few: claims run ahead of the clock, so a cursor is
// behind only when its agent was.
import { compileSchedules, type RunReport, runName, runUid } from '../../../manifests/index.js';
import type { LeaderRunVerdict } from '../../store/store.js';
import type { TaskEdit, TaskView } from '../task-view.js';
import type { CursorJump } from './apply-records.js';

/** Rows per jump: a task that was due every second and stood still for long is not written out without end. */
const ROWS_MAX = 1000;

export function jumpedPoints(jump: CursorJump, task: TaskView, edit: TaskEdit): LeaderRunVerdict[] {
  const { from: before } = jump.update;
  const points = compileSchedules(edit.schedules, task.uid).between(jump.from, jump.to, ROWS_MAX);
  return points.map(({ time, schedule }) => {
    const key = { taskUid: task.uid, slot: before.slot, point: time };
    const report: RunReport = {
      uid: runUid(key),
      name: runName(task.name, key),
      namespace: task.namespace,
      task: task.name,
      taskUid: task.uid,
      slot: before.slot,
      revision: before.revision,
      trigger: 'Schedule',
      scheduledTime: time,
      schedule,
      state: before.suspended ? 'Skipped' : 'Missed',
      reason: before.suspended ? 'Suspended' : 'SpecChanged',
      endTime: jump.to,
      attempts: [],
      attempt: 0,
    };
    return { report, agent: before.owner };
  });
}
