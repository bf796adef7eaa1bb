// How runs ended, counted.
import type { RunObject } from '../api/objects.js';

/** Ends that somebody should look at. */
const BAD: ReadonlySet<string> = new Set(['Failed', 'TimedOut', 'Lost', 'Missed']);

/** What the list of runs calls all of them, as one state. */
export const UNSUCCESSFUL = 'Unsuccessful';

export function endedBadly({ status }: RunObject): boolean {
  return BAD.has(status?.state ?? '');
}

/** When it ended; of a run that never started, its time point. */
export function endedAt({ status, spec, metadata }: RunObject): number {
  return Date.parse(status?.endTime ?? spec.scheduledTime ?? metadata.creationTimestamp);
}

export interface Outcomes {
  readonly good: number;
  readonly bad: number;
}

/** Runs that were cancelled or skipped were meant to be, and count for neither. */
export function outcomesSince(runs: readonly RunObject[], since: number): Outcomes {
  let [good, bad] = [0, 0];
  for (const run of runs) {
    if (endedAt(run) < since) continue;
    if (run.status?.state === 'Succeeded') good += 1;
    else if (BAD.has(run.status?.state ?? '')) bad += 1;
  }
  return { good, bad };
}

/** Outcomes by equal stretches of [since, until). */
export function outcomesByTime(
  runs: readonly RunObject[],
  { since, until, parts }: { readonly since: number; readonly until: number; readonly parts: number },
): readonly Outcomes[] {
  const counts = Array.from({ length: parts }, () => ({ good: 0, bad: 0 }));
  for (const run of runs) {
    const count = counts[Math.floor(((endedAt(run) - since) / (until - since)) * parts)];
    if (count === undefined) continue;
    if (run.status?.state === 'Succeeded') count.good += 1;
    else if (BAD.has(run.status?.state ?? '')) count.bad += 1;
  }
  return counts;
}

export interface Failure {
  /** The latest of its task. */
  readonly run: RunObject;
  /** How many runs of this task ended badly. */
  readonly count: number;
}

/** One row for each task, the latest first: a task that fails all the time must not hide the others. */
export function lastFailures(runs: readonly RunObject[], rows: number): readonly Failure[] {
  const byTask = new Map<string, { run: RunObject; count: number }>();
  for (const run of runs) {
    if (!BAD.has(run.status?.state ?? '')) continue;
    const known = byTask.get(run.spec.taskUid);
    if (known === undefined) byTask.set(run.spec.taskUid, { run, count: 1 });
    else {
      known.count += 1;
      if (endedAt(run) > endedAt(known.run)) known.run = run;
    }
  }
  return [...byTask.values()].sort((a, b) => endedAt(b.run) - endedAt(a.run)).slice(0, rows);
}

/** With fewer runs than this nobody knows what is usual. */
const USUAL_FROM_RUNS = 3;

/** How long runs of each task that ended well took, ms: the median, by the uid of the task. */
export function usualTimes(runs: readonly RunObject[]): ReadonlyMap<string, number> {
  const times = new Map<string, number[]>();
  for (const { spec, status } of runs) {
    if (status?.state !== 'Succeeded' || status.startTime === undefined || status.endTime === undefined) continue;
    const took = Date.parse(status.endTime) - Date.parse(status.startTime);
    const known = times.get(spec.taskUid);
    if (known === undefined) times.set(spec.taskUid, [took]);
    else known.push(took);
  }
  const usual = new Map<string, number>();
  for (const [task, each] of times) {
    if (each.length < USUAL_FROM_RUNS) continue;
    usual.set(task, each.sort((a, b) => a - b)[Math.floor(each.length / 2)]!);
  }
  return usual;
}
