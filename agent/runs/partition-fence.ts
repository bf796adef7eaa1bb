// partitionPolicy: Kill. Another agent may be given the slots of this one when its session has expired, which is no sooner than one
// session time-out after the sending of the last write that was acknowledged. By then the processes must have ended. Acknowledged
// pings and reads prove nothing: a server that is cut off from its leader answers them for a while.
import type { Clock, Timer } from '../../base/index.js';
import type { CoordinationSession, Coordinator } from '../../coordination/index.js';

/** Parts of the session time-out: after the first one processes are asked to end, after the second one more they are forced to.
 * What is left is for their dying, and for clocks that run differently. The agent writes every half time-out. */
const SILENCE = 0.7;
const GRACE = 0.15;

export interface PartitionFenceOptions {
  readonly clock: Clock;
  readonly session: Pick<CoordinationSession, 'follow'>;
  /** What is asked for; the server may grant another one. */
  readonly sessionTimeoutMs: number;
  /** Everything that must not run beside a next owner is to end within `graceMs`. */
  readonly close: (graceMs: number) => void;
  /** Called now and then while it is closed. */
  readonly stillClosed?: () => void;
}

/**
 * Open: a write was acknowledged a short while ago, or this process has begun a short while ago. Closed: nobody can know
 * whether the slots are still ours; open again with the next write that is acknowledged.
 */
export class PartitionFence {
  private readonly options: PartitionFenceOptions;
  private coordinator: Coordinator | undefined;
  /** Monotonic time since when silence counts, unless a write was acknowledged later. */
  private since = 0;
  private expired = false;
  /** `close` was called, and nothing was acknowledged since, as far as anybody has looked. */
  private closed = false;
  private timer: Timer | undefined;
  private unfollow: (() => void) | undefined;

  constructor(options: PartitionFenceOptions) {
    this.options = options;
  }

  start(): void {
    this.since = this.options.clock.monotonic();
    this.unfollow = this.options.session.follow({
      established: (coordinator) => {
        this.coordinator = coordinator;
      },
      lost: () => {
        // Also when a suspended machine wakes, whose monotonic clock has not noticed.
        this.expired = true;
        this.coordinator = undefined;
        this.since = this.options.clock.monotonic();
        this.look();
      },
    });
    this.look();
  }

  stop(): void {
    this.timer?.cancel();
    this.unfollow?.();
  }

  /** As of now, whether or not a timer has told it yet. */
  get isClosed(): boolean {
    return this.remainingMs() <= 0;
  }

  /** The session ended: coordination was there to say so, and others may own the slots since. */
  get isExpired(): boolean {
    return this.expired && this.remainingMs() <= 0;
  }

  private remainingMs(): number {
    const written = this.coordinator?.lastAcknowledgedWrite ?? Number.NEGATIVE_INFINITY;
    if (written > this.since) this.expired = false; // by the new session
    if (this.expired) return 0;
    return Math.max(this.since, written) + this.timeoutMs * SILENCE - this.options.clock.monotonic();
  }

  private get timeoutMs(): number {
    return this.coordinator?.sessionTimeoutMs || this.options.sessionTimeoutMs;
  }

  private look(): void {
    this.timer?.cancel();
    const remainingMs = this.remainingMs();
    if (remainingMs > 0) this.closed = false;
    else if (!this.closed) {
      this.closed = true;
      this.options.close(this.timeoutMs * GRACE);
    }
    if (this.closed) this.options.stillClosed?.();
    const nextMs = remainingMs > 0 ? remainingMs : this.timeoutMs / 8;
    this.timer = this.options.clock.timerAfter(nextMs, () => this.look());
  }
}
