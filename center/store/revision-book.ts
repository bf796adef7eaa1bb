// The past specifications of tasks, which the store keeps with each change.
import type { TaskSpec } from '../../manifests/index.js';
import type { LeaderFence } from './leader-fence.js';

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

/** A task that was deleted, and can be made anew. */
export interface DeletedTask {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  /** When it was deleted, ms. */
  readonly time: number;
  /** Who deleted it; '' when nobody knows. */
  readonly author: string;
  readonly labels: Record<string, string>;
  readonly annotations?: Record<string, string>;
  readonly spec: TaskSpec;
}

export interface RevisionBook {
  /** The latest revisions of a task, oldest first; the last one is the task as it is. None for an unknown uid. */
  ofTask(taskUid: string): Promise<StoredRevision[]>;
  /** Tasks of a namespace that were deleted, of one name or of all; the latest first. */
  deleted(namespace: string, name?: string): Promise<DeletedTask[]>;
  /** Forgets tasks deleted before `olderThan` (ms), and all but the latest 10,000. */
  forgetDeleted(olderThan: number, fence: LeaderFence): Promise<void>;
}
