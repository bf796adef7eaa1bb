// Slots that a task had once: fewer shards, another mode, an agent that was deleted. They are judged up to where they ended, by the
// specification that they were last run by.
import { isCloudTaskError } from '../../../base/index.js';
import type { Run, Task } from '../../../manifests/index.js';
import type { Api } from '../../client/api.js';
import { resourcePath } from '../../client/paths.js';

export type StoredTask = Task & { metadata: { uid: string; generation: number; creationTimestamp: string } };

/** Slots with runs that are kept, besides the present ones; in order. */
export function endedSlots(runs: readonly Run[], present: ReadonlySet<string>): string[] {
  const slots = new Set(runs.map(({ spec }) => spec.slot));
  return [...slots].filter((slot) => !present.has(slot)).sort();
}

/** The task as the slot was last run by it; undefined when that revision is not kept any more. */
export async function taskOfSlot(api: Api, task: StoredTask, runs: readonly Run[]): Promise<StoredTask | undefined> {
  const agents = runs.filter(({ status }) => status?.agent !== undefined);
  const revision = agents.reduce((latest, { spec }) => Math.max(latest, spec.revision), 0);
  if (revision === task.metadata.generation) return task;
  const { namespace = 'default', name } = task.metadata;
  try {
    const path = `${resourcePath('tasks', namespace, name, 'revisions')}/${revision}`;
    const { spec } = await api.get<Task>(path);
    return { ...task, spec, metadata: { ...task.metadata, generation: revision } };
  } catch (error) {
    if (isCloudTaskError(error, 'CT_NOT_FOUND')) return undefined;
    throw error;
  }
}
