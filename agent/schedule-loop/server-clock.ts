import type { Clock, Instant } from '../../base/index.js';

/** Rule R11: further apart than this, and nothing is claimed. */
export const CLOCK_OFFSET_MAX_MS = 2000;

/** One acknowledged write: the server stamped it, by its wall clock, between our sending and our receiving. */
export interface TimeSample {
  readonly serverTime: Instant;
  readonly sentAt: Instant;
  readonly receivedAt: Instant;
}

/**
 * Compares this machine's wall clock with that of the coordination leader, as each write reply tells it (Stat.mtime).
 * The offset is known as an interval; only when all of it is out of bounds is the clock suspect: a slow reply or a paused
 * process never is.
 *
 * Between two samples the wall clock must keep step with the monotonic one: when it does not (somebody set it, or the
 * machine was suspended) nothing may be believed until a sample of which every reading is within bounds. Before the first
 * sample, too.
 */
export class ServerClock {
  private readonly clock: Clock;
  private outOfBounds = false;
  private lastOffsetMs = 0;
  /** Wall minus monotonic time at the last sample. */
  private anchor: number | undefined;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** The last sample was out of bounds. */
  get suspect(): boolean {
    return this.outOfBounds;
  }

  /** The wall clock can be believed now. */
  get trusted(): boolean {
    return !this.outOfBounds && this.anchor !== undefined && this.inStep;
  }

  /** Server minus local, ms; the smallest the last sample allows. */
  get offsetMs(): number {
    return this.lastOffsetMs;
  }

  /** As far as is known. */
  private get inStep(): boolean {
    return this.anchor === undefined || Math.abs(this.wallMinusMonotonic - this.anchor) <= CLOCK_OFFSET_MAX_MS;
  }

  private get wallMinusMonotonic(): number {
    return this.clock.now() - this.clock.monotonic();
  }

  /** Returns true when `suspect` changed. A local clock that was set between sending and receiving gives no interval. */
  sample({ serverTime, sentAt, receivedAt }: TimeSample): boolean {
    if (receivedAt < sentAt) return false;
    this.lastOffsetMs = serverTime > receivedAt ? serverTime - receivedAt : Math.min(0, serverTime - sentAt);
    const before = this.outOfBounds;
    this.outOfBounds = Math.abs(this.lastOffsetMs) > CLOCK_OFFSET_MAX_MS;
    // A clock that was set while the reply was on its way looks like a slow reply: that must not make it believed. One that was
    // set is believed again when no reading of a sample is out of bounds.
    const surely = Math.max(Math.abs(serverTime - receivedAt), Math.abs(serverTime - sentAt)) <= CLOCK_OFFSET_MAX_MS;
    if (this.inStep || surely) this.anchor = this.wallMinusMonotonic;
    return before !== this.outOfBounds;
  }
}
