// The book of restores, as the thread of the database is asked for it.
import type { LeaderFence } from './leader-fence.js';
import type { ConsumedPoint, FoundRestore, RestoreBook, SeenVersions, StoreCheckpoint } from './restore-book.js';
import type { StateRepository } from './state-repository.js';
import type { WorkerChannel } from './worker/channel.js';

export class RestoreCalls implements RestoreBook {
  private readonly channel: () => WorkerChannel<StateRepository>;

  constructor(channel: () => WorkerChannel<StateRepository>) {
    this.channel = channel;
  }

  async epoch(): Promise<number> {
    return this.channel().call('epoch');
  }

  async checkpoint(): Promise<StoreCheckpoint | undefined> {
    return this.channel().call('checkpoint');
  }

  async setCheckpoint(checkpoint: Omit<StoreCheckpoint, 'time'>, fence: LeaderFence): Promise<void> {
    await this.channel().call('setCheckpoint', checkpoint, fence);
  }

  async found(): Promise<FoundRestore[]> {
    return this.channel().call('restores');
  }

  async note(restore: FoundRestore, fence: LeaderFence): Promise<void> {
    await this.channel().call('noteRestore', restore, fence);
  }

  async consumedPoints(taskUids: readonly string[]): Promise<ConsumedPoint[]> {
    return this.channel().call('consumedPoints', taskUids);
  }

  async leaveVersionsBehind(seen: SeenVersions, fence: LeaderFence): Promise<void> {
    await this.channel().call('leaveVersionsBehind', seen, fence);
  }

  async buriedTasks(taskUids: readonly string[]): Promise<Set<string>> {
    return this.channel().call('buriedTasks', taskUids);
  }

  async buryTasks(taskUids: readonly string[], fence: LeaderFence): Promise<void> {
    await this.channel().call('buryTasks', taskUids, fence);
  }

  async pruneTombstones(olderThan: number, fence: LeaderFence): Promise<void> {
    await this.channel().call('pruneTombstones', olderThan, fence);
  }
}
