// How the installation does, in a few figures (T-42).
import type { Instant } from '../../../base/index.js';
import { type Agent, agentReady, type Run, type Task } from '../../../manifests/index.js';
import { safeCell } from '../../output/terminal-safety.js';
import { runFacts, type TaskFacts, taskFacts } from './facts.js';
import { upcoming } from './fires.js';

export interface PulsesObjects {
  readonly tasks: Iterable<Task>;
  readonly runs: Iterable<Run>;
  readonly agents: Iterable<Agent>;
  /** Only the newest runs are here: figures cover what they cover. */
  readonly runsCut?: boolean;
}

export interface Fire {
  readonly time: Instant;
  readonly key: string;
}

export interface FailingTask {
  readonly key: string;
  readonly state: string;
  readonly since?: Instant;
}

export interface RunningRun {
  /** Of its task. */
  readonly key: string;
  readonly agent: string;
  readonly since: Instant;
}

export interface PulsesModel {
  /** Starts per minute, oldest first, the present minute last. */
  readonly starts: readonly number[];
  /** Starts per minute of the last five, or of as many as are known. */
  readonly rate: number;
  /** Ends per minute that were bad. */
  readonly failures: readonly number[];
  /** Of the runs that ended in each minute, the longest, ms. */
  readonly longest: readonly number[];
  /** What the figures about ended runs cover, ms. */
  readonly coveredMs: number;
  readonly ended: number;
  readonly succeeded: number;
  /** Of runs that ended, ms. */
  readonly p50?: number;
  readonly p95?: number;
  readonly running: number;
  readonly waiting: number;
  /** Those that run the longest first; no more than are looked at. */
  readonly runningRuns: readonly RunningRun[];
  readonly agents: number;
  readonly readyAgents: number;
  readonly notReady: readonly string[];
  readonly tasks: number;
  readonly suspended: number;
  readonly failing: number;
  /** The latest first; no more than are looked at. */
  readonly failingTasks: readonly FailingTask[];
  readonly fires: readonly Fire[];
}

export const PULSE_MINUTES = 30;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const RATE_MS = 5 * MINUTE_MS;
const FIRES_SHOWN = 10;
const NAMES_SHOWN = 20;

export function buildPulses(objects: PulsesObjects, now: Instant): PulsesModel {
  return { ...runFigures(objects, now), ...agentFigures(objects.agents), ...taskFigures(objects.tasks, now) };
}

type RunFigures = Pick<
  PulsesModel,
  | 'starts'
  | 'rate'
  | 'failures'
  | 'longest'
  | 'coveredMs'
  | 'ended'
  | 'succeeded'
  | 'p50'
  | 'p95'
  | 'running'
  | 'waiting'
  | 'runningRuns'
>;

function runFigures({ runs, runsCut }: PulsesObjects, now: Instant): RunFigures {
  const starts = new Array<number>(PULSE_MINUTES).fill(0);
  const failures = new Array<number>(PULSE_MINUTES).fill(0);
  const longest = new Array<number>(PULSE_MINUTES).fill(0);
  const durations: number[] = [];
  const count = { ended: 0, succeeded: 0, running: 0, waiting: 0 };
  const longestRunning = new Smallest<RunningRun>(NAMES_SHOWN);
  let oldest = now;
  let recent = 0;
  const minuteOf = (time: Instant) => PULSE_MINUTES - 1 - Math.floor(Math.max(0, now - time) / MINUTE_MS);
  const add = (to: number[], time: Instant) => {
    const minute = minuteOf(time);
    if (minute >= 0) to[minute] = (to[minute] ?? 0) + 1;
  };
  for (const run of runs) {
    const { state, final, bad, start, end, created, taskKey, agent } = runFacts(run);
    if (created < oldest) oldest = created;
    if (start !== undefined) add(starts, start);
    if (start !== undefined && now - start < RATE_MS) recent += 1;
    if (bad) add(failures, end ?? created);
    if (state === 'Running') {
      count.running += 1;
      longestRunning.add(start ?? created, { key: taskKey, agent, since: start ?? created });
    } else if (!final) count.waiting += 1;
    // What never ran says nothing of how runs do; what somebody cancelled neither.
    if (end === undefined || start === undefined || now - end > HOUR_MS || state === 'Cancelled') continue;
    count.ended += 1;
    if (state === 'Succeeded') count.succeeded += 1;
    const took = Math.max(0, end - start);
    durations.push(took);
    const minute = minuteOf(end);
    if (minute >= 0) longest[minute] = Math.max(longest[minute] ?? 0, took);
  }
  const coveredMs = runsCut ? Math.min(HOUR_MS, Math.max(MINUTE_MS, now - oldest)) : HOUR_MS;
  // Right after the start there are no five minutes yet.
  const rate = (recent * MINUTE_MS) / Math.min(RATE_MS, Math.max(MINUTE_MS, now - oldest));
  return {
    ...{ starts, rate, failures, longest, coveredMs, ...count, ...quantiles(durations) },
    runningRuns: longestRunning.values,
  };
}

