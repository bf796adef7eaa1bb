// The schema for editors and other people's validators: draft-07, one file for all kinds, nothing but standard keywords.
import type { TSchema } from '@sinclair/typebox';
import { BYTES_PATTERN, DURATION_PATTERN } from '../base/index.js';
import { CALENDAR_DATES_PATTERN, TIME_OF_DAY_PATTERN } from './kinds/calendar-words.js';
import { API_VERSION, LIST_MAP_KEY } from './kinds/metadata.js';
import { type KindName, kindRow, kinds } from './kinds/registry.js';

export const JSON_SCHEMA_ID = 'https://cloudtask.dev/schemas/v1/ctask.schema.json';

type Json = Record<string, unknown>;

/** One schema for every kind a user may write, and lists of them; with `kind`, the schema of that kind alone. */
export function jsonSchema(kind?: KindName): object {
  if (kind !== undefined) {
    return { $schema: 'http://json-schema.org/draft-07/schema#', title: kind, ...portable(kindRow(kind).schema) };
  }
  const names = kinds.filter((row) => row.applicable).map((row) => row.kind);
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    $id: JSON_SCHEMA_ID,
    title: 'CloudTask manifest',
    description: 'A manifest that "ctask apply" accepts.',
    type: 'object',
    required: ['apiVersion', 'kind'],
    properties: {
      apiVersion: {
        enum: [API_VERSION, 'v1'],
        description: 'Version of the API this manifest is written for; v1 for a List.',
      },
      kind: { enum: [...names, 'List'], description: 'Kind of the object.' },
    },
    allOf: [...names, 'List'].map((name) => ({
      if: { properties: { kind: { const: name } }, required: ['kind'] },
      // biome-ignore lint/suspicious/noThenProperty: "then" is a keyword of JSON Schema.
      then: { $ref: `#/definitions/${name}` },
    })),
    definitions: {
      ...Object.fromEntries(names.map((name) => [name, portable(kindRow(name).schema)])),
      List: listSchema(),
    },
  };
}

function listSchema(): Json {
  return {
    type: 'object',
    description: 'Several objects in one document.',
    required: ['apiVersion', 'kind', 'items'],
    properties: {
      apiVersion: { type: 'string', description: 'Version of the API.' },
      kind: { const: 'List', description: 'Kind of the object.' },
      metadata: { type: 'object', description: 'Ignored.' },
      items: { type: 'array', items: { $ref: '#' }, description: 'The objects.' },
    },
    additionalProperties: false,
  };
}

/** Draft-07's "duration" is ISO 8601 and "time-zone" is unknown to it; a union of constants reads better as an enum. */
function portable(schema: TSchema): Json {
  const plain = JSON.parse(JSON.stringify(schema)) as Json;
  delete plain.$id;
  return orGenerated(rewrite(plain) as Json);
}

/** Where the kinds say that a name is needed, a manifest for create may have the beginning of one instead. */
function orGenerated(schema: Json): Json {
  const { metadata, ...rest } = schema.properties as { metadata: Json };
  const { required, ...plain } = metadata;
  const others = (required as readonly string[]).filter((name) => name !== 'name');
  const either = { anyOf: [{ required: ['name'] }, { required: ['generateName'] }] };
  const named = { ...plain, ...(others.length === 0 ? {} : { required: others }), ...either };
  const { apiVersion, kind, ...parts } = rest as Json;
  return { ...schema, properties: { apiVersion, kind, metadata: named, ...parts } };
}

/** Formats that nobody else knows, and no pattern says. */
const OWN_FORMATS: ReadonlySet<string> = new Set(['time-zone', 'mailbox']);

/** Keywords whose value has names of fields for keys, which may be called like a keyword. */
const NAMED: ReadonlySet<string> = new Set(['properties', 'patternProperties']);

const mapped = (object: Json, change: (value: unknown, key: string) => unknown): Json =>
  Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value, key)]));

function rewrite(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(rewrite);
  if (typeof value !== 'object' || value === null) return value;
  const { format, anyOf, [LIST_MAP_KEY]: _key, ...rest } = value as Json;
  const plain = mapped(rest, (inner, key) => (NAMED.has(key) ? mapped(inner as Json, rewrite) : rewrite(inner)));
  if (format === 'email-address') return { ...plain, pattern: '^[^\\s@]+@[^\\s@]+$' };
  if (format === 'mail-host') return { ...plain, pattern: '^[A-Za-z0-9:]([-A-Za-z0-9.:]*[A-Za-z0-9])?$' };
  if (format === 'http-url') return { ...plain, pattern: '^https?://[^\\s]+$' };
  if (format === 'duration') return { ...plain, pattern: DURATION_PATTERN, minLength: 2 };
  if (format === 'time-of-day') return { ...plain, pattern: TIME_OF_DAY_PATTERN };
  if (format === 'calendar-dates') return { ...plain, pattern: CALENDAR_DATES_PATTERN };
  if (format === 'bytes') return { ...plain, pattern: BYTES_PATTERN };
  if (Array.isArray(anyOf)) return { ...plain, enum: anyOf.map((branch: Json) => branch.const) };
  return typeof format === 'string' && !OWN_FORMATS.has(format) ? { ...plain, format } : plain;
}
