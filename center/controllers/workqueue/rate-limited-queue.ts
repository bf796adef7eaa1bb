import { Backoff, type Clock } from '../../../base/index.js';
import { DelayingQueue } from './delaying-queue.js';

const RETRY_INITIAL_MS = 50;
/** Long enough to leave a broken dependency alone, short enough that nobody waits a minute after it is back. */
const RETRY_MAX_MS = 10_000;

/** A DelayingQueue that remembers per key how often it failed. */
export class RateLimitedQueue extends DelayingQueue {
  private readonly failures = new Map<string, Backoff>();
  private readonly random: () => number;

  constructor(clock: Clock, random: () => number = Math.random) {
    super(clock);
    this.random = random;
  }

  /** Adds the key after a wait that grows with each failure; returns the wait, ms. */
  addRateLimited(key: string): number {
    let backoff = this.failures.get(key);
    if (backoff === undefined) {
      backoff = new Backoff({ initialMs: RETRY_INITIAL_MS, maxMs: RETRY_MAX_MS, random: this.random });
      this.failures.set(key, backoff);
    }
    const delayMs = backoff.next();
    this.addAfter(key, delayMs);
    return delayMs;
  }

  forget(key: string): void {
    this.failures.delete(key);
  }
}
