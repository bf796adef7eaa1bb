// When tasks are due, computed here: the center says the next time point of each task only.
import { type Instant, isCloudTaskError } from '../../../base/index.js';
import {
  compileSchedules,
  firesAfter,
  isComplete,
  scheduleSpecOf,
  type Task,
  type TaskSchedules,
  type TimePoint,
} from '../../../manifests/index.js';
import { taskFacts } from './facts.js';

const compiled = new WeakMap<Task, TaskSchedules>();
const NEVER: TaskSchedules = { next: () => undefined, between: () => [] };

/** Time points that were computed, so that a view that is drawn each second does not compute them each second. */
const known = new WeakMap<Task, Known>();

interface Known {
  readonly after: Instant;
  readonly times: readonly Instant[];
  /** There were no further ones within the horizon. */
  readonly all: boolean;
}

/** Time points further ahead are not looked for. */
const AHEAD_MS = 400 * 24 * 3_600_000;

/** The first `count` time points after `now` that fire: of a suspended task those after the suspension, if it ends. None of schedules
 * that only a later version knows. */
export function upcoming(task: Task, now: Instant, count: number): Instant[] {
  const before = known.get(task);
  if (before !== undefined && before.after <= now) {
    const times = before.times.filter((time) => time > now);
    if (before.all || times.length >= count) return times.slice(0, count);
  }
  const wanted = 2 * count;
  const from = firesAfter(task.spec, now);
  const points =
    from === Number.POSITIVE_INFINITY || isComplete(task)
      ? []
      : schedulesOf(task).between(from, from + AHEAD_MS, wanted);
  const times = points.map(({ time }) => time);
  known.set(task, { after: now, times, all: times.length < wanted });
  return times.slice(0, count);
}

/** When it runs next. What the center said last lies in the past for the moment in which the run is made: then the one after it. */
export function nextDue(task: Task, now: Instant): Instant | undefined {
  const { next, firesFrom } = taskFacts(task);
  if (next === undefined ? firesFrom <= now : next > now) return next;
  return upcoming(task, now, 1)[0];
}

const nextPoints = new WeakMap<Task, { readonly after: Instant; readonly point: TimePoint | undefined }>();

/** The first time point after an instant, however far ahead. Kept while it lies ahead, and when there is none. */
export function nextPoint(task: Task, after: Instant): TimePoint | undefined {
  const before = nextPoints.get(task);
  if (before !== undefined && before.after <= after && (before.point === undefined || before.point.time > after)) {
    return before.point;
  }
  const point = schedulesOf(task).next(after);
  nextPoints.set(task, { after, point });
  return point;
}

/** The first time point after an instant that fires. */
export function fireAfter(task: Task, after: Instant): Instant | undefined {
  const from = firesAfter(task.spec, after);
  return from === Number.POSITIVE_INFINITY || isComplete(task) ? undefined : schedulesOf(task).next(from)?.time;
}

function schedulesOf(task: Task): TaskSchedules {
  const before = compiled.get(task);
  if (before !== undefined) return before;
  const schedules = compile(task);
  compiled.set(task, schedules);
  return schedules;
}

function compile(task: Task): TaskSchedules {
  try {
    return compileSchedules(scheduleSpecOf(task), task.metadata.uid ?? '');
  } catch (error) {
    if (isCloudTaskError(error, 'CT_SCHEDULE_INVALID')) return NEVER;
    throw error;
  }
}
