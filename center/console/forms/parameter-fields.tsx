// Fields for the parameters that a task declares, checked as they are typed by the rules that command line and center have.
import { type TaskParameter, valueProblem } from '../../../manifests/index.js';
import { SelectField, TextField } from '../parts/fields.js';
import type { ProblemAt } from '../parts/form-dialog.js';

export type Given = Readonly<Record<string, string>>;

interface ParameterFieldsProps {
  readonly declared: readonly TaskParameter[];
  readonly given: Given;
  readonly onChange: (given: Given) => void;
  readonly problemAt: ProblemAt;
}

export function ParameterFields({ declared, given, onChange, problemAt }: ParameterFieldsProps) {
  return declared.map((parameter) => {
    const { name, type = 'String', values, default: usual } = parameter;
    const value = given[name] ?? '';
    const shared = {
      ...{ label: name, value, hint: hintOf(parameter) },
      problem: problemOf(parameter, value) ?? problemAt(`parameters.${name}`),
      onChange: (text: string) => onChange({ ...given, [name]: text }),
    };
    const choices = type === 'Boolean' ? ['true', 'false'] : values;
    if (choices !== undefined) {
      const none = usual === undefined ? 'none' : `${usual} (unless given)`;
      return <SelectField key={name} {...shared} options={[['', none], ...choices]} />;
    }
    return <TextField key={name} {...shared} required={parameter.required === true && usual === undefined} />;
  });
}

/** What is sent: what is left empty has its default. */
export function givenValues(given: Given): Given {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== ''));
}

/** True when each value is one, and none is missing. */
export function isComplete(declared: readonly TaskParameter[], given: Given): boolean {
  return declared.every((parameter) => {
    const value = given[parameter.name] ?? '';
    const missing = parameter.required === true && parameter.default === undefined && value === '';
    return !missing && problemOf(parameter, value) === undefined;
  });
}

export function parameterFlags(given: Given): readonly (readonly ['--param', string])[] {
  return Object.entries(givenValues(given)).map(([name, value]) => ['--param', `${name}=${value}`] as const);
}

function problemOf(parameter: TaskParameter, value: string): string | undefined {
  const problem = value === '' ? undefined : valueProblem(parameter, value);
  return problem === undefined ? undefined : `It ${problem}`;
}

function hintOf({
  type = 'String',
  description,
  default: usual,
  minimum,
  maximum,
  maxLength,
  required,
}: TaskParameter) {
  const range =
    minimum !== undefined && maximum !== undefined
      ? `${minimum} to ${maximum}`
      : minimum !== undefined
        ? `at least ${minimum}`
        : maximum !== undefined
          ? `at most ${maximum}`
          : undefined;
  const facts = [
    ...(type === 'Integer' ? ['whole number'] : type === 'Number' ? ['number'] : []),
    ...(range === undefined ? [] : [range]),
    ...(maxLength === undefined ? [] : [`at most ${maxLength} characters`]),
    ...(usual === undefined ? (required ? ['required'] : []) : [`${usual} unless given`]),
  ].join(', ');
  return [description, facts].filter(Boolean).join('; ') || undefined;
}
