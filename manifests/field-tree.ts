// The fields of each kind, with what its schema says of them: what `ctask explain` prints and editors show.
import type { TSchema } from '@sinclair/typebox';
import { findKind, type KindName, kindRow } from './kinds/registry.js';
import { parsePath } from './validate/field-path.js';
import { didYouMean } from './validate/suggest.js';

export interface FieldNode {
  /** Name within its parent; empty for the kind itself. */
  readonly name: string;
  /** `string`, `integer`, `Object`, `[]Object`, `map[string]string` … */
  readonly type: string;
  readonly description: string;
  readonly required: boolean;
  readonly enum: readonly string[];
  readonly default?: unknown;
  readonly examples: readonly unknown[];
  /** Sentences such as `1 to 100` or `duration, such as "90s"`. */
  readonly limits: readonly string[];
  readonly fields: readonly FieldNode[];
}

/** What a path of words leads to, or the word that leads nowhere. */
export type FieldLookup =
  | { readonly kind: KindName; readonly field: FieldNode }
  | { readonly missing: string; readonly suggestion: string };

/** The field at `path` (words; an index or `[*]` means an entry of the list) of a kind; of the kind itself without words. */
export function findField(kind: KindName, path: readonly string[]): FieldLookup {
  let node = fieldNode('', kindRow(kind).schema, true);
  let map = false;
  for (const word of path) {
    if (map) continue; // any key of a map of strings
    const next = node.fields.find(({ name }) => name === word);
    if (next === undefined) {
      const names = node.fields.map(({ name }) => name);
      return { missing: word, suggestion: didYouMean(word, names) };
    }
    map = next.type.startsWith('map[');
    node = next;
  }
  return { kind, field: node };
}

/** Whether objects of a kind may have something at `path`, a jsonpath of plain steps; true where that cannot be said. */
export function hasField(kind: string, path: string): boolean {
  const row = findKind(kind);
  const plain = path
    .trim()
    .replace(/^\{|\}$/g, '')
    .replace(/^[$@]?\.?/, '');
  if (row === undefined || !/^[\w.\-[\]*'"/\\]+$/.test(plain) || plain.includes('..')) return true;
  const words = parsePath(plain.replaceAll('[*]', '').replace(/\[(-?\d+)\]/g, '')).map(String);
  return 'field' in findField(row.kind, words);
}

function fieldNode(name: string, schema: TSchema, required: boolean): FieldNode {
  // The fields of a list are those of its entries.
  const inner: TSchema = schema.type === 'array' ? (schema.items as TSchema) : schema;
  const needed: readonly string[] = (inner.required as string[] | undefined) ?? [];
  const properties = Object.entries((inner.properties ?? {}) as Record<string, TSchema>);
  return {
    name,
    type: typeOf(schema),
    description: schema.description ?? '',
    required,
    enum: choicesOf(inner),
    ...(isPlain(schema.default) ? { default: schema.default } : {}),
    examples: (schema.examples as unknown[] | undefined) ?? [],
    limits: limitsOf(schema),
    fields: properties.map(([key, property]) => fieldNode(key, property, needed.includes(key))),
  };
}

/** Maps and lists of defaults say nothing that the fields in them do not say. */
const isPlain = (value: unknown): boolean =>
  value !== undefined && !(typeof value === 'object' && value !== null && Object.keys(value).length === 0);

function typeOf(schema: TSchema): string {
  if (schema.type === 'array') return `[]${typeOf(schema.items as TSchema)}`;
  if (schema.patternProperties !== undefined) {
    const [values] = Object.values(schema.patternProperties as Record<string, TSchema>);
    return `map[string]${values === undefined ? 'any' : typeOf(values)}`;
  }
  if (schema.type === 'object') return 'Object';
  if (Array.isArray(schema.anyOf) || schema.const !== undefined) return 'string';
  return schema.type ?? 'any';
}

function choicesOf(schema: TSchema): string[] {
  if (schema.const !== undefined) return [String(schema.const)];
  if (Array.isArray(schema.enum)) return schema.enum.map(String);
  return ((schema.anyOf as TSchema[] | undefined) ?? []).flatMap(({ const: value }) =>
    value === undefined ? [] : [String(value)],
  );
}

const FORMATS: Readonly<Record<string, string>> = {
  duration: 'a duration, such as "90s", "5m" or "1h30m"',
  date: 'a date, such as "2026-01-05"',
  'calendar-dates': 'a date, or two with "/" between them, such as "2026-04-03", "12-25" or "2026-12-24/2027-01-01"',
  'time-of-day': 'a time of day, "00:00" to "23:59"',
  'date-time': 'an instant with an offset (RFC 3339)',
  'time-zone': 'an IANA time zone, such as "Europe/Berlin"',
};

function limitsOf(schema: TSchema): string[] {
  const { format, pattern, minimum, maximum, maxLength, minItems, maxItems } = schema as Record<string, unknown>;
  const limits: string[] = [];
  if (typeof format === 'string') limits.push(FORMATS[format] ?? format);
  if (minimum !== undefined && maximum !== undefined) limits.push(`${minimum} to ${maximum}`);
  else if (minimum !== undefined) limits.push(`at least ${minimum}`);
  else if (maximum !== undefined) limits.push(`at most ${maximum}`);
  if (maxLength !== undefined) limits.push(`at most ${maxLength} characters`);
  if (minItems !== undefined) limits.push(`at least ${minItems} ${minItems === 1 ? 'entry' : 'entries'}`);
  if (maxItems !== undefined) limits.push(`at most ${maxItems} entries`);
  if (typeof pattern === 'string') limits.push(`matches ${pattern}`);
  const entry = schema.type === 'array' ? (schema.items as TSchema) : undefined;
  if (entry !== undefined && entry.type !== 'object') limits.push(...limitsOf(entry).map((text) => `each: ${text}`));
  return limits;
}
