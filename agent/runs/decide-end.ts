// What the end of a process means for its attempt, and whether another attempt follows. Pure.
import type { RunState } from '../../manifests/index.js';
import type { ExitRecord } from '../runner/runner.js';

/** Why an attempt was ended, or not started, by its own agent: partitionPolicy Kill. Its end is known, so it may be retried. */
export const PARTITION = 'PartitionKilled';
export const PARTITION_MESSAGE =
  'the agent was cut off from ZooKeeper for so long that another one might soon own the task (partitionPolicy Kill)';

export interface AttemptEnd {
  readonly state: Extract<RunState, 'Succeeded' | 'Failed' | 'TimedOut' | 'Cancelled' | 'Lost'>;
  readonly reason?: string;
  readonly message?: string;
  readonly exitCode?: number;
  readonly signal?: string;
}

/** `cancelReason` tells why this agent asked for the end, if it did. */
export function decideEnd(exit: ExitRecord, cancelReason: string | undefined): AttemptEnd {
  const status = {
    ...(exit.exitCode === undefined ? {} : { exitCode: exit.exitCode }),
    ...(exit.signal === undefined ? {} : { signal: exit.signal }),
  };
  if (exit.statusUnknown) {
    return {
      state: 'Lost',
      reason: 'RunnerDied',
      message: 'the process has ended, but the runner that knew its exit status died before it',
    };
  }
  if (exit.timedOut) return { state: 'TimedOut', reason: 'Timeout', ...status };
  if (exit.cancelled && cancelReason === PARTITION) {
    return { state: 'Failed', reason: PARTITION, message: PARTITION_MESSAGE, ...status };
  }
  if (exit.cancelled) return { state: 'Cancelled', reason: cancelReason ?? 'Requested', ...status };
  if (exit.exitCode === 0) return { state: 'Succeeded', ...status };
  if (exit.exitCode !== undefined) return { state: 'Failed', reason: 'ExitCode', ...status };
  return { state: 'Failed', reason: 'Signal', ...status };
}

export interface RetryPolicy {
  /** Attempts after the first one. */
  readonly limit: number;
  readonly initialMs: number;
  readonly maxMs: number;
  readonly onExitCodes?: readonly number[] | undefined;
}

/** Milliseconds until the next attempt, or undefined when `attempt` was the last one. Only a known failure is retried. */
export function decideRetry(end: AttemptEnd, attempt: number, policy: RetryPolicy): number | undefined {
  if (end.state !== 'Failed' && end.state !== 'TimedOut') return undefined;
  if (attempt > policy.limit) return undefined;
  if (policy.onExitCodes !== undefined) {
    const known = end.state === 'Failed' && end.exitCode !== undefined && policy.onExitCodes.includes(end.exitCode);
    if (!known) return undefined;
  }
  return retryDelayMs(attempt, policy);
}

/** Between the end of `attempt` and the start of the next one. */
export function retryDelayMs(attempt: number, { initialMs, maxMs }: RetryPolicy): number {
  return Math.min(maxMs, initialMs * 2 ** Math.max(0, attempt - 1));
}
