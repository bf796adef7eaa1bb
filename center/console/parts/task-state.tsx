import { taskState } from '../../../manifests/index.js';
import type { TaskObject } from '../api/objects.js';
import { TASK_STATES } from '../text/task-states.js';
import { StateBadge } from './state-badge.js';

/** The state of a task, and in its title what the word means and what the center says of this one. */
export function TaskState({ task }: { readonly task: TaskObject }) {
  const state = taskState(task);
  const said = task.status?.conditions?.find(({ type }) => type === state)?.message;
  const title = [TASK_STATES[state]?.meaning, said].filter(Boolean).join('\n');
  return (
    <span title={title === '' ? undefined : title}>
      <StateBadge state={state} />
    </span>
  );
}
