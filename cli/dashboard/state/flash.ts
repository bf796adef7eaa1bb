// One sentence at the bottom of the screen, for a while.
import type { Clock, Timer } from '../../../base/index.js';

export interface Flash {
  readonly text: string;
  readonly level: 'info' | 'warn' | 'error';
  /** How far something is that goes on: stays until it is told otherwise. */
  readonly lasting?: true;
}

const SHOWN_MS = 5_000;

export class Flashes {
  current: Flash | undefined;
  private readonly clock: Clock;
  private readonly onChange: () => void;
  private timer: Timer | undefined;

  constructor(clock: Clock, onChange: () => void) {
    this.clock = clock;
    this.onChange = onChange;
  }

  show(text: string, level: Flash['level'] = 'info'): void {
    this.timer?.cancel();
    this.current = { text, level };
    this.timer = this.clock.timerAfter(SHOWN_MS, () => {
      this.current = undefined;
      this.onChange();
    });
    this.onChange();
  }

  /** How far something is. A message that is shown is not taken away by it; whoever calls draws. */
  progress(text: string): void {
    if (this.current === undefined || this.current.lasting) this.current = { text, level: 'info', lasting: true };
  }

  /** It does not go on. */
  endProgress(): void {
    if (this.current?.lasting) this.current = undefined;
  }

  /** What was said is of before. */
  clear(): void {
    if (this.current?.lasting) return;
    this.timer?.cancel();
    this.current = undefined;
  }

  stop(): void {
    this.timer?.cancel();
  }
}
