// A task's status as a pure function of what is known. One word for columns, and the conditions it is derived from.
import type {
  Condition,
  ConditionKind,
  ConditionReason,
  ConditionType,
  EventReason,
  TaskStatus,
  WantedCondition,
} from '../../../manifests/index.js';
import type { RunSummary } from '../../store/store-types.js';

export interface TaskFacts {
  readonly generation: number;
  readonly suspended: boolean;
  /** Until when and why, in words. */
  readonly suspension?: string | undefined;
  /** First time point after the suspension, ms; undefined when that has no end. */
  readonly firesAt?: number | undefined;
  /** It is deleted in the foreground, and waits for its runs to end. */
  readonly going?: boolean;
  /** Revision and owner of each slot that has a record. */
  readonly slots: readonly { readonly slot: string; readonly revision: number; readonly owner: string | null }[];
  /** Absent: Single. */
  readonly mode?: 'Single' | 'EveryAgent' | 'Shards';
  /** The owner is registered in ZooKeeper. */
  isRegistered(agent: string): boolean;
  /** The owner has spoken to the center: without that it is registered and still gets no specification to run. */
  isKnown(agent: string): boolean;
  /** Why the agent cannot schedule the task, if it says so. */
  readonly refusal?: (agent: string) => string | undefined;
  readonly runs: RunSummary | undefined;
  /** It has no schedules: it runs on demand. */
  readonly onDemand: boolean;
  /** It waits for results of other tasks. */
  readonly waits?: boolean;
  /** With maxRuns: of each slot that has a record, how many runs by its schedules it has had. */
  readonly counted?: { readonly maxRuns: number; readonly runs: readonly number[] } | undefined;
  /** Next time point of the schedules alone, ms; undefined when there is none. */
  readonly nextTime: number | undefined;
}

type Words<T extends ConditionType<'Task'>> = readonly [ConditionReason<'Task', T>, string];

const BAD_ENDS: Readonly<Record<string, ConditionReason<'Task', 'Degraded'>>> = {
  Failed: 'LastRunFailed',
  TimedOut: 'LastRunTimedOut',
  Missed: 'LastRunMissed',
  Lost: 'LastRunLost',
};

/** `before`: the status as stored, for the times of transitions. Equal facts give an equal status at any `now`. */
export function decideTaskStatus(facts: TaskFacts, before: TaskStatus | undefined, now: number): TaskStatus {
  const everywhere = facts.mode === 'EveryAgent';
  // An agent that is away runs nothing, and the task lacks nothing: its slot waits for it.
  const counts = (owner: string | null) => owner !== null && (!everywhere || facts.isRegistered(owner));
  const owned = facts.slots.filter((slot) => counts(slot.owner)).sort(bySlot);
  const serving = owned.filter((slot) => facts.isRegistered(slot.owner!));
  const partly = facts.mode === 'Shards' && serving.length > 0 && serving.length < facts.slots.length;
  const inForce = facts.slots.length > 0 && facts.slots.every((slot) => slot.revision >= facts.generation);
  const served = serving.length > 0 && (partly || serving.length === owned.length);
  const refused = served ? refusalOf(facts, owned) : undefined;
  const unknown = served ? owned.find((slot) => !facts.isKnown(slot.owner!))?.owner : undefined;
  const hindered = refused !== undefined || typeof unknown === 'string';
  const last = facts.runs?.lastFinished;
  const degraded = last !== undefined && BAD_ENDS[last.state] !== undefined;
  const conditions = [
    hindered
      ? condition('Ready', false, ...hindranceWords(refused, unknown))
      : condition('Ready', inForce && served && !partly, ...readyWords(inForce, owned.length > 0, served, partly)),
    condition('Scheduled', facts.nextTime !== undefined, ...scheduledWords(facts)),
    condition('Suspended', facts.suspended, ...suspendedWords(facts)),
    condition('Degraded', degraded, ...degradedWords(last?.state)),
    ...(facts.counted === undefined ? [] : [completeCondition(facts.counted)]),
  ].map((wanted) => withTransition<'Task'>(wanted, facts.generation, before?.conditions, now));
  const observed = Math.max(0, ...facts.slots.map((slot) => slot.revision));
  const firesAt = facts.suspended ? facts.firesAt : facts.nextTime;
  const firing = !facts.going && !isComplete(facts) && served && !hindered && firesAt !== undefined;
  return {
    ...(observed === 0 ? {} : { observedGeneration: observed }),
    state: stateOf(facts, served, degraded || hindered || partly),
    allocations: owned.map(({ slot, owner }) => ({ slot, agent: owner! })),
    activeRuns: facts.runs?.open ?? 0,
    ...(last === undefined
      ? {}
      : { lastRun: { name: last.name, state: last.state, time: new Date(last.time).toISOString() } }),
    ...(facts.runs === undefined || facts.runs.skipped === 0 ? {} : { skippedRuns: facts.runs.skipped }),
    ...(firing ? { nextTime: new Date(firesAt).toISOString() } : {}),
    conditions,
  };
}

/** Reason of condition Ready and of an event: an agent has the task and cannot schedule it. */
export const TASK_REFUSED = 'TaskRefused' satisfies EventReason;

