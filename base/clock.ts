// Time is handed in: this is the only file that touches Date, setTimeout and the monotonic clock.
// Wall time decides what is due; monotonic time measures how long.

/** Milliseconds since the Unix epoch, UTC. */
export type Instant = number;

/** Node fires a longer timer after 1 ms, so every wait is cut into pieces of at most this length. It also bounds how
 * long a change of the wall clock can go unnoticed. */
const LONGEST_TIMER_MS = 30_000;

export interface Timer {
  cancel(): void;
}

export interface Clock {
  /** Wall time, ms since the epoch. May step in both directions. */
  now(): Instant;
  /** Milliseconds from an arbitrary origin; never goes backwards. */
  monotonic(): number;
  /** Calls `fn` once, never before wall time `at` (setTimeout may fire up to 2 ms early: the clock is looked at again). */
  timerAt(at: Instant, fn: () => void): Timer;
  /** Calls `fn` once after `delayMs` of monotonic time. */
  timerAfter(delayMs: number, fn: () => void): Timer;
  /** Resolves after `delayMs`; rejects with the signal's reason when aborted. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  timerAt(at, fn) {
    let handle: NodeJS.Timeout;
    const arm = () => {
      const left = at - Date.now();
      if (left <= 0) fn();
      else handle = setTimeout(arm, Math.min(left, LONGEST_TIMER_MS));
    };
    handle = setTimeout(arm, Math.max(0, Math.min(at - Date.now(), LONGEST_TIMER_MS)));
    return { cancel: () => clearTimeout(handle) };
  },
  timerAfter(delayMs, fn) {
    const end = performance.now() + delayMs;
    let handle: NodeJS.Timeout;
    const arm = () => {
      const left = end - performance.now();
      if (left <= 0) fn();
      else handle = setTimeout(arm, Math.min(left, LONGEST_TIMER_MS));
    };
    handle = setTimeout(arm, Math.max(0, Math.min(delayMs, LONGEST_TIMER_MS)));
    return { cancel: () => clearTimeout(handle) };
  },
  sleep(delayMs, signal) {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const onAbort = () => {
        timer.cancel();
        reject(signal?.reason);
      };
      const timer = this.timerAfter(delayMs, () => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      });
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  },
};
