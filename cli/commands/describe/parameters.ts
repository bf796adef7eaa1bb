import type { Run, TaskParameter } from '../../../manifests/index.js';
import type { Description } from '../../output/description.js';

/** What a run of the task may be given. */
export function addDeclared(description: Description, parameters: readonly TaskParameter[] = []): void {
  if (parameters.length === 0) return;
  description.table(
    'Parameters',
    ['Name', 'Type', 'Default', 'Values', 'Description'],
    parameters.map((one) => [
      one.name,
      one.type ?? 'String',
      one.default === undefined ? (one.required ? '<required>' : '<none>') : JSON.stringify(one.default),
      valueWords(one) || '<any>',
      one.description?.replaceAll('\n', ' ') ?? '',
    ]),
  );
}

/** `1 to 10`, `"eu", "us"`, `at most 20 characters`; empty when only the type counts. */
export function valueWords({ values, minimum, maximum, maxLength }: TaskParameter): string {
  if (values !== undefined) return values.map((value) => JSON.stringify(value)).join(', ');
  if (minimum !== undefined && maximum !== undefined) return `${minimum} to ${maximum}`;
  if (minimum !== undefined) return `at least ${minimum}`;
  if (maximum !== undefined) return `at most ${maximum}`;
  return maxLength === undefined ? '' : `at most ${maxLength} characters`;
}

/** What a run on demand was given. */
export function addGiven(description: Description, { parameters = [] }: Run['spec']): void {
  if (parameters.length === 0) return;
  description.section(
    'Parameters',
    parameters.map(({ name, value }) => [name, JSON.stringify(value)]),
  );
}
