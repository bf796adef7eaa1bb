// Who draws is told that there is something new: at once for what the user does, at most ten times a second for what the
// center tells, however much that is (each notice costs a layout of the whole screen).
import type { Clock, Timer } from '../../../base/index.js';

export const DATA_NOTICE_MS = 100;

export class Changes {
  private readonly clock: Clock;
  private readonly listeners = new Set<() => void>();
  private timer: Timer | undefined;
  private count = 0;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** Grows with every notice. */
  readonly version = (): number => this.count;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** The user did something: the answer must be on the screen at once. */
  now(): void {
    this.timer?.cancel();
    this.timer = undefined;
    this.count += 1;
    for (const listener of this.listeners) listener();
  }

  /** Objects changed; those of the next 100 ms are told with it. */
  soon(): void {
    this.timer ??= this.clock.timerAfter(DATA_NOTICE_MS, () => this.now());
  }

  stop(): void {
    this.timer?.cancel();
    this.timer = undefined;
  }
}
