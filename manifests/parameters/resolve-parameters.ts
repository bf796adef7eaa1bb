// What a run that was asked for gets: what was given, and the defaults for the rest.
import type { ErrorCause } from '../../base/index.js';
import type { ParameterValue, TaskParameter } from '../kinds/task-parameters.js';
import type { FieldPath } from '../validate/field-path.js';
import { cause, invalid, required } from '../validate/schema-causes.js';
import { didYouMean } from '../validate/suggest.js';
import { valueProblem } from './parameter-value.js';

/** Names and values of one run, UTF-8. A variable of Linux may have 128 KiB, an argument too; and runs are kept by the thousand. */
export const PARAMETERS_MAX_BYTES = 64 * 1024;

const AT: FieldPath = ['parameters'];

export interface ResolvedParameters {
  /** In the order of the declaration; a parameter without a value is left out. */
  readonly values: readonly ParameterValue[];
  /** All that is wrong; with fields such as `parameters.region`. */
  readonly causes: readonly ErrorCause[];
}

/** `given`: texts, or numbers and booleans where the type is one. */
export function resolveParameters(
  declared: readonly TaskParameter[],
  given: Readonly<Record<string, unknown>>,
): ResolvedParameters {
  const causes = unknownNames(declared, given);
  const values: ParameterValue[] = [];
  for (const parameter of declared) {
    const { name } = parameter;
    const own = Object.hasOwn(given, name) ? given[name] : parameter.default;
    if (own === undefined) {
      if (parameter.required) causes.push(required([...AT, name], parameter.description ?? ''));
      continue;
    }
    const text = textOf(parameter, own);
    const problem = text === undefined ? typeWords(parameter) : valueProblem(parameter, text);
    if (text === undefined || problem !== undefined) causes.push(invalid([...AT, name], own, problem ?? ''));
    else values.push({ name, value: text });
  }
  const bytes = parametersBytes(values);
  if (bytes > PARAMETERS_MAX_BYTES) {
    const message = `parameters: Too long: ${bytes} bytes of names and values, at most ${PARAMETERS_MAX_BYTES} are allowed`;
    causes.push(cause('FieldValueTooLong', AT, message));
  }
  return { values, causes };
}

/** Bytes of names and values, UTF-8. */
export function parametersBytes(values: readonly ParameterValue[]): number {
  const encoder = new TextEncoder();
  return values.reduce((sum, { name, value }) => sum + name.length + encoder.encode(value).length, 0);
}

function unknownNames(declared: readonly TaskParameter[], given: Readonly<Record<string, unknown>>): ErrorCause[] {
  const names = declared.map(({ name }) => name);
  return Object.keys(given)
    .filter((name) => !names.includes(name))
    .map((name) => {
      const why = names.length === 0 ? '; the task declares none' : didYouMean(name, names);
      return cause('FieldValueNotSupported', [...AT, name], `unknown parameter "${name}"${why}`);
    });
}

function textOf({ type = 'String' }: TaskParameter, value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return type === 'Integer' || type === 'Number' ? String(value) : undefined;
  return typeof value === 'boolean' && type === 'Boolean' ? String(value) : undefined;
}

function typeWords({ type = 'String' }: TaskParameter): string {
  return type === 'String' ? 'must be a text' : `must be of type ${type}`;
}
