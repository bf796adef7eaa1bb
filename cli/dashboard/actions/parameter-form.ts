// The fields of a form for the parameters of a task: filled with the defaults, and held against the declaration as one types.
import { type TaskParameter, valueProblem } from '../../../manifests/index.js';
import { valueWords } from '../../commands/describe/parameters.js';
import { type Field, type FieldNote, VALUE_MAX } from '../navigation/dialog.js';

export interface ParameterForm {
  readonly fields: readonly Field[];
  /** Which of them needs a value before anything can be run; undefined when none does. */
  readonly needed: number | undefined;
  /** What is filled in, by name. */
  given(): Record<string, string>;
  /** Why that is not enough; the center would say the same. */
  problem(): string | undefined;
  /** About the field that has the focus; about all of them where it is none of these. */
  note(focus: number): FieldNote | undefined;
}

/** First choice of a parameter that may be left out, or that must be thought about. */
const NONE = '<none>';

export function parameterForm(declared: readonly TaskParameter[]): ParameterForm {
  const rows = declared.map((parameter) => new Row(parameter));
  const problem = () => rows.map((row) => row.sentence).find((sentence) => sentence !== undefined);
  const needed = rows.findIndex((row) => row.sentence !== undefined);
  return {
    fields: rows.map(({ field }) => field),
    needed: needed === -1 ? undefined : needed,
    problem,
    given: () =>
      Object.fromEntries(
        rows.flatMap(({ parameter, value }) => (value === undefined ? [] : [[parameter.name, value] as const])),
      ),
    note(focus) {
      const row = rows[focus];
      if (row === undefined) {
        const text = problem();
        return text === undefined ? undefined : { text, wrong: true };
      }
      const wrong = row.value === undefined ? undefined : row.sentence;
      return wrong === undefined ? { text: row.about, wrong: false } : { text: wrong, wrong: true };
    },
  };
}

class Row {
  readonly parameter: TaskParameter;
  readonly field: Field;
  /** The default cannot be typed over in one line: as long as nothing is typed it stands. */
  private readonly hidden: boolean;

  constructor(parameter: TaskParameter) {
    const { name, type = 'String', default: value, values } = parameter;
    this.parameter = parameter;
    this.hidden = value !== undefined && (value.length > VALUE_MAX || /\p{Cc}/u.test(value));
    const choices = type === 'Boolean' ? ['true', 'false'] : values;
    if (choices === undefined) {
      this.field = {
        ...{ label: name, value: this.hidden ? '' : (value ?? '') },
        hint: this.hidden ? 'its default' : parameter.required ? 'required' : type.toLowerCase(),
      };
    } else {
      const options = value === undefined ? [NONE, ...choices] : choices;
      this.field = { label: name, options, chosen: value === undefined ? 0 : Math.max(0, options.indexOf(value)) };
    }
  }

  /** undefined: it is left to the task. An empty text is a value only where there is a default to be emptied. */
  get value(): string | undefined {
    const { field, parameter, hidden } = this;
    if ('options' in field) {
      return parameter.default === undefined && field.chosen === 0 ? undefined : field.options[field.chosen];
    }
    return field.value === '' && (parameter.default === undefined || hidden) ? undefined : field.value;
  }

  get sentence(): string | undefined {
    const { parameter, value } = this;
    const { name } = parameter;
    if (value !== undefined) {
      const why = valueProblem(parameter, value);
      return why === undefined ? undefined : `${name} ${why}`;
    }
    return parameter.required && parameter.default === undefined ? `${name} is required` : undefined;
  }

  /** `How many. Integer, 1 to 9.` */
  get about(): string {
    const { type = 'String', description = '', values } = this.parameter;
    const bounds = values === undefined ? valueWords(this.parameter) : '';
    const kind = type === 'Boolean' || values !== undefined ? '' : type;
    const shape = [kind === 'String' ? '' : kind, bounds].filter(Boolean).join(', ');
    return [description, shape].filter(Boolean).join(' · ');
  }
}
