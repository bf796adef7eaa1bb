import { invariant, parseDuration } from '../base/index.js';
import type { TaskSpec } from './kinds/task.js';

/** The policies of a task in numbers; durations in ms. Values a stored spec may lack are those of the schema. */
export interface TaskPolicy {
  /** Absent: an attempt may take as long as it likes. */
  readonly timeoutMs?: number;
  readonly gracePeriodMs: number;
  /** Of those that wait for a place on an agent the highest starts first. */
  readonly priority: number;
  readonly startingDeadlineMs: number;
  readonly catchUpWindowMs: number;
  readonly missedRunPolicy: 'Skip' | 'RunOnce' | 'RunAll';
  readonly concurrencyPolicy: 'Allow' | 'Forbid' | 'Queue' | 'Replace';
  /** Open runs of a slot, one that waits in the queue apart; Infinity: no limit. */
  readonly runsAtOnce: number;
  readonly retry: {
    /** Attempts after the first one. */
    readonly limit: number;
    readonly initialMs: number;
    readonly maxMs: number;
    /** By which each wait is longer than the one before it. */
    readonly factor: number;
    /** No wait is shorter; absent: 0. */
    readonly minMs?: number;
    /** Share of a wait, 0 to 1, by at most which it is shortened. */
    readonly jitter: number;
    /** Absent: after any failure. */
    readonly onExitCodes?: readonly number[];
  };
  /** Runs by schedule, per slot; absent: no limit. */
  readonly maxRuns?: number;
  readonly onLost: 'Record' | 'Rerun';
  readonly partitionPolicy: 'Fence' | 'Continue' | 'Kill';
  readonly history: { readonly runs: number; readonly ageMs: number };
}

/** With retry.agent Other: so long the center has to give the task to another agent. When it has not by then, because there is no
 * other agent, or no center, the same agent makes the attempt. */
const HAND_OVER_MS = 5_000;

/** Reads the policies of a validated spec. */
export function taskPolicy(spec: TaskSpec): TaskPolicy {
  const { retry, history } = spec;
  return {
    ...(spec.timeout === undefined ? {} : { timeoutMs: ms(spec.timeout) }),
    gracePeriodMs: ms(spec.gracePeriod ?? '10s'),
    priority: spec.priority ?? 0,
    startingDeadlineMs: ms(spec.startingDeadline ?? '60s'),
    catchUpWindowMs: ms(spec.catchUpWindow ?? '1h'),
    missedRunPolicy: spec.missedRunPolicy ?? 'RunOnce',
    concurrencyPolicy: spec.concurrencyPolicy ?? 'Forbid',
    runsAtOnce: runsAtOnce(spec),
    retry: {
      limit: retry?.limit ?? 0,
      initialMs: ms(retry?.backoff?.initial ?? '10s'),
      maxMs: ms(retry?.backoff?.max ?? '5m'),
      factor: retry?.backoff?.factor ?? 2,
      jitter: (retry?.backoff?.jitter ?? 10) / 100,
      ...(retry?.agent === 'Other' ? { minMs: HAND_OVER_MS } : {}),
      ...(retry?.onExitCodes === undefined ? {} : { onExitCodes: retry.onExitCodes }),
    },
    ...(spec.maxRuns === undefined ? {} : { maxRuns: spec.maxRuns }),
    onLost: spec.onLost ?? 'Record',
    partitionPolicy: spec.partitionPolicy ?? 'Fence',
    history: { runs: history?.runs ?? 100, ageMs: ms(history?.age ?? '90d') },
  };
}

/** Most open runs of a slot; Infinity where runs overlap freely. */
export function runsAtOnce(spec: Pick<TaskSpec, 'concurrencyPolicy' | 'maxConcurrentRuns'>): number {
  if (spec.concurrencyPolicy === 'Allow') return spec.maxConcurrentRuns ?? Number.POSITIVE_INFINITY;
  return spec.concurrencyPolicy === 'Queue' ? (spec.maxConcurrentRuns ?? 1) : 1;
}

function ms(duration: string): number {
  const value = parseDuration(duration);
  invariant(value !== undefined, 'policy-duration', `"${duration}" passed validation as a duration`);
  return value;
}
