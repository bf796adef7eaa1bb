// The values that a request for a run gives to the parameters of its task.
import { CloudTaskError } from '../../base/index.js';
import { type ParameterValue, resolveParameters, type Task } from '../../manifests/index.js';

/** Whether the value of a body can be held against the parameters of a task. */
export function isParameterMap(value: unknown): value is Record<string, unknown> | undefined {
  return value === undefined || (typeof value === 'object' && value !== null && !Array.isArray(value));
}

/** What the run is made with: nothing for a task without parameters. Throws CT_MANIFEST_INVALID with a cause for each wrong value. */
export function parametersFor(
  { spec }: Pick<Task, 'spec'>,
  given: Readonly<Record<string, unknown>> = {},
): { parameters?: readonly ParameterValue[] } {
  const { values, causes } = resolveParameters(spec.parameters ?? [], given);
  const [first] = causes;
  if (first === undefined) return values.length === 0 ? {} : { parameters: values };
  const more = causes.length === 1 ? '' : ` (and ${causes.length - 1} more)`;
  // Without a subject: it is the request that is wrong, not the task.
  throw new CloudTaskError('CT_MANIFEST_INVALID', { detail: `${first.message}${more}`, causes });
}
