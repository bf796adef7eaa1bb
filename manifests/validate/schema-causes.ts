// Turns what ajv says into sentences for people, one per problem.
import type { TSchema } from '@sinclair/typebox';
import type { ErrorCause } from '../../base/index.js';
import { kinds } from '../kinds/registry.js';
import { UMASK_PATTERN } from '../kinds/run-as.js';
import { type FieldPath, formatPath, pathOfPointer, shortName } from './field-path.js';
import { formats } from './formats.js';
import { patternSentence } from './pattern-words.js';
import { reservedMessage } from './reserved-fields.js';
import { didYouMean } from './suggest.js';
import type { SchemaError } from './validators.js';
import { zoneSuggestion } from './zone-names.js';

/** Names the reason, the field and the sentence. */
export function cause(reason: string, path: FieldPath, message: string): ErrorCause {
  const field = formatPath(path);
  return { reason, message, ...(field === '' ? {} : { field }) };
}

/** `"61 * * * *"`, cut where it is long. */
export function quote(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}

export const invalid = (path: FieldPath, value: unknown, why: string): ErrorCause =>
  cause('FieldValueInvalid', path, `${formatPath(path)}: Invalid value: ${quote(value)}: ${why}`);

export const required = (path: FieldPath, why: string): ErrorCause =>
  cause('FieldValueRequired', path, `${formatPath(path)}: Required value${why === '' ? '' : `: ${why}`}`);

/** The causes of ajv's errors about `root`, in the order of the schema. */
export function schemaCauses(root: unknown, errors: readonly SchemaError[]): ErrorCause[] {
  const unions = errors.filter((error) => error.keyword === 'anyOf').map((error) => `${error.schemaPath}/`);
  return errors
    .filter((error) => !unions.some((union) => error.schemaPath.startsWith(union)))
    .map((error) => schemaCause(root, error));
}

/** Merging by null would make a manifest mean something else than it says: what is not wanted is left out. */
const NULL_REFUSED = 'null is not allowed; omit the field';
const VALUE_KEYWORDS: ReadonlySet<string> = new Set(['type', 'enum', 'anyOf', 'const']);

function schemaCause(root: unknown, error: SchemaError): ErrorCause {
  const path = pathOfPointer(root, error.instancePath);
  const { params, data } = error;
  if (data === null && VALUE_KEYWORDS.has(error.keyword)) {
    return cause('FieldValueTypeInvalid', path, `${fieldOrDocument(path)}: Invalid type: null: ${NULL_REFUSED}`);
  }
  switch (error.keyword) {
    case 'additionalProperties':
      return unknownField(root, path, String(params.additionalProperty), error);
    case 'required':
      return required([...path, String(params.missingProperty)], '');
    case 'type':
      return wrongType(path, data, String(params.type), error);
    case 'format':
      return invalid(path, data, formatFault(String(params.format), data));
    case 'anyOf':
    case 'enum':
    case 'const':
      return unsupported(path, data, allowedValues(error));
    case 'pattern':
      return invalid(path, data, patternSentence(String(error.params.pattern)));
    case 'minItems':
    case 'minLength':
      return required(path, 'must not be empty');
    case 'maxItems':
    case 'maxLength':
      return cause(
        'FieldValueTooLong',
        path,
        `${formatPath(path)}: Too long: may not have more than ${params.limit} ${error.keyword === 'maxItems' ? 'items' : 'characters'}`,
      );
    default:
      return invalid(path, data, error.message ?? 'is not allowed');
  }
}

function unknownField(root: unknown, path: FieldPath, name: string, error: SchemaError): ErrorCause {
  const full = [...path, name];
  const reserved = reservedMessage(root, full);
  if (reserved !== undefined) return cause('FieldValueForbidden', full, reserved);
  const known = Object.keys((error.parentSchema?.properties as object | undefined) ?? {});
  const place = formatPath([...path, shortName(name)]);
  const guess = didYouMean(name, known) || elsewhere(root, name);
  return cause('FieldUnknown', full, `unknown field "${place}"${guess}`);
}

/** A field that exists, but in another place: `spec.command` for `spec.run.command`. */
function elsewhere(root: unknown, name: string): string {
  const row = kinds.find(({ kind }) => kind === (root as { kind?: unknown }).kind);
  const found = row === undefined ? undefined : placeOf(row.schema.properties.spec as TSchema, name, 'spec');
  return found === undefined ? '' : `; did you mean "${found}"?`;
}

function placeOf(schema: TSchema, name: string, path: string): string | undefined {
  const properties = (schema.properties ?? {}) as Record<string, TSchema>;
  if (Object.hasOwn(properties, name)) return `${path}.${name}`;
  for (const [key, property] of Object.entries(properties)) {
    const found =
      property.items === undefined
        ? placeOf(property, name, `${path}.${key}`)
        : placeOf(property.items, name, `${path}.${key}[]`);
    if (found !== undefined) return found;
  }
  return undefined;
}

function wrongType(path: FieldPath, data: unknown, expected: string, error: SchemaError): ErrorCause {
  const format = error.parentSchema?.format;
  const wanted =
    typeof format === 'string' && formats[format] !== undefined ? formats[format].expected : aTypeName(expected);
  const quoted =
    expected === 'string' && (typeof data === 'number' || typeof data === 'boolean')
      ? `; write ${quotedOf(data, error.parentSchema?.pattern)} in quotes`
      : '';
  const hint = format === 'duration' && typeof data === 'number' ? `; write "${data}s" for seconds` : quoted;
  return cause(
    'FieldValueTypeInvalid',
    path,
    `${fieldOrDocument(path)}: Invalid type: ${typeName(data)}: must be ${wanted}${hint}`,
  );
}

/** The zeros that a number has lost are part of a umask. */
function quotedOf(data: number | boolean, pattern: unknown): string {
  return `"${pattern === UMASK_PATTERN ? String(data).padStart(3, '0') : data}"`;
}

function fieldOrDocument(path: FieldPath): string {
  return path.length === 0 ? 'document' : formatPath(path);
}

function typeName(data: unknown): string {
  if (data === null || data === undefined) return 'null';
  if (Array.isArray(data)) return 'list';
  return typeof data === 'object' ? 'map' : typeof data;
}

function aTypeName(type: string): string {
  if (type === 'object') return 'a map';
  if (type === 'array') return 'a list';
  return type === 'integer' ? 'an integer' : `a ${type}`;
}

function formatFault(name: string, data: unknown): string {
  const format = formats[name];
  return format?.fault?.(String(data)) ?? `must be ${format?.expected}${hintFor(name, data)}`;
}

function hintFor(format: string, data: unknown): string {
  return format === 'time-zone' && typeof data === 'string' ? zoneSuggestion(data) : '';
}

function allowedValues(error: SchemaError): string[] {
  if (error.keyword === 'const') return [String(error.params.allowedValue)];
  if (error.keyword === 'enum') return (error.params.allowedValues as unknown[]).map(String);
  return ((error.schema as readonly { const?: unknown }[] | undefined) ?? []).map((branch) => String(branch.const));
}

export function unsupported(path: FieldPath, data: unknown, values: readonly string[]): ErrorCause {
  const list = values.map((value) => `"${value}"`).join(', ');
  const guess = typeof data === 'string' ? didYouMean(data, values) : '';
  return cause(
    'FieldValueNotSupported',
    path,
    `${formatPath(path)}: Unsupported value: ${quote(data)}: supported values: ${list}${guess}`,
  );
}
