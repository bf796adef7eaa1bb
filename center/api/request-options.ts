import type { FastifyRequest } from 'fastify';
import { CloudTaskError } from '../../base/index.js';
import {
  type FieldRequirement,
  findField,
  type KindRow,
  parseFieldSelector,
  parseLabelSelector,
} from '../../manifests/index.js';
import type { LabelRequirement, SortBy } from '../store/index.js';

/** Objects per page; a client that wants more gets them in further pages. */
export const LIMIT_MAX = 5000;

export type Query = Record<string, string | undefined>;

/** The query parameters, each at most once. Throws CT_BAD_REQUEST for a repeated one. */
export function queryOf(request: FastifyRequest): Query {
  const query = request.query as Record<string, unknown>;
  for (const [key, value] of Object.entries(query)) {
    if (typeof value !== 'string') throw bad(key, 'it is given more than once');
  }
  return query as Query;
}

/** Path parameters, decoded. */
export function parametersOf(request: FastifyRequest): Record<string, string> {
  return request.params as Record<string, string>;
}

/** True for 1, true and the bare name of the parameter. */
export function flag(query: Query, name: string): boolean {
  const value = query[name];
  if (value === undefined || value === '0' || value === 'false') return false;
  if (value === '' || value === '1' || value === 'true') return true;
  throw bad(name, `"${value}" is neither true nor false`);
}

/** A whole number from `min` to `max`; undefined when absent. */
export function integer(query: Query, name: string, min: number, max: number): number | undefined {
  const value = query[name];
  if (value === undefined || value === '') return undefined;
  const number = Number(value);
  if (!/^\d+$/.test(value) || number < min || number > max) {
    throw bad(name, `"${value}" is not a whole number from ${min} to ${max}`);
  }
  return number;
}

export function oneOf<T extends string>(query: Query, name: string, values: readonly T[]): T | undefined {
  const value = query[name];
  if (value === undefined || value === '') return undefined;
  if (!values.includes(value as T)) throw bad(name, `"${value}" is not one of ${values.join(', ')}`);
  return value as T;
}

/** What becomes of fields that are unknown or given twice: an error, a warning, or nothing. */
export function fieldValidationOf(query: Query): 'Strict' | 'Warn' | 'Ignore' {
  return oneOf(query, 'fieldValidation', ['Strict', 'Warn', 'Ignore']) ?? 'Strict';
}

/** True for dryRun=All, the only kind there is. */
export function isDryRun(query: Query): boolean {
  return oneOf(query, 'dryRun', ['All']) !== undefined;
}

export interface SelectorOptions {
  readonly labels: readonly LabelRequirement[];
  readonly fields: readonly FieldRequirement[];
  readonly search?: string;
}

export function selectorsOf(query: Query, row: KindRow): SelectorOptions {
  return {
    labels: parseLabelSelector(query.labelSelector ?? ''),
    fields: parseFieldSelector(query.fieldSelector ?? '', row.selectableFields, (field) => choicesIn(row, field)),
    ...(query.search ? { search: query.search } : {}),
  };
}

/** `sortBy=FIELD`, with `-` before it for the other way round. Throws CT_BAD_REQUEST for a field that the kind is not sorted by. */
export function sortByOf({ sortBy }: Query, { kind, plural, sortableFields = [] }: KindRow): SortBy | undefined {
  if (sortBy === undefined || sortBy === '') return undefined;
  if (kind === 'Run' || kind === 'Event') throw bad('sortBy', `${plural} come newest first`);
  const descending = sortBy.startsWith('-');
  const field = descending ? sortBy.slice(1) : sortBy;
  const known = ['metadata.name', ...sortableFields];
  if (known.includes(field)) return { field, descending };
  throw bad('sortBy', `"${field}" cannot be sorted by; known are ${known.join(', ')}`);
}

/** The values that a field can have, when they are few and known. */
function choicesIn({ kind }: KindRow, field: string): readonly string[] {
  const found = findField(kind, field.split('.'));
  return 'field' in found ? found.field.enum : [];
}

/** Reads are always of the latest version; asking for another one is refused, not ignored. */
export function requireLatest(query: Query): void {
  const { resourceVersion, resourceVersionMatch } = query;
  if (resourceVersionMatch !== undefined) throw bad('resourceVersionMatch', 'it is not supported');
  if (resourceVersion !== undefined && resourceVersion !== '' && resourceVersion !== '0') {
    throw bad('resourceVersion', 'get and list answer the latest version; leave it out or give 0');
  }
}

export function bad(name: string, why: string): CloudTaskError {
  return new CloudTaskError('CT_BAD_REQUEST', `parameter "${name}": ${why}`);
}
