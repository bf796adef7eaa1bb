import type { Task, TaskPolicy, TaskSchedules } from '../../manifests/index.js';

/** One generation of a task, ready to be scheduled. */
export interface LoadedTask {
  readonly task: Task;
  readonly uid: string;
  readonly generation: number;
  readonly namespace: string;
  readonly name: string;
  readonly schedules: TaskSchedules;
  readonly policy: TaskPolicy;
}
