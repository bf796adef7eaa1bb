// How the process of a run is told its parameters: as variables, and in place of `$(params.NAME)`. A reference is replaced within
// its argument, so whatever a value holds, it never becomes a second argument; no shell sees it unless the command is one.
import type { ParameterValue, TaskParameter } from '../kinds/task-parameters.js';

/** Of the variables; nobody else's begin so. */
const PARAMETER_PREFIX = 'CTASK_PARAM_';

/** `dry-run` → `CTASK_PARAM_DRY_RUN`. */
export function parameterVariable(name: string): string {
  return PARAMETER_PREFIX + name.toUpperCase().replaceAll('-', '_');
}

/** Values by name: those of the run, and the defaults of what it was not given, as for runs by schedule. */
export function parameterValues(
  declared: readonly TaskParameter[],
  given: readonly ParameterValue[],
): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const { name, default: value } of declared) if (value !== undefined) values.set(name, value);
  for (const { name, value } of given) values.set(name, value);
  return values;
}

/** What the environment `before` is for a process with these values: variables of parameters are what the run says, and nobody may
 * forge them. */
export function parameterEnvironment(
  before: Readonly<Record<string, string>>,
  values: ReadonlyMap<string, string>,
): Record<string, string> {
  const kept = Object.entries(before).filter(([name]) => !name.toUpperCase().startsWith(PARAMETER_PREFIX));
  const own = [...values].map(([name, value]) => [parameterVariable(name), value]);
  return Object.fromEntries([...kept, ...own]);
}

const REFERENCE = /\$?\$\(params\.([^()]*)\)/g;

/** The text with the values in place of the references; `$$(params.x)` becomes `$(params.x)`. No value is an empty text. */
export function expandParameters(text: string, values: ReadonlyMap<string, string>): string {
  return text.replace(REFERENCE, (reference, name: string) =>
    reference.startsWith('$$') ? reference.slice(1) : (values.get(name) ?? ''),
  );
}

/** Names that the text refers to. */
export function parameterReferences(text: string): string[] {
  return [...text.matchAll(REFERENCE)].filter(([all]) => !all.startsWith('$$')).map(([, name = '']) => name);
}
