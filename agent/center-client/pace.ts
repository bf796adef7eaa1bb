import type { Clock } from '../../base/index.js';

/** What is told later because starts come first is told after this at the latest. */
const YIELD_MAX_MS = 5000;
const YIELD_STEP_MS = 25;

export interface PaceOptions {
  readonly clock: Clock;
  /** Least time between two requests. */
  readonly gapMs: number;
  /** True while many processes wait to be started: telling the center takes the processor time that their starts need. */
  readonly startsWait: () => boolean;
}

/**
 * Keeps requests of one kind apart while there is much to say, so that what happens meanwhile travels together: a request
 * costs the center a transaction, however little is in it. The first one after a pause goes at once. A herd of starts goes
 * before all of them.
 */
export class Pace {
  private readonly options: PaceOptions;
  private last = Number.NEGATIVE_INFINITY;

  constructor(options: PaceOptions) {
    this.options = options;
  }

  /** Resolves when the next request may go; when the signal aborts, at once. */
  async turn(signal: AbortSignal): Promise<void> {
    const { clock, gapMs, startsWait } = this.options;
    const left = this.last + gapMs - clock.monotonic();
    if (left > 0) await this.sleep(left, signal);
    else await new Promise<void>((resolve) => setImmediate(resolve)); // what changes within this turn travels together
    const latest = clock.monotonic() + YIELD_MAX_MS;
    while (startsWait() && clock.monotonic() < latest && !signal.aborted) await this.sleep(YIELD_STEP_MS, signal);
    this.last = clock.monotonic();
  }

  private async sleep(ms: number, signal: AbortSignal): Promise<void> {
    await this.options.clock.sleep(ms, signal).catch(() => undefined); // aborted: the caller looks
  }
}
