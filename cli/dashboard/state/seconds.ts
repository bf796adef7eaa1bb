// The one clock of the screen: ages and countdowns move once a second, all together (I-16).
import type { Clock, Timer } from '../../../base/index.js';

const SECOND_MS = 1000;

export class Seconds {
  private readonly clock: Clock;
  private readonly onSecond: () => void;
  private timer: Timer | undefined;

  constructor(clock: Clock, onSecond: () => void) {
    this.clock = clock;
    this.onSecond = onSecond;
  }

  start(): void {
    this.timer = this.clock.timerAfter(SECOND_MS - (this.clock.now() % SECOND_MS), () => {
      this.start();
      this.onSecond();
    });
  }

  stop(): void {
    this.timer?.cancel();
  }
}
