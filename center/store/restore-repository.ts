import { requireEpoch } from './epochs.js';
import type { LeaderFence } from './leader-fence.js';
import { NotificationRepository } from './notifications/notification-repository.js';
import type { ConsumedPoint, FoundRestore, SeenVersions, StoreCheckpoint } from './restore-book.js';
import {
  consumedPoints,
  leaveVersionsBehind,
  noteRestore,
  readCheckpoint,
  readRestores,
  writeCheckpoint,
} from './restores.js';
import type { StateSchema } from './schema.js';
import { buried, bury, deleteOldTombstones } from './tombstones.js';
import type { WriteTransaction } from './write-queue.js';

/** What the repository of definitions offers of restored backups and deleted tasks: see RestoreBook. */
export class RestoreRepository extends NotificationRepository {
  async checkpoint(): Promise<StoreCheckpoint | undefined> {
    return readCheckpoint(this.database);
  }

  setCheckpoint(checkpoint: Omit<StoreCheckpoint, 'time'>, fence: LeaderFence): Promise<void> {
    return this.fenced(fence, (tx) => writeCheckpoint(tx, checkpoint));
  }

  async restores(): Promise<FoundRestore[]> {
    return readRestores(this.database);
  }

  noteRestore(restore: FoundRestore, fence: LeaderFence): Promise<void> {
    return this.fenced(fence, (tx) => noteRestore(tx, restore));
  }

  async consumedPoints(taskUids: readonly string[]): Promise<ConsumedPoint[]> {
    return consumedPoints(this.database, taskUids);
  }

  leaveVersionsBehind(seen: SeenVersions, fence: LeaderFence): Promise<void> {
    return this.fenced(fence, (tx) => leaveVersionsBehind(tx, seen));
  }

  async buriedTasks(taskUids: readonly string[]): Promise<Set<string>> {
    return buried(this.database, taskUids);
  }

  buryTasks(taskUids: readonly string[], fence: LeaderFence): Promise<void> {
    return this.fenced(fence, (tx) => bury(tx, taskUids));
  }

  pruneTombstones(olderThan: number, fence: LeaderFence): Promise<void> {
    return this.fenced(fence, (tx) => deleteOldTombstones(tx, olderThan));
  }

  /** Refused when a newer leader exists. */
  protected fenced<T>(fence: LeaderFence | null, job: (tx: WriteTransaction<StateSchema>) => Promise<T>): Promise<T> {
    return this.queue.run(async (tx) => {
      await requireEpoch(tx, fence ?? undefined);
      return job(tx);
    });
  }
}
