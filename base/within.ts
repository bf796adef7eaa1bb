import type { Clock } from './clock.js';

/** Runs `work` with a signal that is aborted `limitMs` later; settles as `work` does. */
export async function within<T>(clock: Clock, limitMs: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const limit = new AbortController();
  const timer = clock.timerAfter(limitMs, () => limit.abort(new Error(`not done within ${limitMs} ms`)));
  try {
    return await work(limit.signal);
  } finally {
    timer.cancel();
  }
}
