// What the store offers of the audit of writes (decision 0015): entries of refused requests, reading, pruning. Entries of
// accepted writes are written by those writes themselves, in their transactions.
import type { AuditAnchor, AuditEntry } from '../../../manifests/index.js';
import type { LeaderFence } from '../leader-fence.js';

/** Who asks for a write, as the audit tells it. */
export interface AuditSource
  extends Pick<AuditEntry, 'requestId' | 'user' | 'token' | 'as' | 'asGroups' | 'sourceIP' | 'verb'> {}

/** A request to write that was refused. */
export interface AuditRefusal
  extends AuditSource,
    Pick<AuditEntry, 'kind' | 'namespace' | 'name' | 'status' | 'omitted'> {}

export interface AuditFilter {
  readonly user?: string;
  readonly verb?: string;
  readonly kind?: string;
  readonly namespace?: string;
  readonly name?: string;
  /** Wall time, ms. */
  readonly since?: number;
}

export interface AuditPage {
  /** Oldest first; fewer than asked for, even none, when the filter lets few through: the page is what was looked at. */
  readonly entries: readonly AuditEntry[];
  /** Sequence of the last entry that was looked at; go on after it. */
  readonly upTo: number;
  /** The latest entry that there is, and the latest that was pruned. */
  readonly head: AuditAnchor;
  readonly anchor: AuditAnchor;
}

export interface AuditTrail {
  /** Appends refused requests; whoever calls it sees to it that they are few. */
  refuse(refusals: readonly AuditRefusal[]): Promise<void>;
  /** Entries after a sequence, at most `limit` of them. */
  read(after: number, limit: number, filter: AuditFilter): Promise<AuditPage>;
  /** Removes at most `limit` of the oldest entries, those from before `olderThan` (ms); returns how many. */
  prune(olderThan: number, limit: number, fence: LeaderFence): Promise<number>;
}
