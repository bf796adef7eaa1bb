// The book of revisions, as the thread of the database is asked for it.
import type { LeaderFence } from './leader-fence.js';
import type { DeletedTask, RevisionBook, StoredRevision } from './revision-book.js';
import type { StateRepository } from './state-repository.js';
import type { WorkerChannel } from './worker/channel.js';

/** A pipeline that makes and deletes tasks all day must not fill the database. */
const DELETED_MAX = 10_000;

export class RevisionCalls implements RevisionBook {
  private readonly channel: () => WorkerChannel<StateRepository>;

  constructor(channel: () => WorkerChannel<StateRepository>) {
    this.channel = channel;
  }

  async ofTask(taskUid: string): Promise<StoredRevision[]> {
    return this.channel().call('taskRevisions', taskUid);
  }
  async deleted(namespace: string, name?: string): Promise<DeletedTask[]> {
    return this.channel().call('deletedTasks', namespace, name ?? null);
  }

  async forgetDeleted(olderThan: number, fence: LeaderFence): Promise<void> {
    await this.channel().call('forgetDeletedTasks', olderThan, DELETED_MAX, fence);
  }
}
