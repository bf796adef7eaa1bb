// What somebody should look at (T-12). Read from the objects, never from words on the screen.
import {
  type Agent,
  agentState,
  type Cluster,
  clusterState,
  type Event,
  type Notifier,
  type Run,
  type Task,
  taskHealth,
} from '../../../manifests/index.js';
import type { ApiObject } from '../../resources/api-object.js';
import { taskFacts } from './facts.js';

/** A time point that has not fired this long after it is due. */
const OVERDUE_MS = 60_000;
const FAULTS: ReadonlySet<string> = new Set(['Failed', 'TimedOut', 'Lost', 'Missed']);

const tests: Readonly<Record<string, (object: never, now: number) => boolean>> = {
  Task: (task: Task, now) => taskFault(task, now),
  Run: ({ status }: Run) => FAULTS.has(status?.state ?? ''),
  Agent: (agent: Agent) => agentState(agent) !== 'Ready',
  Cluster: (cluster: Cluster) => clusterState(cluster) !== 'Ready',
  Notifier: ({ status }: Notifier) => status?.lastError !== undefined,
  Event: ({ spec }: Event) => spec.type === 'Warning',
};

export function isFault(object: ApiObject, now: number): boolean {
  return tests[object.kind]?.(object as never, now) ?? false;
}

function taskFault(task: Task, now: number): boolean {
  const { status } = task;
  if (!['Healthy', '<unknown>'].includes(taskHealth(task))) return true;
  if (FAULTS.has(status?.lastRun?.state ?? '')) return true;
  return isOverdue(task, now);
}

export function isOverdue(task: Task, now: number): boolean {
  const { next } = taskFacts(task);
  return next !== undefined && next < now - OVERDUE_MS;
}
