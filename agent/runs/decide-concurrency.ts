// What happens when a run is due while others of its slot are open. Pure.
import type { RunReason } from '../../manifests/index.js';

export interface SlotView {
  readonly policy: 'Allow' | 'Forbid' | 'Queue' | 'Replace';
  /** How many may be open (`TaskPolicy.runsAtOnce`). */
  readonly limit: number;
  /** Open runs of the slot on this agent besides the one in question, waiting retries included. */
  readonly open: number;
  /** Of these, how many wait in the queue. */
  readonly queued: number;
  /** A run of a former owner may still be alive (rule R8). */
  readonly blocked: boolean;
}

export type Admission =
  | { readonly kind: 'start' }
  | { readonly kind: 'skip'; readonly reason: RunReason }
  /** Wait until enough of the open ones have ended. */
  | { readonly kind: 'queue' }
  /** End the open ones, then start. */
  | { readonly kind: 'replace' };

/** At most one run waits: a queue that grows is a schedule that cannot be kept. */
const QUEUE_MAX = 1;

export function decideConcurrency(view: SlotView): Admission {
  if (view.limit === Number.POSITIVE_INFINITY) return { kind: 'start' };
  if (view.blocked) return { kind: 'skip', reason: 'PreviousUnknown' };
  // What waits goes first.
  if (view.open < view.limit && view.queued === 0) return { kind: 'start' };
  if (view.policy === 'Replace') return { kind: 'replace' };
  if (view.policy === 'Queue' && view.queued < QUEUE_MAX) return { kind: 'queue' };
  return { kind: 'skip', reason: SKIPPED[view.policy] };
}

const SKIPPED = {
  Allow: 'ConcurrencyLimit',
  Forbid: 'ConcurrencyForbid',
  Queue: 'ConcurrencyQueueFull',
} as const satisfies Record<string, RunReason>;
