// How long runs took, and which of them stand out.
import type { RunObject } from '../api/objects.js';

/** What a run is drawn as: the shape says it without colours. */
export type Mark = 'ok' | 'failed' | 'timeout' | 'outlier' | 'other';

export interface Duration {
  readonly run: RunObject;
  /** When it started, ms. */
  readonly at: number;
  readonly ms: number;
  readonly mark: Mark;
}

export interface Durations {
  /** In the order of their starts. */
  readonly points: readonly Duration[];
  /** Of those that succeeded; undefined when none did. */
  readonly median: number | undefined;
  readonly longest: number;
}

/** Fewer say nothing of what is usual. */
const USUAL_LEAST = 8;
/** So many times the middle half beyond it, and a second at least: what is usual of a task may be very narrow. */
const OUTLIER_SHARE = 3;
const OUTLIER_LEAST_MS = 1000;

/** Of the runs that have started and ended, the latest `count`. */
export function durationsOf(runs: readonly RunObject[], count: number): Durations {
  const ended = runs.flatMap((run) => {
    const { startTime, endTime } = run.status ?? {};
    if (startTime === undefined || endTime === undefined) return [];
    const at = Date.parse(startTime);
    return [{ run, at, ms: Math.max(0, Date.parse(endTime) - at) }];
  });
  const latest = ended.sort((a, b) => a.at - b.at).slice(-count);
  const good = latest.filter(({ run }) => run.status?.state === 'Succeeded').map(({ ms }) => ms);
  const sorted = good.sort((a, b) => a - b);
  const limit = usualUpTo(sorted);
  return {
    points: latest.map((one) => ({ ...one, mark: markOf(one.run, one.ms > limit) })),
    median: sorted[Math.floor(sorted.length / 2)],
    longest: Math.max(0, ...latest.map(({ ms }) => ms)),
  };
}

const [SECOND_MS, MINUTE_MS, HOUR_MS, DAY_MS] = [1000, 60_000, 3_600_000, 86_400_000];

/** Distances that people count in, ms. */
const STEPS = [
  ...[0.25 * SECOND_MS, 0.5 * SECOND_MS, SECOND_MS, 2 * SECOND_MS, 5 * SECOND_MS, 10 * SECOND_MS, 20 * SECOND_MS],
  ...[30 * SECOND_MS, MINUTE_MS, 2 * MINUTE_MS, 5 * MINUTE_MS, 10 * MINUTE_MS, 20 * MINUTE_MS, 30 * MINUTE_MS],
  ...[HOUR_MS, 2 * HOUR_MS, 6 * HOUR_MS, 12 * HOUR_MS, DAY_MS, 7 * DAY_MS],
];
const TICKS_MAX = 4;

/** Where an axis of durations up to `top` is marked, ms: from 0 on, in even numbers of seconds, minutes or hours. */
export function ticksOf(top: number): readonly number[] {
  const step = STEPS.find((each) => top / each < TICKS_MAX) ?? STEPS.at(-1)!;
  return Array.from({ length: Math.floor(top / step) + 1 }, (_, index) => index * step);
}

function usualUpTo(sorted: readonly number[]): number {
  if (sorted.length < USUAL_LEAST) return Number.POSITIVE_INFINITY;
  const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))]!;
  return at(0.75) + Math.max(OUTLIER_LEAST_MS, OUTLIER_SHARE * (at(0.75) - at(0.25)));
}

function markOf({ status }: RunObject, beyond: boolean): Mark {
  if (status?.state === 'TimedOut') return 'timeout';
  if (status?.state === 'Failed') return 'failed';
  if (beyond) return 'outlier';
  return status?.state === 'Succeeded' ? 'ok' : 'other';
}
