import { CloudTaskError } from '../../base/index.js';
import { parameterValues } from '../../manifests/index.js';
import type { OpenRun } from './open-run.js';

/**
 * The values of the run's parameters by name. Throws CT_CONFIG_INVALID when one is missing that the task requires: the task was edited
 * after somebody had asked for the run, which the center checked by what the task was then.
 */
export function parametersOf({ task, parameters }: Pick<OpenRun, 'task' | 'parameters'>): ReadonlyMap<string, string> {
  const declared = task.task.spec.parameters ?? [];
  const values = parameterValues(declared, parameters);
  const missing = declared.find(({ name, required }) => required && !values.has(name));
  if (missing === undefined) return values;
  const detail = `parameter "${missing.name}" is required since revision ${task.generation} at the latest, and the run has no value for it`;
  throw new CloudTaskError('CT_CONFIG_INVALID', detail);
}
