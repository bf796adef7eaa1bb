// Parameters of the task on the line: their names, then what a value may be.
import type { Task } from '../../manifests/index.js';
import { resourcePath } from '../client/paths.js';
import type { CliDeps } from '../deps.js';
import { oneName, TASK_NAMES } from '../resources/target.js';
import type { TypedLine } from './command-line.js';
import type { Candidate, Completion } from './complete.js';

/** `region=`, and behind it `region=eu`. Throws when the task cannot be read. */
export async function parameterValues(line: TypedLine, deps: CliDeps): Promise<Completion> {
  const [task] = line.arguments;
  if (task === undefined) return { candidates: [], directive: 'none' };
  const { namespace } = await deps.settings();
  const path = resourcePath('tasks', namespace, oneName(task, TASK_NAMES).name);
  const { parameters = [] } = (await (await deps.api()).get<Task>(path)).spec;
  const at = line.partial.indexOf('=');
  if (at === -1) {
    const candidates = parameters.map(({ name, description }): Candidate => {
      return { value: `${name}=`, ...(description === undefined ? {} : { description }) };
    });
    return { candidates, directive: 'nospace' };
  }
  const declared = parameters.find(({ name }) => name === line.partial.slice(0, at));
  const values = declared?.type === 'Boolean' ? ['true', 'false'] : (declared?.values ?? []);
  return { candidates: values.map((value) => ({ value: `${declared?.name}=${value}` })), directive: 'none' };
}
