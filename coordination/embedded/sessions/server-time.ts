import type { Clock } from '../../../base/index.js';

/**
 * The time that sessions live by, ms: monotonic, but standing still while this process could not listen. If the event
 * loop was blocked or the process stopped (SIGSTOP, a frozen VM, a slow disk in a synchronous call), clients may have
 * sent pings that nobody read; that time must not count against them.
 *
 * It relies on being read at least once a tick (the expiry timer does that): a gap between two readings that is longer
 * than a tick and a half is a stall, and all of it but one tick is taken off. After SIGCONT the timers of Node run before
 * its sockets are read, so the stall is credited before any session could be found expired.
 */
export class ServerTime {
  private readonly clock: Clock;
  private readonly tickMs: number;
  private lastReading: number;
  private credited = 0;

  constructor(clock: Clock, tickMs: number) {
    this.clock = clock;
    this.tickMs = tickMs;
    this.lastReading = clock.monotonic();
  }

  /** Total of stalls so far, ms. */
  get stalledMs(): number {
    return this.credited;
  }

  now(): number {
    const reading = this.clock.monotonic();
    const gap = reading - this.lastReading;
    if (gap > this.tickMs * 1.5) this.credited += gap - this.tickMs;
    this.lastReading = reading;
    return reading - this.credited;
  }
}
