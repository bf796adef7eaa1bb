// What may be wrong with a task, a rule each: pure, and cheap enough to be asked of 10,000 tasks.
import { formatAge, type Instant } from '../../../base/index.js';
import { type Agent, agentReady, isComplete, runsAtOnce, type Task } from '../../../manifests/index.js';
import { safeCell } from '../../output/terminal-safety.js';
import { type RunFacts, taskFacts } from './facts.js';
import { nextPoint, upcoming } from './fires.js';
import { clockTime, distance, lengthWords } from './times.js';

/** Error: it does not do what it is for. Warning: it does not do so always, or may soon not. Note: worth a look. */
export type Severity = 'Error' | 'Warning' | 'Note';

export interface Remark {
  readonly severity: Severity;
  readonly what: string;
  /** What to do about it. */
  readonly remedy: string;
}

export interface TaskCase {
  readonly task: Task;
  /** Newest first. */
  readonly runs: readonly RunFacts[];
  readonly runsCut: boolean;
  readonly clusters: ReadonlyMap<string, { readonly agents: number; readonly ready: number }>;
  readonly now: Instant;
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** A task that was made just now, or whose agent has just gone, has no agent for a moment. */
const UNALLOCATED_GRACE_MS = MINUTE_MS;
/** Bad ends in a row that are no accident any more. */
const FAILURES_MIN = 3;
const SUSPENDED_MAX_MS = 30 * DAY_MS;
/** Nobody lets a run without a time limit run for so long on purpose, and does not look after it. */
const RUNNING_MAX_MS = DAY_MS;
/** Latest runs by which it is judged how long they take. */
const DURATIONS_SEEN = 10;
const DURATIONS_MIN = 3;
/** Gaps between time points that are looked at: the middle one is no break for the night. */
const GAPS_SEEN = 3;
/** Tasks that start in the same second: each agent starts its share of them at once. */
const CROWD_MIN = 50;
const CROWDS_SHOWN = 5;

type Rule = (seen: TaskCase) => Remark | undefined;

/** In the order in which they stand among equals. */
export const rules: Readonly<Record<string, Rule>> = {
  allocation,
  failing,
  over: neverFires,
  overlap: overlapping,
  unbounded,
};

/** Of a task that is not to run, it does not matter that it would not. */
export const rulesOfSuspended: Readonly<Record<string, Rule>> = { suspended };

function conditionOf({ status }: Task, type: string) {
  return status?.conditions?.find((one) => one.type === type);
}

function allocation({ task, clusters, now }: TaskCase): Remark | undefined {
  const ready = conditionOf(task, 'Ready');
  const refused = ready?.reason === 'TaskRefused';
  if (!refused && taskFacts(task).state !== 'Unallocated') return undefined;
  if (now - Date.parse(ready?.lastTransitionTime ?? '') < UNALLOCATED_GRACE_MS) return undefined;
  const what = safeCell(ready?.message ?? 'no agent may run the task');
  if (refused)
    return {
      severity: 'Error',
      what,
      remedy: 'Let the agent have the version of the center, or change the schedules.',
    };
  const cluster = safeCell(task.spec.cluster ?? 'default');
  const { agents = 0, ready: readyAgents = 0 } = clusters.get(cluster) ?? {};
  const remedy =
    readyAgents === 0
      ? `Start an agent in cluster ${cluster}, or give the task another cluster.`
      : '<w> on the task says why each agent may not have it.';
  return { severity: 'Error', what: `${what} (cluster ${cluster}: ${readyAgents} of ${agents} agents ready)`, remedy };
}

const FAILURES: ReadonlySet<string> = new Set(['Failed', 'TimedOut', 'Lost']);

/** What was cancelled, or never ran, says nothing of the task. */
function failing({ runs, runsCut, now }: TaskCase): Remark | undefined {
  const ended = runs.filter(({ state }) => FAILURES.has(state) || state === 'Succeeded');
  const good = ended.findIndex(({ state }) => state === 'Succeeded');
  const count = good === -1 ? ended.length : good;
  const [latest] = ended;
  if (count < FAILURES_MIN || latest === undefined) return undefined;
  const least = good === -1 && runsCut ? 'at least ' : '';
  const when = distance(latest.end ?? latest.created, now);
  return {
    severity: 'Error',
    what: `${least}${count} runs in a row did not end well, the latest ${latest.state} ${when}`,
    remedy: '<l> on the task shows what the latest one wrote.',
  };
}

function neverFires({ task, now }: TaskCase): Remark | undefined {
  const schedules = task.spec.schedules ?? [];
  if (isComplete(task)) {
    return {
      severity: 'Note',
      what: 'it has had as many runs as maxRuns allows: it is due no more',
      remedy: 'Delete it, or set spec.maxRuns higher.',
    };
  }
  if (schedules.length === 0 || nextPoint(task, now) !== undefined) return undefined;
  const over = schedules.every(({ at, endTime }) => at !== undefined || endTime !== undefined);
  return over
    ? {
        severity: 'Note',
        what: 'its schedules are over: it is due no more',
        remedy: 'Delete it, or give it another schedule.',
      }
    : {
        severity: 'Warning',
        what: 'its schedules yield no time point',
        remedy: 'Mend the schedules: <x> on the task shows them.',
      };
}

function overlapping({ task, runs, now }: TaskCase): Remark | undefined {
  const policy = task.spec.concurrencyPolicy ?? 'Forbid';
  if (policy !== 'Forbid' && policy !== 'Queue') return undefined;
  const durations = runs
    .flatMap(({ start, end, state }) =>
      start === undefined || end === undefined || state === 'Cancelled' ? [] : [end - start],
    )
    .slice(0, DURATIONS_SEEN);
  if (durations.length < DURATIONS_MIN) return undefined;
  const usual = middle(durations);
  const interval = intervalOf(task, now);
  if (interval === undefined || usual <= interval * runsAtOnce(task.spec)) return undefined;
  const effect =
    policy === 'Forbid' ? 'time points are skipped' : 'they wait for one another, and time points are skipped';
  return {
    severity: 'Warning',
    what: `runs take ${lengthWords(usual)} and are due every ${lengthWords(interval)}: ${effect}`,
    remedy: 'Let it be due less often, or let its runs overlap: concurrencyPolicy: Allow.',
  };
}

/** Between time points, as a rule, ms. */
function intervalOf(task: Task, now: Instant): number | undefined {
  const times = upcoming(task, now, GAPS_SEEN + 1);
  const gaps = times.slice(1).map((time, index) => time - (times[index] ?? time));
  return gaps.length === 0 ? undefined : middle(gaps);
}

function middle(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

function suspended({ task, now }: TaskCase): Remark | undefined {
  const since = Date.parse(conditionOf(task, 'Suspended')?.lastTransitionTime ?? '');
  // NaN where the center has not said it yet.
  if (!(now - since > SUSPENDED_MAX_MS)) return undefined;
  const { suspendReason } = task.spec;
  return {
    severity: 'Note',
    what: `suspended for ${formatAge(now - since)}${suspendReason === undefined ? '' : `: ${safeCell(suspendReason)}`}`,
    remedy: '<s> on the task resumes it. If nobody has missed it, delete it.',
  };
}

/** Under Allow and Replace a run that hangs does not hold up those that follow. */
function unbounded({ task, runs, now }: TaskCase): Remark | undefined {
  const { timeout, schedules = [], concurrencyPolicy: policy = 'Forbid' } = task.spec;
  if (timeout !== undefined) return undefined;
  const long = runs.find(
    ({ state, start }) => state === 'Running' && start !== undefined && now - start > RUNNING_MAX_MS,
  );
  if (long?.start !== undefined) {
    return {
      severity: 'Warning',
      what: `run ${long.name} has been running for ${formatAge(now - long.start)}, and nothing would end it: there is no timeout`,
      remedy: '<l> on the task shows what it writes. Set spec.timeout to the longest that a run may take.',
    };
  }
  if (schedules.length === 0 || (policy !== 'Forbid' && policy !== 'Queue')) return undefined;
  return NO_TIMEOUT;
}

/** The same for every task: where nobody sets timeouts there are as many as tasks. */
export const NO_TIMEOUT: Remark = {
  severity: 'Note',
  what: 'there is no timeout: a run that hangs holds up all that follow',
  remedy: 'Set spec.timeout to the longest that a run may take.',
};

export interface Crowd extends Remark {
  readonly second: number;
  /** How many. */
  readonly tasks: number;
}

/** Many tasks whose next runs start in the same second; jitter spreads them. @param tasks those that are not suspended */
export function crowdedSeconds(tasks: readonly Task[], now: Instant): Crowd[] {
  const counts = new Map<number, number>();
  for (const task of tasks) {
    const point = nextPoint(task, now);
    if (point === undefined) continue;
    const second = Math.floor(point.startTime / 1000);
    counts.set(second, (counts.get(second) ?? 0) + 1);
  }
  return [...counts]
    .filter(([, count]) => count > CROWD_MIN)
    .sort(([a, many], [b, others]) => others - many || a - b)
    .slice(0, CROWDS_SHOWN)
    .map(([second, count]) => ({
      ...{ second, tasks: count, severity: 'Warning' },
      what: `they start in the same second, ${clockTime(second * 1000, now)}`,
      remedy: 'Spread them: jitter in their schedules, or another minute for some of them.',
    }));
}

/** Agents that there are and that are ready, by name of the cluster. */
export function clusterStates(agents: Iterable<Agent>): Map<string, { agents: number; ready: number }> {
  const states = new Map<string, { agents: number; ready: number }>();
  for (const agent of agents) {
    const cluster = safeCell(agent.spec.cluster ?? 'default');
    const state = states.get(cluster) ?? { agents: 0, ready: 0 };
    state.agents += 1;
    if (agentReady(agent)) state.ready += 1;
    states.set(cluster, state);
  }
  return states;
}
