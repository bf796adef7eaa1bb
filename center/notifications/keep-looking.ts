import { type Clock, type Logger, messageOf, type Timer } from '../../base/index.js';

export interface LookOptions {
  readonly clock: Clock;
  readonly log: Logger;
  /** No further look when it is aborted, and not a word about one that fails then. */
  readonly signal: AbortSignal;
  /** What is logged when a look fails. */
  readonly complaint: string;
  /** The time to the next look after one that failed, ms. */
  readonly retryMs: number;
  failed?(error: unknown): void;
}

/** Looks now, and again when the look says so: it resolves to the time until the next one, ms. The result ends it, and waits for a look that goes on. */
export function keepLooking(look: () => Promise<number>, options: LookOptions): () => Promise<void> {
  const { clock, log, signal, complaint, retryMs, failed } = options;
  let stopped = false;
  let timer: Timer | undefined;
  let looking = Promise.resolve();
  const once = async () => {
    let againInMs = retryMs;
    try {
      againInMs = await look();
    } catch (error) {
      if (signal.aborted) return;
      failed?.(error);
      log.warn({ err: messageOf(error) }, complaint);
    }
    if (!stopped && !signal.aborted) timer = clock.timerAfter(againInMs, begin);
  };
  const begin = () => {
    looking = once();
  };
  begin();
  return async () => {
    stopped = true;
    timer?.cancel();
    await looking;
  };
}
