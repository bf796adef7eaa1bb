// The jsonpath of kubectl: text with {expressions}; fields, indexes, slices, wildcards, descent, filters, range and end.
import { CloudTaskError } from '../../base/index.js';

type Step =
  | { readonly kind: 'field'; readonly name: string }
  | { readonly kind: 'wildcard' }
  | { readonly kind: 'descent' }
  | { readonly kind: 'index'; readonly index: number }
  | { readonly kind: 'slice'; readonly from?: number; readonly to?: number }
  | { readonly kind: 'filter'; readonly left: readonly Step[]; readonly operator?: string; readonly right?: unknown };

type Node =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'path'; readonly steps: readonly Step[] }
  | { readonly kind: 'range'; readonly steps: readonly Step[]; readonly body: readonly Node[] };

/** Throws CT_USAGE for a template that is not understood. */
export function parseJsonPath(template: string): readonly Node[] {
  const open: { steps: readonly Step[]; body: Node[] }[] = [{ steps: [], body: [] }];
  const top = () => open.at(-1)!.body;
  for (const part of split(relaxed(template))) {
    if (part.kind === 'text') top().push({ kind: 'text', text: part.text });
    else if (part.text.startsWith('range ')) open.push({ steps: parseSteps(part.text.slice(6).trim()), body: [] });
    else if (part.text === 'end') {
      const closed = open.pop()!;
      if (open.length === 0) throw wrong(template, '{end} without {range}');
      top().push({ kind: 'range', ...closed });
    } else if (/^["']/.test(part.text)) top().push({ kind: 'text', text: unquote(part.text) });
    else top().push({ kind: 'path', steps: parseSteps(part.text) });
  }
  if (open.length > 1) throw wrong(template, '{range} without {end}');
  return top();
}

/** A function from an object to the text of `template`. */
export function jsonPathPrinter(template: string): (object: unknown) => string {
  const nodes = parseJsonPath(template);
  return (object) => print(nodes, object);
}

/** A function from an object to all values that the expressions of `template` find; text between them is left out. */
export function jsonPathValues(template: string): (object: unknown) => unknown[] {
  const nodes = parseJsonPath(template);
  return (object) => valuesOf(nodes, object);
}

function valuesOf(nodes: readonly Node[], object: unknown): unknown[] {
  return nodes.flatMap((node) => {
    if (node.kind === 'text') return [];
    const found = evaluate(node.steps, [object]);
    return node.kind === 'path' ? found : found.flatMap((value) => valuesOf(node.body, value));
  });
}

export interface Sorted<T> {
  readonly objects: T[];
  /** No object has a value there: nothing was sorted, or the path is wrong. */
  readonly nowhere: boolean;
}

/** Ordered by the value at `path`; objects without it come last; equal ones keep their order. Throws CT_USAGE for what is
 * not one path. */
export function sortByPath<T>(objects: readonly T[], path: string): Sorted<T> {
  const [node, ...more] = parseJsonPath(path);
  if (node?.kind !== 'path' || node.steps.length === 0 || more.length > 0)
    throw wrong(path, 'must be one path, e.g. .metadata.name');
  const keyed = objects.map((object) => ({ object, key: evaluate(node.steps, [object])[0] }));
  return {
    objects: keyed.sort((a, b) => compareNaturally(a.key, b.key)).map(({ object }) => object),
    nowhere: objects.length > 0 && keyed.every(({ key }) => key === undefined),
  };
}

/** Missing ones last, numbers as numbers, also those within words: `task-9` before `task-10`. */
function compareNaturally(a: unknown, b: unknown): number {
  const [noLeft, noRight] = [a === undefined || a === null, b === undefined || b === null];
  if (noLeft || noRight) return Number(noLeft) - Number(noRight);
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  const left = String(a).split(/(\d+)/);
  const right = String(b).split(/(\d+)/);
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const [x = '', y = ''] = [left[i], right[i]];
    if (x === y) continue;
    const byNumber = i % 2 === 1 ? Number(x) - Number(y) : 0;
    if (byNumber !== 0) return byNumber;
    return x < y ? -1 : 1;
  }
  return left.length - right.length;
}

/** The values at `path`, with or without braces; none when nothing is there. Throws CT_USAGE. */
export function valuesAtPath(path: string, object: unknown): unknown[] {
  return evaluate(parseSteps(relaxed(path).slice(1, -1).trim()), [object]);
}

function compare(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  const [left, right] = [String(a), String(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}

/** `.a.b` and `a.b` mean `{.a.b}`. */
function relaxed(template: string): string {
  if (template.includes('{')) return template;
  return template.startsWith('.') || template.startsWith('[') ? `{${template}}` : `{.${template}}`;
}

function* split(template: string): Generator<{ kind: 'text' | 'expression'; text: string }, void> {
  let at = 0;
  while (at < template.length) {
    const start = template.indexOf('{', at);
    if (start === -1) return yield { kind: 'text', text: template.slice(at) };
    if (start > at) yield { kind: 'text', text: template.slice(at, start) };
    const end = closing(template, start);
    yield { kind: 'expression', text: template.slice(start + 1, end).trim() };
    at = end + 1;
  }
}

/** Index of the `}` that closes the `{` at `start`; braces within quotes do not count. */
function closing(template: string, start: number): number {
  let quote = '';
  for (let i = start + 1; i < template.length; i++) {
    const character = template[i] ?? '';
    if (quote !== '') {
      if (character === '\\') i += 1;
      else if (character === quote) quote = '';
    } else if (character === '"' || character === "'") quote = character;
    else if (character === '}') return i;
  }
  throw wrong(template, 'unclosed {');
}

const STEP =
  /\.\.|\.?\*|\[\*\]|\[\?\((.*?)\)\]|\[(-?\d*):(-?\d*)\]|\[(-?\d+)\]|\[(['"])((?:\\.|(?!\5).)*)\5\]|\.?((?:\\.|[^.[\]\\*])+)/gy;

function parseSteps(path: string): Step[] {
  const text = path.replace(/^[$@]/, '');
  const steps: Step[] = [];
  let at = 0;
  while (at < text.length && text !== '.') {
    STEP.lastIndex = at; // set each time: a filter within the path uses the same expression
    const match = STEP.exec(text);
    if (match === null) throw wrong(path, `cannot be understood from "${text.slice(at)}"`);
    at = STEP.lastIndex;
    const [whole, filter, from, to, index, , quoted, field] = match;
    if (whole === '..') steps.push({ kind: 'descent' });
    else if (whole.endsWith('*') || whole === '[*]') steps.push({ kind: 'wildcard' });
    else if (filter !== undefined) steps.push(parseFilter(filter));
    else if (from !== undefined || to !== undefined) steps.push(slice(from, to));
    else if (index !== undefined) steps.push({ kind: 'index', index: Number(index) });
    else steps.push({ kind: 'field', name: (quoted ?? field ?? '').replace(/\\(.)/g, '$1') });
  }
  return steps;
}

function slice(from: string | undefined, to: string | undefined): Step {
  return {
    kind: 'slice',
    ...(from ? { from: Number(from) } : {}),
    ...(to ? { to: Number(to) } : {}),
  };
}

function parseFilter(text: string): Step {
  const match = /^\s*(@.*?)\s*(?:(==|!=|<=|>=|<|>)\s*(.+?))?\s*$/.exec(text);
  if (match === null) throw wrong(text, 'a filter begins with @');
  const [, left = '', operator, right] = match;
  const steps = parseSteps(left);
  return operator === undefined
    ? { kind: 'filter', left: steps }
    : { kind: 'filter', left: steps, operator, right: literal(right ?? '') };
}

function literal(text: string): unknown {
  if (/^["']/.test(text)) return unquote(text);
  if (/^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  if (text === 'true' || text === 'false') return text === 'true';
  throw wrong(text, 'not a literal; strings need quotes');
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' };

function unquote(text: string): string {
  if (text.length < 2 || text.at(-1) !== text[0]) throw wrong(text, 'unclosed quote');
  return text.slice(1, -1).replace(/\\(.)/g, (_whole, letter: string) => ESCAPES[letter] ?? letter);
}

function print(nodes: readonly Node[], object: unknown): string {
  return nodes
    .map((node) => {
      if (node.kind === 'text') return node.text;
      const values = evaluate(node.steps, [object]);
      if (node.kind === 'range') return values.map((value) => print(node.body, value)).join('');
      return values.map(shown).join(' ');
    })
    .join('');
}

function shown(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function evaluate(steps: readonly Step[], start: readonly unknown[]): unknown[] {
  return steps.reduce<unknown[]>((values, step) => values.flatMap((value) => take(step, value)), [...start]);
}

function take(step: Step, value: unknown): unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  const children = Array.isArray(value) ? (value as unknown[]) : Object.values(value);
  switch (step.kind) {
    case 'field': {
      const record = value as Record<string, unknown>;
      return Object.hasOwn(record, step.name) ? [record[step.name]] : [];
    }
    case 'wildcard':
      return children;
    case 'descent':
      return [value, ...children.flatMap((child) => take(step, child))];
    case 'index':
      return Array.isArray(value) && value.at(step.index) !== undefined ? [value.at(step.index)] : [];
    case 'slice':
      return Array.isArray(value) ? (value as unknown[]).slice(step.from, step.to) : [];
    case 'filter':
      return children.filter((child) => holds(step, child));
  }
}

function holds(step: Step & { kind: 'filter' }, child: unknown): boolean {
  const [left] = evaluate(step.left, [child]);
  if (step.operator === undefined) return left !== undefined;
  if (left === undefined) return false;
  const order = compare(left, step.right);
  switch (step.operator) {
    case '==':
      return left === step.right;
    case '!=':
      return left !== step.right;
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    default:
      return order >= 0;
  }
}

function wrong(text: string, why: string): CloudTaskError {
  return new CloudTaskError('CT_USAGE', `jsonpath "${text}": ${why}`);
}
