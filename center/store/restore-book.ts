// What the restore guard (rule R13) keeps in the store and asks of it, and the tombstones of tasks (rule R14).
import type { RunReason } from '../../manifests/index.js';
import type { LeaderFence } from './leader-fence.js';

/** What the store last agreed with ZooKeeper upon (rule R13). ZooKeeper has `mark`, or `nextMark` already. */
export interface StoreCheckpoint {
  /** Grows by one with each checkpoint; of `mark`. */
  readonly number: number;
  readonly mark: string;
  readonly nextMark: string;
  /** Wall time, ms. */
  readonly time: number;
}

/** Reason of a run that is Lost only because its record was: it may have ended well, so it is no run to make again. */
export const RESTORED = 'Restored' satisfies RunReason;

/** A restore from a backup that the leader has found. */
export interface FoundRestore {
  readonly what: 'coordination' | 'store';
  /** About when the backup was made, ms. */
  readonly backTo: number;
  /** When it was found and dealt with, ms. */
  readonly until: number;
}

/** Of a slot the latest time point that is known to be consumed, ms. */
export interface ConsumedPoint {
  readonly taskUid: string;
  readonly slot: string;
  readonly upTo: number;
}

/** What was seen in ZooKeeper of what the store said before it was restored. */
export interface SeenVersions {
  readonly resourceVersion: number;
  /** Generations by uid of their tasks. */
  readonly revisions: Readonly<Record<string, number>>;
  /** How long ago the backup was made, ms: when coordination was lost, too, nothing tells which generations were seen since. */
  readonly ageMs: number;
}

export interface RestoreBook {
  /** The greatest epoch that was raised. */
  epoch(): Promise<number>;
  checkpoint(): Promise<StoreCheckpoint | undefined>;
  setCheckpoint(checkpoint: Omit<StoreCheckpoint, 'time'>, fence: LeaderFence): Promise<void>;
  /** The latest restores that were found, latest first. */
  found(): Promise<FoundRestore[]>;
  note(restore: FoundRestore, fence: LeaderFence): Promise<void>;
  /** From run rows and audit marks; several entries for a slot are possible. */
  consumedPoints(taskUids: readonly string[]): Promise<ConsumedPoint[]>;
  /** After the store was restored: versions beyond `resourceVersion`, and generations of tasks beyond their `revisions` (by
   * uid), so that none of either is used twice. Each task is told as changed. */
  leaveVersionsBehind(seen: SeenVersions, fence: LeaderFence): Promise<void>;
  /** Which of these tasks were deleted, by a user or by `buryTasks`. */
  buriedTasks(taskUids: readonly string[]): Promise<Set<string>>;
  /** For an operator who says that these tasks are really gone. */
  buryTasks(taskUids: readonly string[], fence: LeaderFence): Promise<void>;
  pruneTombstones(olderThan: number, fence: LeaderFence): Promise<void>;
}
