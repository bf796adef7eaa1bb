// Rows for time points that the leader's move of a cursor left behind. An edit of the schedules and a resume put the
// cursor to the time of the change, so that time points of the past do not fire by rules of the present. Nobody can claim
// what lies before the cursor any more: the leader alone can, and must, say what became of it (guarantee 2).
import { compileSchedules, type RunReport, runName, runUid, type ScheduleSpec } from '../../../manifests/index.js';
import type { LeaderRunVerdict } from '../../store/store.js';
import type { TaskView } from '../task-view.js';
import type { CursorJump } from './apply-records.js';

/** Rows per jump: a task that was due every second and stood still for long is not written out without end. */
const ROWS_MAX = 1000;

export function jumpedPoints(jump: CursorJump, task: TaskView, schedules: ScheduleSpec): LeaderRunVerdict[] {
  const { from: before } = jump.update;
  const points = compileSchedules(schedules, task.uid).between(jump.from, jump.to, ROWS_MAX);
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
