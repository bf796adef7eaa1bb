import type { Clock } from '../../base/index.js';

/**
 * Keeps requests of one kind apart while there is much to say, so that what happens meanwhile travels together: a request
 * costs the center a transaction, however little is in it. The first one after a pause goes at once.
 */
export class Pace {
  private readonly clock: Clock;
  private readonly gapMs: number;
  private last = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock, gapMs: number) {
    this.clock = clock;
    this.gapMs = gapMs;
  }

  /** Resolves when the next request may go; when the signal aborts, at once. */
  async turn(signal: AbortSignal): Promise<void> {
    const left = this.last + this.gapMs - this.clock.monotonic();
    if (left > 0)
      await this.clock.sleep(left, signal).catch(() => undefined); // aborted: the caller looks
    else await new Promise<void>((resolve) => setImmediate(resolve)); // what changes within this turn travels together
    this.last = this.clock.monotonic();
  }
}
