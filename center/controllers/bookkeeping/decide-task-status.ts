// A task's status as a pure function of what is known. One word for columns, and the conditions it is derived from.
import type { Condition, TaskStatus } from '../../../manifests/index.js';
import type { RunSummary } from '../../store/store.js';

export interface TaskFacts {
  readonly generation: number;
  readonly suspended: boolean;
  /** It is deleted in the foreground, and waits for its runs to end. */
  readonly going?: boolean;
  /** Revision and owner of each slot that has a record. */
  readonly slots: readonly { readonly slot: string; readonly revision: number; readonly owner: string | null }[];
  /** The owner is registered in ZooKeeper. */
  isRegistered(agent: string): boolean;
  /** Why the agent cannot schedule the task, if it says so. */
  readonly refusal?: (agent: string) => string | undefined;
  readonly runs: RunSummary | undefined;
  /** It has no schedules: it runs on demand. */
  readonly onDemand: boolean;
  /** Next time point, ms; undefined when there is none. */
  readonly nextTime: number | undefined;
}

const BAD_ENDS = new Set(['Failed', 'TimedOut', 'Missed', 'Lost']);

/** `before`: the status as stored, for the times of transitions. Equal facts give an equal status at any `now`. */
export function decideTaskStatus(facts: TaskFacts, before: TaskStatus | undefined, now: number): TaskStatus {
  const owned = facts.slots.filter((slot) => slot.owner !== null);
  const inForce = facts.slots.length > 0 && facts.slots.every((slot) => slot.revision >= facts.generation);
  const served = owned.length > 0 && owned.every((slot) => facts.isRegistered(slot.owner!));
  const refused = served ? refusalOf(facts, owned) : undefined;
  const last = facts.runs?.lastFinished;
  const degraded = last !== undefined && BAD_ENDS.has(last.state);
  const conditions = [
    refused === undefined
      ? condition('Ready', inForce && served, ...readyWords(inForce, owned.length > 0, served))
      : condition('Ready', false, TASK_REFUSED, refused),
    condition('Scheduled', facts.nextTime !== undefined, ...scheduledWords(facts)),
    condition('Suspended', facts.suspended, ...suspendedWords(facts.suspended)),
    condition('Degraded', degraded, ...degradedWords(last?.state)),
  ].map((wanted) => withTransition(wanted, facts.generation, before?.conditions, now));
  const observed = Math.max(0, ...facts.slots.map((slot) => slot.revision));
  const firing = !facts.suspended && !facts.going && served && refused === undefined && facts.nextTime !== undefined;
  return {
    ...(observed === 0 ? {} : { observedGeneration: observed }),
    state: stateOf(facts, served, degraded || refused !== undefined),
    allocations: owned.map(({ slot, owner }) => ({ slot, agent: owner! })),
    activeRuns: facts.runs?.open ?? 0,
    ...(last === undefined
      ? {}
      : { lastRun: { name: last.name, state: last.state, time: new Date(last.time).toISOString() } }),
    ...(firing ? { nextTime: new Date(facts.nextTime!).toISOString() } : {}),
    conditions,
  };
}

/** Reason of condition Ready and of an event: an agent has the task and cannot schedule it. */
export const TASK_REFUSED = 'TaskRefused';

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
  if (!served) return 'Unallocated';
  if (facts.runs?.openStates.includes('Running')) return 'Running';
  return degraded ? 'Degraded' : 'Active';
}

function readyWords(inForce: boolean, owned: boolean, served: boolean): readonly [string, string] {
  if (!owned) return ['NoEligibleAgent', 'no agent that is registered may run the task'];
  if (!served) return ['AgentAbsent', 'the agent that owns the task is not registered'];
  if (!inForce) return ['Applying', 'the latest generation is not in force yet'];
  return ['Allocated', 'an agent runs the task'];
}

/** Of the schedules alone: whether a time point fires is what Ready and Suspended say. */
function scheduledWords({ nextTime, onDemand }: TaskFacts): readonly [string, string] {
  if (nextTime !== undefined) return ['TimePointsAhead', 'further time points lie ahead'];
  if (onDemand) return ['NoSchedule', 'the task has no schedules: it runs on demand'];
  return ['NoTimePointsAhead', 'no further time points lie ahead'];
}

function suspendedWords(suspended: boolean): readonly [string, string] {
  return suspended
    ? ['SuspendedByUser', 'no time point fires; each one is recorded as Skipped']
    : ['NotSuspended', 'time points fire'];
}

function degradedWords(last: string | undefined): readonly [string, string] {
  if (last === undefined) return ['NoRunYet', 'no run has ended yet'];
  if (BAD_ENDS.has(last)) return [`LastRun${last}`, `last run: ${last}`];
  return ['LastRunOK', last === 'Succeeded' ? 'last run succeeded' : `last run: ${last}`];
}

type Wanted = Pick<Condition, 'type' | 'status' | 'reason' | 'message'>;

function condition(type: string, holds: boolean, reason: string, message: string): Wanted {
  return { type, status: holds ? 'True' : 'False', reason, message };
}

/** The time of a transition changes only when the status flips. */
export function withTransition(
  wanted: Wanted,
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