function quantiles(durations: number[]): { p50?: number; p95?: number } {
  const sorted = Float64Array.from(durations).sort();
  const of = (q: number) => sorted[Math.max(0, Math.ceil(sorted.length * q) - 1)] ?? 0;
  return sorted.length === 0 ? {} : { p50: of(0.5), p95: of(0.95) };
}

function agentFigures(agents: Iterable<Agent>): Pick<PulsesModel, 'agents' | 'readyAgents' | 'notReady'> {
  const notReady: string[] = [];
  let all = 0;
  let ready = 0;
  for (const agent of agents) {
    all += 1;
    if (agentReady(agent)) ready += 1;
    else if (notReady.length < NAMES_SHOWN) notReady.push(safeCell(agent.metadata.name));
  }
  return { agents: all, readyAgents: ready, notReady };
}

type TaskFigures = Pick<PulsesModel, 'tasks' | 'suspended' | 'failing' | 'failingTasks' | 'fires'>;

function taskFigures(tasks: Iterable<Task>, now: Instant): TaskFigures {
  let all = 0;
  let suspended = 0;
  const failing: TaskFacts[] = [];
  const soonest = new Smallest<Task>(FIRES_SHOWN);
  for (const task of tasks) {
    const facts = taskFacts(task);
    all += 1;
    if (now < facts.firesFrom) suspended += 1;
    if (facts.failing) failing.push(facts);
    if (facts.next !== undefined) soonest.add(facts.next, task);
  }
  // The first ten time points of all are of the ten tasks that are due first.
  const fires = soonest.values
    .flatMap((task) => {
      const { key } = taskFacts(task);
      return upcoming(task, now, FIRES_SHOWN).map((time) => ({ time, key }));
    })
    .sort((a, b) => a.time - b.time || (a.key < b.key ? -1 : 1))
    .slice(0, FIRES_SHOWN);
  const latest = new Smallest<TaskFacts>(NAMES_SHOWN);
  for (const facts of failing) latest.add(-(facts.lastTime ?? 0), facts);
  const failingTasks = latest.values.map(({ key, lastState, health, lastTime, state }) => ({
    key,
    state: health === 'Healthy' || health === '<unknown>' ? (lastState ?? state) : health,
    ...(lastTime === undefined ? {} : { since: lastTime }),
  }));
  return { tasks: all, suspended, failing: failing.length, failingTasks, fires };
}

/** The few values with the smallest weights, ascending; what came first is first among equals. */
class Smallest<T> {
  private readonly limit: number;
  private readonly kept: { weight: number; value: T }[] = [];

  constructor(limit: number) {
    this.limit = limit;
  }

  get values(): T[] {
    return this.kept.map(({ value }) => value);
  }

  add(weight: number, value: T): void {
    const { kept, limit } = this;
    if (kept.length === limit && weight >= (kept[limit - 1]?.weight ?? 0)) return;
    let at = kept.length;
    while (at > 0 && (kept[at - 1]?.weight ?? 0) > weight) at -= 1;
    kept.splice(at, 0, { weight, value });
    if (kept.length > limit) kept.pop();
  }
}
