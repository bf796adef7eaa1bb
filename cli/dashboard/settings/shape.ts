// What a setting may be, as data; one function compares, and says what is wrong in the words that manifests are refused with.
import { closest } from '../../output/suggest.js';

export type Path = readonly (string | number)[];

export interface SettingProblem {
  readonly path: Path;
  /** The name of the setting is wrong, not its value. */
  readonly key?: true;
  readonly message: string;
}

/** Says what a text must be; undefined when it is. */
export type TextRule = (text: string) => string | undefined;

export type Shape =
  | { readonly is: 'boolean' }
  | { readonly is: 'text'; readonly oneOf?: readonly string[]; readonly rule?: TextRule }
  | { readonly is: 'list'; readonly of: Shape; readonly max: number }
  /** Of these fields and no others. */
  | { readonly is: 'fields'; readonly fields: Readonly<Record<string, Shape>>; readonly required?: readonly string[] }
  /** Of names that the user chooses. */
  | { readonly is: 'names'; readonly of: Shape; readonly name: TextRule; readonly max: number };

const QUOTED_MAX = 80;
/** What one looks at; further ones may follow from these. */
const PROBLEMS_MAX = 20;

export function problemsOf(shape: Shape, value: unknown, path: Path): SettingProblem[] {
  const found: SettingProblem[] = [];
  compare(shape, value, path, found);
  return found.slice(0, PROBLEMS_MAX);
}

/** `ui.plugins[0].args`. */
export function pathText(path: Path): string {
  return path.map((step, i) => (typeof step === 'number' ? `[${step}]` : i === 0 ? step : `.${step}`)).join('');
}

export function invalid(path: Path, value: unknown, why: string): SettingProblem {
  return { path, message: `${pathText(path)}: Invalid value: ${quoted(value)}: ${why}` };
}

export function didYouMean(word: string, candidates: readonly string[]): string {
  const near = closest(word, candidates);
  return near === undefined ? '' : `; did you mean "${near}"?`;
}

function compare(shape: Shape, value: unknown, path: Path, found: SettingProblem[]): void {
  const wanted = WANTED[shape.is];
  if (typeName(value) !== wanted) {
    const message = `${pathText(path)}: Invalid type: ${typeName(value)}: must be a ${wanted}`;
    found.push({ path, message });
  } else if (shape.is === 'text') compareText(shape, value as string, path, found);
  else if (shape.is === 'list') {
    for (const [i, item] of (value as unknown[]).entries()) compare(shape.of, item, [...path, i], found);
    if ((value as unknown[]).length > shape.max) found.push(tooMany(path, shape.max));
  } else if (shape.is === 'fields') compareFields(shape, value as object, path, found);
  else if (shape.is === 'names') {
    const entries = Object.entries(value as object);
    for (const [name, item] of entries) {
      const why = shape.name(name);
      if (why !== undefined) found.push({ path: [...path, name], key: true, message: `${pathText(path)}: ${why}` });
      else compare(shape.of, item, [...path, name], found);
    }
    if (entries.length > shape.max) found.push(tooMany(path, shape.max));
  }
}

const WANTED = { boolean: 'boolean', text: 'string', list: 'list', fields: 'map', names: 'map' } as const;

function compareText(
  { oneOf, rule }: Extract<Shape, { is: 'text' }>,
  text: string,
  path: Path,
  found: SettingProblem[],
): void {
  if (oneOf !== undefined && !oneOf.includes(text)) {
    const values = oneOf.map((one) => `"${one}"`).join(', ');
    const message = `${pathText(path)}: Unsupported value: ${quoted(text)}: supported values: ${values}`;
    found.push({ path, message: message + didYouMean(text, oneOf) });
    return;
  }
  const why = text.trim() === '' ? 'must not be empty' : rule?.(text);
  if (why !== undefined) found.push(invalid(path, text, why));
}

function compareFields(
  { fields, required = [] }: Extract<Shape, { is: 'fields' }>,
  value: object,
  path: Path,
  found: SettingProblem[],
): void {
  for (const [name, item] of Object.entries(value)) {
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    const at = [...path, name];
    if (field !== undefined) compare(field, item, at, found);
    else {
      const message = `unknown field "${pathText(at)}"${didYouMean(name, Object.keys(fields))}`;
      found.push({ path: at, key: true, message });
    }
  }
  for (const name of required) {
    if (!Object.hasOwn(value, name)) found.push({ path, message: `${pathText([...path, name])}: Required value` });
  }
}

const tooMany = (path: Path, max: number): SettingProblem => ({
  path,
  message: `${pathText(path)}: Too long: may not have more than ${max} items`,
});

function quoted(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > QUOTED_MAX ? `${text.slice(0, QUOTED_MAX - 3)}...` : text;
}

function typeName(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return 'list';
  return typeof value === 'object' ? 'map' : typeof value;
}
