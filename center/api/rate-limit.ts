// One token bucket per user: a script that has run wild is slowed down, and the others are not.
import { type Clock, CloudTaskError } from '../../base/index.js';

/** Requests that a user may send at once, in seconds of the rate. */
const BURST_SECONDS = 2;
/** Users remembered. One that has not asked for as long as its bucket takes to fill is forgotten first. */
const USERS_MAX = 10_000;

interface Bucket {
  tokens: number;
  /** Monotonic time of the last look, ms. */
  at: number;
}

export class RateLimit {
  private readonly clock: Clock;
  private readonly perSecond: number;
  /** In order of their last request. */
  private readonly buckets = new Map<string, Bucket>();

  /** `perSecond`: requests a user may send in the long run; 0 for no limit. */
  constructor(clock: Clock, perSecond: number) {
    this.clock = clock;
    this.perSecond = perSecond;
  }

  /** Counts one request. Throws CT_TOO_MANY_REQUESTS when the user has none left. */
  take(user: string): void {
    if (this.perSecond === 0) return;
    const now = this.clock.monotonic();
    const size = this.perSecond * BURST_SECONDS;
    const { tokens, at } = this.buckets.get(user) ?? { tokens: size, at: now };
    const filled = Math.min(size, tokens + ((now - at) / 1000) * this.perSecond);
    this.buckets.delete(user);
    this.buckets.set(user, { tokens: Math.max(0, filled - 1), at: now });
    if (this.buckets.size > USERS_MAX) this.buckets.delete(this.buckets.keys().next().value ?? '');
    if (filled >= 1) return;
    const detail = `"${user}" has sent more than ${this.perSecond} requests a second for a while`;
    throw new CloudTaskError('CT_TOO_MANY_REQUESTS', detail);
  }
}
