// The message of the event TaskMoved, which says that a drain or a rebalance has given a task to another agent.

export interface TaskMove {
  readonly namespace: string;
  readonly task: string;
  readonly from: string;
  readonly to: string;
}

export const TASK_MOVED = 'TaskMoved';

export function taskMoveText({ namespace, task, from, to }: TaskMove): string {
  return `task ${namespace}/${task} moved from ${from} to ${to}`;
}

/** undefined when the text does not say that a task moved. */
export function parseTaskMove(text: string): TaskMove | undefined {
  const match = /^task ([^/\s]+)\/(\S+) moved from (\S+) to (\S+)$/.exec(text);
  if (match === null) return undefined;
  const [, namespace, task, from, to] = match as unknown as [string, string, string, string, string];
  return { namespace, task, from, to };
}
