import type { Clock } from '../../../base/index.js';
import { kernel } from '../kernel.js';

/** As the system's clock: a longer wait is cut into pieces, so that a step of the wall clock is noticed at last. */
const LONGEST_TIMER_MS = 30_000;
/** setTimeout counts whole milliseconds. */
const whole = Math.ceil;

/** The clocks of a machine: the wall clock is off from true time by what `kernel.clockOffsets` says; the monotonic one is not. */
export function clockOf(machine: string): Clock {
  const now = () => Math.floor(kernel().now + (kernel().clockOffsets.get(machine) ?? 0));
  return {
    now,
    monotonic: () => kernel().elapsed,
    timerAt(at, fn) {
      let event = kernel().after(whole(Math.max(0, Math.min(at - now(), LONGEST_TIMER_MS))), arm);
      function arm() {
        const left = at - now();
        if (left <= 0) fn();
        else event = kernel().after(whole(Math.min(left, LONGEST_TIMER_MS)), arm);
      }
      return { cancel: () => kernel().cancel(event) };
    },
    timerAfter(delayMs, fn) {
      const event = kernel().after(Math.max(0, delayMs), fn);
      return { cancel: () => kernel().cancel(event) };
    },
    sleep(delayMs, signal) {
      return new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const onAbort = () => {
          kernel().cancel(event);
          reject(signal?.reason);
        };
        const event = kernel().after(Math.max(0, delayMs), () => {
          signal?.removeEventListener('abort', onAbort);
          resolve();
        });
        signal?.addEventListener('abort', onAbort, { once: true });
      });
    },
  };
}
