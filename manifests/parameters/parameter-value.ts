// Which texts are values of a parameter.
import type { TaskParameter } from '../kinds/task-parameters.js';
import { didYouMean } from '../validate/suggest.js';

type Declared = Omit<TaskParameter, 'name' | 'description' | 'required'>;

const INTEGER = /^-?(0|[1-9]\d*)$/;
const NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;

/** Why the text is no value of the parameter, as the end of a sentence; undefined when it is one. */
export function valueProblem(parameter: Declared, text: string): string | undefined {
  if (text.includes('\0')) return 'no process can be given a NUL byte';
  return typeProblem(parameter, text) ?? listProblem(parameter, text);
}

function typeProblem({ type = 'String', minimum, maximum, maxLength }: Declared, text: string): string | undefined {
  if (type === 'Boolean') return text === 'true' || text === 'false' ? undefined : 'must be true or false';
  if (type === 'String') {
    const long = maxLength !== undefined && [...text].length > maxLength;
    return long ? `may not have more than ${maxLength} characters` : undefined;
  }
  const value = Number(text);
  if (type === 'Integer') {
    if (!INTEGER.test(text)) return 'must be a whole number such as 3';
    if (!Number.isSafeInteger(value)) return 'must be at most 9007199254740991, and at least the same below nought';
  } else if (!NUMBER.test(text) || !Number.isFinite(value)) return 'must be a number such as 0.5';
  if (minimum !== undefined && value < minimum) return `must be at least ${minimum}`;
  return maximum !== undefined && value > maximum ? `must be at most ${maximum}` : undefined;
}

function listProblem({ values }: Declared, text: string): string | undefined {
  if (values === undefined || values.includes(text)) return undefined;
  return `must be one of ${values.map((value) => `"${value}"`).join(', ')}${didYouMean(text, values)}`;
}
