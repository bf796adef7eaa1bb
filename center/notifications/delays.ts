// How long a notifier, or something that it was told, is left alone after a try that failed.
import type { Notification } from '../store/notifications/notification-book.js';
import type { DeliveryError } from './delivery-error.js';

const RETRY_FIRST_MS = 5_000;
const RETRY_MAX_MS = 600_000;

export const triesOf = (some: readonly Notification[]) => Math.max(1, ...some.map(({ attempts }) => attempts));
const delayAfter = (tries: number) => Math.min(RETRY_MAX_MS, RETRY_FIRST_MS * 2 ** Math.min(tries - 1, 10));

/**
 * Times before the next try, ms: of what was refused by itself, and of the rest.
 *
 * @param failures of what the time depends on
 */
export function delaysOf(
  { onlyThese, retryAfterMs, refused }: DeliveryError,
  failures: number,
  refusedOnes: readonly Notification[],
): { readonly delayMs: number; readonly refusedMs: number } {
  const later = (ms: number) => Math.min(RETRY_MAX_MS, Math.max(ms, retryAfterMs));
  if (refused === undefined) return { delayMs: later(delayAfter(failures)), refusedMs: 0 };
  // What nobody has refused by itself goes at once, or else before what was.
  if (onlyThese) return { delayMs: 0, refusedMs: later(delayAfter(triesOf(refusedOnes))) };
  const most = refused.length === 0 ? RETRY_MAX_MS : RETRY_MAX_MS / 2;
  return { delayMs: later(Math.min(most, delayAfter(failures))), refusedMs: RETRY_MAX_MS };
}
