// Rules of `spec.parameters`, and of the places that refer to them.
import type { TaskParameter } from '../kinds/task-parameters.js';
import { valueProblem } from '../parameters/parameter-value.js';
import { PARAMETERS_MAX_BYTES, parametersBytes } from '../parameters/resolve-parameters.js';
import { parameterReferences, parameterVariable } from '../parameters/run-parameters.js';
import type { FieldPath } from './field-path.js';
import { asList, asMap, duplicate, type Fields, forbidden, type Reporter } from './rule-kit.js';
import { cause, invalid, required } from './schema-causes.js';
import { didYouMean } from './suggest.js';

const AT: FieldPath = ['spec', 'parameters'];

export function parameterCauses(spec: Fields, report: Reporter): void {
  const variables = new Map<string, string>();
  const defaults: { name: string; value: string }[] = [];
  const dueByItself = isGiven(spec.schedules) || isGiven(spec.after);
  asList(spec.parameters).forEach((entry, index) => {
    const parameter = asMap(entry);
    const { name, default: value } = parameter;
    const path: FieldPath = [...AT, index];
    shapeCauses(path, parameter, report);
    if (parameter.required === true && value === undefined && dueByItself) {
      report(required([...path, 'default'], 'the task is due without anybody who could give a value'));
    }
    if (typeof name !== 'string') return;
    if (typeof value === 'string') defaults.push({ name, value });
    const variable = parameterVariable(name);
    const taken = variables.get(variable);
    if (taken === name) report(duplicate([...path, 'name'], name));
    else if (taken !== undefined) report(invalid([...path, 'name'], name, `"${taken}" becomes ${variable} as well`));
    else variables.set(variable, name);
  });
  if (parametersBytes(defaults) > PARAMETERS_MAX_BYTES) {
    const message = `spec.parameters: Too long: names and defaults may not have more than ${PARAMETERS_MAX_BYTES} bytes`;
    report(cause('FieldValueTooLong', AT, message));
  }
  referenceCauses(asMap(spec.run), new Set(variables.values()), report);
}

const isGiven = (value: unknown): boolean => value !== undefined && !(Array.isArray(value) && value.length === 0);

/** What goes with which type; then each value that the declaration itself names. */
function shapeCauses(path: FieldPath, parameter: Fields, report: Reporter): void {
  const { type = 'String', minimum, maximum, values } = parameter;
  const numeric = type === 'Integer' || type === 'Number';
  for (const bound of ['minimum', 'maximum'] as const) {
    if (parameter[bound] !== undefined && !numeric)
      report(forbidden([...path, bound], 'goes with type Integer and Number only'));
  }
  if (parameter.maxLength !== undefined && type !== 'String') {
    report(forbidden([...path, 'maxLength'], 'goes with type String only'));
  }
  if (values !== undefined && type === 'Boolean') report(forbidden([...path, 'values'], 'does not go with Boolean'));
  if (typeof minimum === 'number' && typeof maximum === 'number' && minimum > maximum) {
    report(invalid([...path, 'maximum'], maximum, `is less than minimum ${minimum}`));
  }
  const declared = wellFormed(parameter);
  const { values: _listed, ...bounds } = declared;
  const seen = new Set<unknown>();
  asList(values).forEach((value, index) => {
    if (seen.has(value)) report(duplicate([...path, 'values', index], String(value)));
    seen.add(value);
    valueCause([...path, 'values', index], bounds, value, report);
  });
  valueCause([...path, 'default'], declared, parameter.default, report);
}

/** The declaration without what the schema has refused, so that it can be held against values. */
function wellFormed({ type, minimum, maximum, maxLength, values }: Fields): Omit<TaskParameter, 'name'> {
  const whole = (value: unknown) => (typeof value === 'number' ? value : undefined);
  const bounds = { minimum: whole(minimum), maximum: whole(maximum), maxLength: whole(maxLength) };
  const given = Object.fromEntries(Object.entries(bounds).filter(([, value]) => value !== undefined));
  const known = type === 'Integer' || type === 'Number' || type === 'Boolean' ? ({ type } as const) : {};
  const texts = asList(values).filter((value) => typeof value === 'string');
  return { ...given, ...known, ...(texts.length === 0 ? {} : { values: texts }) };
}

function valueCause(path: FieldPath, declared: Omit<TaskParameter, 'name'>, value: unknown, report: Reporter): void {
  if (typeof value !== 'string') return;
  const problem = valueProblem(declared, value);
  if (problem !== undefined) report(invalid(path, value, problem));
}

function referenceCauses(run: Fields, names: ReadonlySet<string>, report: Reporter): void {
  const command = asList(run.command);
  command.forEach((argument, index) => {
    const path: FieldPath = ['spec', 'run', 'command', index];
    const used = referencesIn(path, argument, names, report);
    if (used.length === 0) return;
    if (index === 0) report(forbidden(path, 'which program runs may not depend on a parameter'));
    else if (shellReads(command, index)) {
      const [name = ''] = used;
      const instead = `take it from the variable ${parameterVariable(name)}`;
      report(forbidden(path, `a shell would execute what the value of "${name}" holds; ${instead}`));
    }
  });
  asList(run.env).forEach((entry, index) => {
    referencesIn(['spec', 'run', 'env', index, 'value'], asMap(entry).value, names, report);
  });
}

function referencesIn(path: FieldPath, text: unknown, names: ReadonlySet<string>, report: Reporter): string[] {
  if (typeof text !== 'string') return [];
  const used = parameterReferences(text);
  const unknown = used.find((name) => !names.has(name));
  if (unknown === undefined) return used;
  const guess = names.size === 0 ? '; spec.parameters declares none' : didYouMean(unknown, names);
  report(invalid(path, text, `"${unknown}" is no parameter of the task${guess}`));
  return [];
}

const POSIX_SHELL = /(^|\/)(ba|da|a|z|k|mk|fi)?sh$/;
const WINDOWS_SHELL = /(^|[/\\])(cmd|powershell|pwsh)(\.exe)?$/i;

/** Whether a shell takes the element of the command for a text of its own language. What stands after the text of `sh -c` are its
 * arguments, which are safe; the shells of Windows join everything to one text. */
function shellReads(command: readonly unknown[], index: number): boolean {
  const [program, ...rest] = command.map(String);
  if (WINDOWS_SHELL.test(program ?? '')) return true;
  if (!POSIX_SHELL.test(program ?? '')) return false;
  const option = rest.findIndex((word) => /^-[a-z]*c[a-z]*$/.test(word));
  const text = option === -1 ? -1 : rest.findIndex((word, at) => at > option && !word.startsWith('-'));
  return text !== -1 && index === text + 1;
}
