// A task's schedules in words, and when it fires next, computed here from the manifest as the agent does.
import { CloudTaskError, type Instant } from '../../../base/index.js';
import {
  type ExplainedTime,
  explainedTimes,
  firesAfter,
  scheduleInWords,
  scheduleSpecOf,
  schedulesSentence,
} from '../../../manifests/index.js';
import type { TaskObject } from '../api/objects.js';
import { exactTime } from './times.js';

/** `At 02:00 every day (Europe/Berlin)`, a sentence for each schedule. */
export function scheduleSentences(task: TaskObject): readonly string[] {
  const zone = task.spec.timeZone ?? 'UTC';
  return (specOf(task)?.schedules ?? []).map((schedule) => {
    const words = scheduleInWords(schedule, zone);
    const once = /^once at (\S+)$/.exec(words)?.[1];
    return once === undefined ? capital(words) : `Once: ${exactTime(Date.parse(once))}`;
  });
}

/** The first of them, for a column. */
export function shortSchedule(task: TaskObject): string {
  const [first, ...more] = scheduleSentences(task);
  if (first === undefined) return task.spec.schedules?.length ? schedulesSentence(task.spec.schedules) : 'On demand';
  return more.length === 0 ? first : `${first} (+${more.length})`;
}

/** The next time points after `from`; none for a task that is suspended for good, or that is not understood. */
export function nextPoints(task: TaskObject, from: Instant, count: number): readonly ExplainedTime[] {
  const after = firesAfter(task.spec, from);
  const spec = specOf(task);
  if (spec === undefined || after === Number.POSITIVE_INFINITY) return [];
  return understood(() => explainedTimes(spec, task.metadata.uid, { from: after, count, excluded: false }).times) ?? [];
}

function specOf(task: TaskObject): ReturnType<typeof scheduleSpecOf> | undefined {
  return understood(() => scheduleSpecOf(task));
}

/** Undefined for schedules that this page does not understand: those of a newer center, or that are being written. */
function understood<T>(compute: () => T): T | undefined {
  try {
    return compute();
  } catch (error) {
    if (error instanceof CloudTaskError) return undefined;
    throw error;
  }
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
