import type { Clock } from '../../base/index.js';

/**
 * Lets a loop sleep until there may be something new: `wake` before `wait` is not lost, any number of wakes is one.
 */
export class WakeSignal {
  private woken = false;
  private resolve: (() => void) | undefined;

  wake(): void {
    this.woken = true;
    this.resolve?.();
  }

  /** Resolves with true when woken, with false after `timeoutMs`. */
  async wait(clock: Clock, timeoutMs: number): Promise<boolean> {
    if (!this.woken) {
      await new Promise<void>((resolve) => {
        const timer = clock.timerAfter(timeoutMs, resolve);
        this.resolve = () => {
          timer.cancel();
          resolve();
        };
      });
      this.resolve = undefined;
    }
    const { woken } = this;
    this.woken = false;
    return woken;
  }
}
