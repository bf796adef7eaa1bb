import type { Clock, Instant } from '../../base/index.js';
import type { ManualRun, RunReport } from '../../manifests/index.js';
import type { TimerQueue } from '../schedule-loop/timer-queue.js';

/** A slot that moves here is on the list within seconds of the request; the center names the owner it knows. */
const PATIENCE_MS = 30_000;

export interface UnownedRunsOptions {
  readonly clock: Clock;
  readonly timers: TimerQueue;
  /** Offers every run that waits once more. */
  readonly retry: () => void;
  readonly patienceMs?: number;
}

/**
 * How long runs on demand have waited for a slot that, as far as the allocation is known, is not ours. Without a bound
 * such a run would wait for ever: the center gave it to the owner it knew, and that one lives.
 */
export class UnownedRuns {
  private readonly options: UnownedRunsOptions;
  private readonly patienceMs: number;
  /** In the order of time, as a Map keeps it. */
  private readonly since = new Map<string, Instant>();
  private armed = false;

  constructor(options: UnownedRunsOptions) {
    this.options = options;
    this.patienceMs = options.patienceMs ?? PATIENCE_MS;
  }

  /** To be asked whenever the run is offered and its slot is not ours. True once, when it has waited long enough. */
  waitedInVain(uid: string): boolean {
    const now = this.options.clock.now();
    const since = this.since.get(uid);
    if (since !== undefined && now - since >= this.patienceMs) return this.since.delete(uid);
    if (since === undefined) this.since.set(uid, now);
    this.arm();
    return false;
  }

  /** The run has started, or its slot is ours by now. */
  forget(uid: string): void {
    this.since.delete(uid);
  }

  private arm(): void {
    const [first] = this.since.values();
    if (this.armed || first === undefined) return;
    this.armed = true;
    this.options.timers.add(first + this.patienceMs, () => {
      this.armed = false;
      this.options.retry();
      // What was not offered again was cancelled meanwhile.
      const old = this.options.clock.now() - this.patienceMs;
      for (const [uid, since] of this.since) if (since <= old) this.since.delete(uid);
      this.arm();
    });
  }
}

export function ownerChangedReport(run: ManualRun, now: Instant): RunReport {
  const { uid, name, namespace, task, taskUid, slot, revision, trigger } = run;
  return {
    ...{ uid, name, namespace, task, taskUid, slot, revision, trigger },
    scheduledTime: null,
    schedule: null,
    state: 'Missed',
    reason: 'OwnerChanged',
    message: 'the slot belonged to another agent when this agent was asked to run it',
    endTime: now,
    attempts: [],
    attempt: 0,
  };
}
