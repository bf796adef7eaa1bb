// The limits of one attempt, from its launch to its end.
import { basename } from 'node:path';
import type { Clock, Timer } from '../../base/index.js';
import { cgroupUsage, enforcement, makeCgroup, type Platform, removeCgroup } from '../platform/index.js';
import type { RunningAttempt } from './attempt.js';
import type { LaunchRequest, StartedRecord } from './runner.js';

/** Groups that are still in use, by daemons or by what is just ending, are tried again every second; beyond this many they are left until the machine starts anew. */
const LEFT_MAX = 1000;
const TRIED_AT_ONCE = 10;
const RETRY_MS = 1000;

export type LimitsRecord = Pick<StartedRecord, 'limits' | 'limitedBy' | 'cgroup'>;

/** Makes the attempt's cgroup where the agent has some. Throws when the kernel does not take it. */
export function prepareLimits({ limits, cgroups, directory }: LaunchRequest, platform: Platform): LimitsRecord {
  const group = cgroups === undefined ? undefined : makeCgroup(cgroups, basename(directory), limits ?? {});
  const samples = platform.usage !== undefined;
  return {
    ...(group === undefined ? {} : { cgroup: group.path }),
    ...(limits === undefined
      ? {}
      : { limits, limitedBy: enforcement(limits, { controllers: group?.controllers ?? [], samples }) }),
  };
}

/** Reads what the groups of ended attempts say, and removes them. */
export class CgroupCloser {
  private readonly left = new Set<string>();
  private readonly clock: Clock;
  private retry: Timer | undefined;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** The attempt is over: takes what the kernel counted. */
  close(attempt: RunningAttempt): void {
    const { cgroup } = attempt.root;
    if (cgroup === undefined) return;
    const { outOfMemory, cpuMs, peakBytes } = cgroupUsage(cgroup);
    attempt.outOfMemory = outOfMemory;
    // Without the controller the group says nothing of memory: the looks have.
    const peak = peakBytes ?? attempt.usage?.peakBytes;
    if (cpuMs !== undefined) {
      attempt.usage = {
        cpuMs,
        ...(peak === undefined ? {} : { peakBytes: peak }),
        ...(peakBytes === undefined ? {} : { exact: true }),
      };
    }
    if (!removeCgroup(cgroup) && this.left.size < LEFT_MAX) this.left.add(cgroup);
    this.retryLater();
  }

  /** Those that were tried go to the end of the line. */
  private retryLater(): void {
    if (this.left.size === 0) return;
    this.retry ??= this.clock.timerAfter(RETRY_MS, () => {
      this.retry = undefined;
      for (const path of [...this.left].slice(0, TRIED_AT_ONCE)) {
        this.left.delete(path);
        if (!removeCgroup(path)) this.left.add(path);
      }
      this.retryLater();
    });
  }
}