export function refusalIn(status: TaskStatus | undefined): string | undefined {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  return ready?.reason === TASK_REFUSED ? ready.message : undefined;
}

function refusalOf(facts: TaskFacts, owned: TaskFacts['slots']): string | undefined {
  for (const { owner } of owned) {
    const why = facts.refusal?.(owner ?? '');
    if (why !== undefined) return `agent ${owner} cannot schedule the task: ${why}`;
  }
  return undefined;
}

function stateOf(facts: TaskFacts, served: boolean, degraded: boolean): NonNullable<TaskStatus['state']> {
  if (facts.going) return 'Terminating';
  if (facts.suspended) return 'Suspended';
  const running = facts.runs?.openStates.includes('Running') === true;
  if (isComplete(facts) && !(served && running)) return 'Complete';
  if (!served) return 'Unallocated';
  if (running) return 'Running';
  return degraded ? 'Degraded' : 'Active';
}

/** Every slot has had its runs. */
function isComplete({ counted }: Pick<TaskFacts, 'counted'>): boolean {
  return counted !== undefined && counted.runs.length > 0 && counted.runs.every((runs) => runs >= counted.maxRuns);
}

function completeCondition(counted: NonNullable<TaskFacts['counted']>): WantedCondition<'Task'> {
  const { maxRuns, runs } = counted;
  const each = runs.length > 1 ? ' in each slot' : '';
  if (isComplete({ counted })) {
    return condition('Complete', true, 'MaxRuns', `it has had ${maxRuns} runs by its schedules${each} (maxRuns)`);
  }
  const fewest = Math.min(maxRuns, ...runs);
  return condition('Complete', false, 'RunsLeft', `${fewest} of ${maxRuns} runs by its schedules${each} (maxRuns)`);
}

function hindranceWords(refused: string | undefined, unknown: string | null | undefined): Words<'Ready'> {
  if (refused !== undefined) return [TASK_REFUSED, refused];
  return ['AgentUnknown', `agent ${unknown}, which has the task, is registered, but has never reported to the center`];
}

/** Shards by their number, agents by their names. */
function bySlot({ slot: a }: { slot: string }, { slot: b }: { slot: string }): number {
  return /^\d+$/.test(a) && /^\d+$/.test(b) ? Number(a) - Number(b) : Number(a > b) - Number(a < b);
}

function readyWords(inForce: boolean, owned: boolean, served: boolean, partly: boolean): Words<'Ready'> {
  if (!owned) return ['NoEligibleAgent', 'no agent that is registered may run the task'];
  if (!served) return ['AgentAbsent', 'the agent that owns the task is not registered'];
  if (partly) return ['SlotsUnserved', 'not every shard has an agent that is registered'];
  if (!inForce) return ['Applying', 'the latest generation is not in force yet'];
  return ['Allocated', 'an agent runs the task'];
}

/** Of the schedules alone: whether a time point fires is what Ready and Suspended say. */
function scheduledWords({ nextTime, onDemand, waits }: TaskFacts): Words<'Scheduled'> {
  if (nextTime !== undefined) return ['TimePointsAhead', 'further time points lie ahead'];
  if (onDemand) return ['NoSchedule', `the task has no schedules: it runs ${waits ? 'after others' : 'on demand'}`];
  return ['NoTimePointsAhead', 'no further time points lie ahead'];
}

function suspendedWords({ suspended, suspension = 'suspended' }: TaskFacts): Words<'Suspended'> {
  if (!suspended) return ['NotSuspended', 'time points fire'];
  const words = suspension === 'suspended' ? 'no time point fires; each one' : `${suspension}; each time point`;
  return ['SuspendedByUser', `${words} is recorded as Skipped`];
}

function degradedWords(last: string | undefined): Words<'Degraded'> {
  if (last === undefined) return ['NoRunYet', 'no run has ended yet'];
  const bad = BAD_ENDS[last];
  if (bad !== undefined) return [bad, `last run: ${last}`];
  return ['LastRunOK', last === 'Succeeded' ? 'last run succeeded' : `last run: ${last}`];
}

function condition<T extends ConditionType<'Task'>>(
  type: T,
  holds: boolean,
  reason: ConditionReason<'Task', T>,
  message: string,
): WantedCondition<'Task'> {
  return { type, status: holds ? 'True' : 'False', reason, message } as WantedCondition<'Task'>;
}

/** The time of a transition changes only when the status flips. */
export function withTransition<K extends ConditionKind>(
  wanted: WantedCondition<K>,
  observedGeneration: number | undefined,
  before: readonly Condition[] | undefined,
  now: number,
): Condition {
  const old = before?.find((candidate) => candidate.type === wanted.type);
  const lastTransitionTime =
    old !== undefined && old.status === wanted.status ? old.lastTransitionTime : new Date(now).toISOString();
  return {
    type: wanted.type,
    status: wanted.status,
    ...(observedGeneration === undefined ? {} : { observedGeneration }),
    lastTransitionTime,
    reason: wanted.reason,
    message: wanted.message,
  };
}
