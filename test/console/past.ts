// A day of runs before today, written into the store of a center that is not running: pictures need a past, and nobody waits
// a day for it. Time points are those of the schedules; how runs ended is drawn with a seed, so that it is the same each time.
import { silentLogger, systemClock } from '../../base/index.js';
import { openSqliteStore } from '../../center/store/index.js';
import {
  type Attempt,
  explainedTimes,
  type RunReport,
  type RunState,
  runName,
  runUid,
  scheduleSpecOf,
  type Task,
} from '../../manifests/index.js';

const HOUR_MS = 3_600_000;
const BATCH = 500;

interface Habit {
  /** How long a run takes, ms. */
  readonly takes: number;
  /** Share of runs that end badly. */
  readonly fails?: number;
  readonly badly?: RunState;
  /** Hours before now between which all runs fail. */
  readonly outage?: readonly [number, number];
}

/** What is not named here takes four seconds and ends well. */
const HABITS: Readonly<Record<string, Habit>> = {
  'stock-sync': { takes: 11_000, fails: 0.01 },
  prices: { takes: 3_000 },
  'search-index': { takes: 190_000 },
  'payment-reconcile': { takes: 24_000, outage: [0, 0.8] },
  'exchange-rates': { takes: 2_400, fails: 0.02, badly: 'TimedOut', outage: [7.2, 8.6] },
  'nightly-report': { takes: 2_300_000 },
  'model-training': { takes: 5_400_000 },
  'video-previews': { takes: 2_900_000 },
  'backup-database': { takes: 3_100_000 },
};

/** mulberry32: numbers in [0, 1) that are the same for the same seed. */
function drawing(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function ended(
  task: Task & { metadata: { uid: string } },
  point: number,
  until: number,
  draw: () => number,
): RunReport | undefined {
  const { name = '', namespace = '', uid: taskUid } = task.metadata;
  const { takes, fails = 0, badly = 'Failed', outage } = HABITS[name] ?? { takes: 4000 };
  const agent = task.spec.cluster === 'batch' ? 'batch-1' : `eu-${1 + (taskUid.charCodeAt(0) % 3)}`;
  const startTime = point + Math.round(3 + draw() * 6);
  const ago = (until - point) / HOUR_MS;
  const bad = draw() < fails || (outage !== undefined && ago >= outage[0] && ago < outage[1]);
  const state: RunState = bad ? badly : 'Succeeded';
  const endTime = startTime + Math.round(takes * (0.8 + 0.3 * draw() + (draw() < 0.05 ? 0.9 : 0)) * (bad ? 0.4 : 1));
  if (endTime > until) return undefined;
  const key = { taskUid, slot: '', point };
  const exit = state === 'TimedOut' ? { signal: 'SIGTERM' } : { exitCode: bad ? 75 : 0 };
  const attempt: Attempt = {
    ...{ number: 1, state, agent, startTime: new Date(startTime).toISOString() },
    ...{ endTime: new Date(endTime).toISOString(), ...exit },
  };
  return {
    ...{ uid: runUid(key), name: runName(name, key), namespace, task: name, taskUid, slot: '', revision: 1 },
    ...{ trigger: 'Schedule', scheduledTime: point, schedule: 'default', state, startTime, endTime },
    ...{ attempts: [attempt], attempt: 1 },
  };
}

/** Gives these tasks, which are in the store, the runs of the last `hours`. No center may run on the store. */
export async function writePast(storeFile: string, tasks: readonly Task[], hours: number): Promise<number> {
  const until = systemClock.now();
  const store = openSqliteStore({ path: storeFile, clock: systemClock, log: silentLogger });
  await store.start(new AbortController().signal);
  let count = 0;
  try {
    for (const [seed, task] of tasks.entries()) {
      const stored = task as Task & { metadata: { uid: string } };
      if (task.spec.suspend || task.spec.placement !== undefined || task.spec.schedules === undefined) continue;
      const draw = drawing(seed + 1);
      const spec = scheduleSpecOf(task as never);
      const { times } = explainedTimes(spec, stored.metadata.uid, {
        from: until - hours * HOUR_MS,
        count: 2000,
        excluded: false,
      });
      const reports = times
        .filter(({ time }) => time < until)
        .map(({ time }) => ended(stored, time, until, draw))
        .filter((report) => report !== undefined);
      for (let at = 0; at < reports.length; at += BATCH) {
        const batch = reports.slice(at, at + BATCH);
        await store.acceptReports(batch[0]!.attempts[0]!.agent, batch);
      }
      count += reports.length;
    }
  } finally {
    await store.stop();
  }
  return count;
}
