// The past specifications of tasks, which the store keeps with each change.
import type { TaskSpec } from '../../manifests/index.js';
import type { StateRepository } from './state-repository.js';
import type { WorkerChannel } from './worker/channel.js';

/** One specification that a task has or had. */
export interface StoredRevision {
  /** Generation of the task. */
  readonly revision: number;
  /** When it was made, ms; null for one that is older than the history. */
  readonly time: number | null;
  /** Who made it; '' when nobody knows. */
  readonly author: string;
  /** Text of the change-cause annotation that came with it, or ''. */
  readonly cause: string;
  readonly spec: TaskSpec;
}

export interface RevisionBook {
  /** The latest revisions of a task, oldest first; the last one is the task as it is. None for an unknown uid. */
  ofTask(taskUid: string): Promise<StoredRevision[]>;
}

export class RevisionCalls implements RevisionBook {
  private readonly channel: () => WorkerChannel<StateRepository>;

  constructor(channel: () => WorkerChannel<StateRepository>) {
    this.channel = channel;
  }

  async ofTask(taskUid: string): Promise<StoredRevision[]> {
    return this.channel().call('taskRevisions', taskUid);
  }
}
