import { type Clock, isCloudTaskError, type Logger } from '../../base/index.js';
import { type CoordinationSession, type Coordinator, isStaleEpoch, type Layout } from '../../coordination/index.js';
import type { LeaderFence } from '../store/leader-fence.js';
import type { Store } from '../store/store.js';

/** What every leader-only part gets for one term. When `signal` is aborted the term is over: nothing more is written. */
export interface Leadership {
  readonly session: CoordinationSession;
  /** The session that was elected. */
  readonly coordinator: Coordinator;
  readonly layout: Layout;
  /** Version of `<root>/epoch`, checked by every multi, and the store's fence. */
  readonly epoch: number;
  readonly fence: LeaderFence;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  readonly signal: AbortSignal;
  /** A write failed: when a newer leader refused it, this term ends. */
  failed(error: unknown): void;
}

/** True when the write was refused because a newer leader exists, by ZooKeeper or by the store. */
export function refusedAsStale(error: unknown): boolean {
  return isStaleEpoch(error) || isCloudTaskError(error, 'CT_STALE_EPOCH');
}
