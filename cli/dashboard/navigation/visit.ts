import type { Clock, Timer } from '../../../base/index.js';

/** Who waits for less need not be told. */
const TOLD_AFTER_MS = 500;

/** The time between a key and the screen that it leads to, while the center is asked. */
export class Visit {
  private readonly timer: Timer;

  constructor(clock: Clock, onLong: () => void) {
    this.timer = clock.timerAfter(TOLD_AFTER_MS, onLong);
  }

  end(): void {
    this.timer.cancel();
  }
}
