import type { Instant } from '../../base/index.js';

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
 */
export class ServerClock {
  private outOfBounds = false;
  private lastOffsetMs = 0;

  get suspect(): boolean {
    return this.outOfBounds;
  }

  /** Server minus local, ms; the smallest the last sample allows. */
  get offsetMs(): number {
    return this.lastOffsetMs;
  }

  /** Returns true when `suspect` changed. A local clock that went backwards meanwhile gives no usable interval. */
  sample({ serverTime, sentAt, receivedAt }: TimeSample): boolean {
    if (receivedAt < sentAt) return false;
    this.lastOffsetMs = serverTime > receivedAt ? serverTime - receivedAt : Math.min(0, serverTime - sentAt);
    const before = this.outOfBounds;
    this.outOfBounds = Math.abs(this.lastOffsetMs) > CLOCK_OFFSET_MAX_MS;
    return before !== this.outOfBounds;
  }
}
