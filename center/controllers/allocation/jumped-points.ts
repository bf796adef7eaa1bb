// Rows for time points that the leader's move of a cursor left behind. An edit of the schedules and a resume put the
// cursor to the time of the change, so that time points of the past do not fire by rules of the present. Nobody can claim
// what lies before the cursor any more: the leader alone can, and must, say what became of it (guarantee 2).
import { recordSuspensionEnd } from '../../../coordination/index.js';
import {
  compileSchedules,
  type RunReport,
  runName,
  runUid,
  type ScheduleSpec,
  type TimePoint,
} from '../../../manifests/index.js';
import type { LeaderRunVerdict } from '../../store/store-types.js';
import type { TaskView } from '../task-view.js';
import type { CursorJump } from './apply-records.js';

/** Rows per transaction of the store. */
export const ROWS_PER_PIECE = 1_000;
/** Rows per jump: half a day of a task that is due every second. Beyond it one row speaks for all the others. */
export const ROWS_PER_JUMP = 50_000;

export interface JumpedPiece {
  readonly verdicts: LeaderRunVerdict[];
  /** Where the next piece begins (exclusive); undefined when this was the last. */
  readonly next: number | undefined;
}

/** The rows of a jump from `after` (exclusive) on, at most a piece of them. `written`: rows of the pieces before. */
export function jumpedPiece(
  jump: CursorJump,
  task: TaskView,
  schedules: ScheduleSpec,
  after: number,
  written: number,
): JumpedPiece {
  const points = compileSchedules(schedules, task.uid).between(after, jump.to, ROWS_PER_PIECE);
  if (written >= ROWS_PER_JUMP && points.length > 1) {
    const [first] = points;
    const until = new Date(jump.to).toISOString();
    const message = `stands for all time points from this one to ${until}: more than ${ROWS_PER_JUMP} are not written one by one`;
    return { verdicts: [verdictOf(jump, task, first!, message)], next: undefined };
  }
  const next = points.length < ROWS_PER_PIECE ? undefined : points.at(-1)!.time;
  return { verdicts: points.map((point) => verdictOf(jump, task, point)), next };
}

function verdictOf(jump: CursorJump, task: TaskView, point: TimePoint, message?: string): LeaderRunVerdict {
  const { from: before } = jump.update;
  const { time, schedule } = point;
  const suspended = time < recordSuspensionEnd(before);
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
    state: suspended ? 'Skipped' : 'Missed',
    reason: suspended ? 'Suspended' : 'SpecChanged',
    ...(message === undefined ? {} : { message }),
    endTime: jump.to,
    attempts: [],
    attempt: 0,
  };
  return { report, agent: before.owner };
}
