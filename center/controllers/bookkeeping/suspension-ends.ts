// When suspensions end by themselves (decision 0016). Agents need no word of it; what the leader says of such a task does.
import type { Clock, Timer } from '../../../base/index.js';

export class SuspensionEnds {
  private readonly clock: Clock;
  private readonly ended: (uid: string) => void;
  /** At most one entry per task. */
  private readonly ends = new Map<string, number>();
  private timer: Timer | undefined;
  /** When the timer is due: not later than the earliest of `ends`. */
  private armedFor = Number.POSITIVE_INFINITY;

  constructor(clock: Clock, ended: (uid: string) => void) {
    this.clock = clock;
    this.ended = ended;
  }

  /** `until`: wall time at which the suspension of the task ends, ms; undefined: there is none, or it has no end. */
  watch(uid: string, until: number | undefined): void {
    if (until === undefined || until <= this.clock.now()) {
      this.ends.delete(uid);
      return;
    }
    this.ends.set(uid, until);
    this.arm(until);
  }

  stop(): void {
    this.timer?.cancel();
  }

  private arm(at: number): void {
    if (at >= this.armedFor) return;
    this.timer?.cancel();
    this.armedFor = at;
    this.timer = this.clock.timerAt(at, () => this.look());
  }

  private look(): void {
    this.armedFor = Number.POSITIVE_INFINITY;
    const now = this.clock.now();
    let next = Number.POSITIVE_INFINITY;
    for (const [uid, until] of this.ends) {
      if (until > now) {
        next = Math.min(next, until);
        continue;
      }
      this.ends.delete(uid);
      this.ended(uid);
    }
    this.arm(next);
  }
}
