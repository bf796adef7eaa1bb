// Counts processes against time points without believing a word of what they say: a start is a point in time, a time
// point an interval in which it may start. Taking, for each start in order, the open interval that ends first matches as
// many as can be matched (Glover, convex bipartite graphs). What is left over fired without a time point, or twice.
import { expectations } from './expectations.js';
import { type Finding, nameOf } from './findings.js';
import type { History } from './history.js';

/** Starts are read from /proc/uptime, in hundredths of a second, and tied to the wall clock once. */
export const WITNESS_PRECISION_MS = 60;

export interface Interval {
  readonly lo: number;
  readonly hi: number;
}

export interface Matching {
  readonly unmatchedIntervals: readonly Interval[];
  readonly unmatchedStarts: readonly number[];
}

export function match(intervals: readonly Interval[], starts: readonly number[]): Matching {
  const waiting = [...intervals].sort((a, b) => a.lo - b.lo);
  const open: Interval[] = []; // ascending by hi
  const unmatchedStarts: number[] = [];
  const unmatchedIntervals: Interval[] = [];
  let next = 0;
  for (const start of [...starts].sort((a, b) => a - b)) {
    while (next < waiting.length && waiting[next]!.lo <= start) insert(open, waiting[next++]!);
    while (open.length > 0 && open[0]!.hi < start) unmatchedIntervals.push(open.shift()!);
    if (open.length > 0) open.shift();
    else unmatchedStarts.push(start);
  }
  return { unmatchedIntervals: [...unmatchedIntervals, ...open, ...waiting.slice(next)], unmatchedStarts };
}

function insert(open: Interval[], interval: Interval): void {
  let at = open.length;
  while (at > 0 && open[at - 1]!.hi > interval.hi) at -= 1;
  open.splice(at, 0, interval);
}

export function blindMatching(history: History): Finding[] {
  const findings: Finding[] = [];
  for (const task of history.tasks) {
    // Where retries make more processes than time points, only attributed matching can tell.
    if (task.retries > 0) continue;
    const starts = history.starts.filter(({ task: id }) => id === task.id).map(({ time }) => time);
    // All there is, also what lies outside the window in which time points are judged.
    const to = starts.reduce((a, b) => Math.max(a, b), history.window.to) + WITNESS_PRECISION_MS;
    const due = [...expectations(task, { from: 0, to })].filter(([, kind]) => kind !== 'skip');
    const early = WITNESS_PRECISION_MS + (history.clockErrorMs ?? 0);
    const intervals = due.map(([point]) => ({ lo: point - early, hi: point + task.latestStartMs }));
    for (const start of match(intervals, starts).unmatchedStarts) {
      findings.push({
        check: 'fired-without-time-point',
        detail: `${nameOf(task.id, start)}: a start that no time point explains`,
      });
    }
  }
  return findings;
}
