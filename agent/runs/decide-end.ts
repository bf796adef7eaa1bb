// What the end of a process means for its attempt, and whether another attempt follows. Pure.
import type { Attempt, RunReason, RunState } from '../../manifests/index.js';
import type { ExitRecord, UsageRecord } from '../runner/runner.js';
import { type RetryPolicy, retryDelayMs } from './retry-delay.js';

/** Why an attempt was ended, or not started, by its own agent: partitionPolicy Kill. Its end is known, so it may be retried. */
export const PARTITION = 'PartitionKilled' satisfies RunReason;
export const PARTITION_MESSAGE =
  'the agent was cut off from ZooKeeper for so long that another one might soon own the task (partitionPolicy Kill)';

export interface AttemptEnd extends Pick<Attempt, 'cpuMilliseconds' | 'peakMemoryBytes' | 'usageSource' | 'limits'> {
  readonly state: Extract<RunState, 'Succeeded' | 'Failed' | 'TimedOut' | 'Cancelled' | 'Lost'>;
  readonly reason?: RunReason;
  readonly message?: string;
  readonly exitCode?: number;
  readonly signal?: string;
}

/** `cancelReason` tells why this agent asked for the end, if it did. */
export function decideEnd(exit: ExitRecord, cancelReason: RunReason | undefined): AttemptEnd {
  const status = {
    ...(exit.exitCode === undefined ? {} : { exitCode: exit.exitCode }),
    ...(exit.signal === undefined ? {} : { signal: exit.signal }),
    ...usageOf(exit.usage),
    ...limitsOf(exit.limitedBy),
  };
  if (exit.statusUnknown) {
    return {
      state: 'Lost',
      reason: 'RunnerDied',
      message: 'the process has ended, but the runner that knew its exit status died before it',
      ...usageOf(exit.usage),
    };
  }
  if (exit.limit !== undefined) return { state: 'Failed', ...LIMIT_ENDS[exit.limit], ...status };
  if (exit.timedOut) return { state: 'TimedOut', reason: 'Timeout', ...status };
  if (exit.cancelled && cancelReason === PARTITION) {
    return { state: 'Failed', reason: PARTITION, message: PARTITION_MESSAGE, ...status };
  }
  if (exit.cancelled) return { state: 'Cancelled', reason: cancelReason ?? 'Requested', ...status };
  if (exit.exitCode === 0) return { state: 'Succeeded', ...status };
  if (exit.exitCode !== undefined) return { state: 'Failed', reason: 'ExitCode', ...status };
  return { state: 'Failed', reason: 'Signal', ...status };
}

const LIMIT_ENDS = {
  memoryBytes: {
    reason: 'MemoryLimit',
    message: 'its processes had more memory than spec.resources.limits.memory, and were ended',
  },
  pids: { reason: 'PidLimit', message: 'it had more processes than spec.resources.limits.pids, and they were ended' },
} as const;

function limitsOf(limitedBy: ExitRecord['limitedBy']): Pick<AttemptEnd, 'limits'> {
  if (limitedBy === undefined) return {};
  const { cpuMillis: cpu, memoryBytes: memory, pids, openFiles, fileSizeBytes: fileSize } = limitedBy;
  const all = Object.entries({ cpu, memory, pids, openFiles, fileSize });
  return { limits: Object.fromEntries(all.filter(([, by]) => by !== undefined)) };
}

function usageOf(usage: UsageRecord | undefined) {
  if (usage === undefined) return {};
  const { cpuMs, peakBytes } = usage;
  return {
    ...(cpuMs === undefined ? {} : { cpuMilliseconds: cpuMs }),
    ...(peakBytes === undefined ? {} : { peakMemoryBytes: peakBytes }),
    usageSource: usage.exact ? 'Cgroup' : 'Sampled',
  } as const;
}

/** Milliseconds until the next attempt of the run, or undefined when `attempt` was the last one. Only a known failure is retried. */
export function decideRetry(end: AttemptEnd, runUid: string, attempt: number, policy: RetryPolicy): number | undefined {
  if (end.state !== 'Failed' && end.state !== 'TimedOut') return undefined;
  if (attempt > policy.limit) return undefined;
  if (policy.onExitCodes !== undefined) {
    const known = end.state === 'Failed' && end.exitCode !== undefined && policy.onExitCodes.includes(end.exitCode);
    if (!known) return undefined;
  }
  return retryDelayMs(runUid, attempt, policy);
}
