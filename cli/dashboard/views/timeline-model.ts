// Runs of the last hour and time points of the next, a row per task (T-44); or of a shorter or longer time.
import type { Instant } from '../../../base/index.js';
import type { Run, Task } from '../../../manifests/index.js';
import { type RunFacts, runFacts, taskFacts } from './facts.js';
import { fireAfter } from './fires.js';

export interface TimelineRow {
  /** UID of the task, or its name when only runs of it are left. */
  readonly id: string;
  readonly key: string;
  readonly task?: Task;
  /** In the order of their starts. */
  readonly runs: readonly RunFacts[];
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Back and ahead: one zooms from one to the next. */
export const TIMELINE_SPANS: readonly number[] = [10 * MINUTE_MS, HOUR_MS, 6 * HOUR_MS, 24 * HOUR_MS];
/** At first. */
export const TIMELINE_MS = HOUR_MS;

/** Tasks that ran within the time back or are due within the time ahead, by name, so that rows do not jump. */
export function buildTimeline(
  tasks: Iterable<Task>,
  runs: Iterable<Run>,
  now: Instant,
  spanMs = TIMELINE_MS,
): TimelineRow[] {
  const recent = new Map<string, RunFacts[]>();
  for (const run of runs) {
    const facts = runFacts(run);
    const last = facts.end ?? (facts.final ? facts.created : now);
    if (last < now - spanMs) continue;
    const all = recent.get(run.spec.taskUid);
    if (all === undefined) recent.set(run.spec.taskUid, [facts]);
    else all.push(facts);
  }
  const rows: TimelineRow[] = [];
  for (const task of tasks) {
    const { key, next } = taskFacts(task);
    const uid = task.metadata.uid ?? key;
    const own = recent.get(uid);
    recent.delete(uid);
    if (own === undefined && (next === undefined || next > now + spanMs)) continue;
    rows.push({ id: uid, key, task, runs: ordered(own ?? []) });
  }
  for (const [uid, own] of recent) rows.push({ id: uid, key: own[0]?.taskKey ?? uid, runs: ordered(own) });
  return rows.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
}

function ordered(runs: RunFacts[]): RunFacts[] {
  return runs.sort((a, b) => (a.start ?? a.created) - (b.start ?? b.created));
}

interface Known {
  readonly spanMs: number;
  readonly minute: number;
  readonly times: readonly Instant[];
}

const known = new WeakMap<Task, Known>();

/** Closer time points than this part of the time are not told apart: five seconds of an hour. */
const GAPS = 720;

/** Time points of the time ahead, at most one of each gap. Computed once a minute, those of that minute only. */
export function firesWithin(task: Task, now: Instant, spanMs = TIMELINE_MS): readonly Instant[] {
  const gapMs = spanMs / GAPS;
  const minute = Math.floor(now / MINUTE_MS);
  const latest = known.get(task);
  const before = latest?.spanMs === spanMs ? latest : undefined;
  if (before?.minute === minute) return before.times;
  const times = before === undefined ? [] : before.times.filter((time) => time > now);
  const end = now + spanMs + MINUTE_MS;
  // Each step goes on from the end of a gap, so that there are no more steps than of these.
  const after = (at: Instant) => Math.ceil((at + 1) / gapMs) * gapMs - 1;
  const last = times.at(-1);
  let at = fireAfter(task, last === undefined ? now : after(last));
  while (at !== undefined && at <= end) {
    times.push(at);
    at = fireAfter(task, after(at));
  }
  known.set(task, { spanMs, minute, times });
  return times;
}
