// What the rules between fields share.
import type { ErrorCause } from '../../base/index.js';
import { type FieldPath, formatPath } from './field-path.js';
import { cause } from './schema-causes.js';

export interface Findings {
  readonly causes: ErrorCause[];
  readonly warnings: ErrorCause[];
}

export type Reporter = (found: ErrorCause) => void;
export type Fields = Record<string, unknown>;

/** The value as a map; empty when it is something else. */
export function asMap(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

export function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export const forbidden = (path: FieldPath, why: string): ErrorCause =>
  cause('FieldValueForbidden', path, `${formatPath(path)}: Forbidden: ${why}`);

export const duplicate = (path: FieldPath, value: string): ErrorCause =>
  cause('FieldValueDuplicate', path, `${formatPath(path)}: Duplicate value: ${JSON.stringify(value)}`);
