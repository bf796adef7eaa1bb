import type { ErrorCause } from '../../base/index.js';
import { API_VERSION } from '../kinds/metadata.js';
import { type AnyObject, type KindName, type KindRow, kinds } from '../kinds/registry.js';
import { withDefaults } from './defaults.js';
import { RESERVED_KINDS } from './reserved-fields.js';
import { cause, required, schemaCauses, unsupported } from './schema-causes.js';
import { semanticCauses } from './semantics.js';
import { didYouMean } from './suggest.js';
import { schemaErrors } from './validators.js';

export interface Validation {
  /** The object with its defaults; absent when there are causes. */
  readonly object?: AnyObject;
  readonly causes: readonly ErrorCause[];
  /** What is allowed but probably not meant. */
  readonly warnings: readonly ErrorCause[];
}

export interface ValidationOptions {
  /** Also accept kinds that the system writes (Run, Event). */
  readonly systemKinds?: boolean;
}

/** Checks a value against the schema of its kind and the rules between fields, and writes the defaults out. */
export function validateObject(value: unknown, options: ValidationOptions = {}): Validation {
  const row = rowOf(value, options);
  if (!('kind' in row)) return { causes: row.causes, warnings: [] };
  const shape = schemaCauses(value, schemaErrors(row.kind, value));
  // Rules between fields read what they need defensively: they run on values of any shape, so that all is said at once.
  const semantics = semanticCauses(
    row.kind,
    value as Record<string, unknown>,
    new Set(shape.map((found) => found.field)),
  );
  const causes = [...shape, ...semantics.causes];
  if (causes.length > 0) return { causes, warnings: semantics.warnings };
  return { object: withDefaults(row.schema, value) as AnyObject, causes, warnings: semantics.warnings };
}

function rowOf(value: unknown, options: ValidationOptions): KindRow | { readonly causes: readonly ErrorCause[] } {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return {
      causes: [
        cause('FieldValueTypeInvalid', [], 'document: Invalid type: must be a map with apiVersion, kind and metadata'),
      ],
    };
  }
  const { apiVersion, kind } = value as Record<string, unknown>;
  const causes: ErrorCause[] = [];
  if (apiVersion === undefined) causes.push(required(['apiVersion'], `write "${API_VERSION}"`));
  else if (apiVersion !== API_VERSION) causes.push(unsupported(['apiVersion'], apiVersion, [API_VERSION]));
  if (kind === undefined) causes.push(required(['kind'], ''));
  const row = kinds.find((candidate) => candidate.kind === kind);
  if (row !== undefined && (row.applicable || options.systemKinds === true)) {
    return causes.length === 0 ? row : { causes };
  }
  if (kind !== undefined) causes.push(refusedKind(kind, row?.kind));
  return { causes };
}

function refusedKind(kind: unknown, system: KindName | undefined): ErrorCause {
  if (system !== undefined) {
    const instead = system === 'Run' ? '; to start one, use "ctask run TASK"' : '';
    return cause(
      'FieldValueForbidden',
      ['kind'],
      `kind: Forbidden: objects of kind ${system} are written by CloudTask itself${instead}`,
    );
  }
  if (typeof kind === 'string' && RESERVED_KINDS.includes(kind)) {
    return cause('FieldValueForbidden', ['kind'], `kind: Forbidden: kind "${kind}" is not available in this version`);
  }
  const applicable = kinds.filter((row) => row.applicable).map((row) => row.kind);
  const guess = typeof kind === 'string' ? didYouMean(kind, applicable) : '';
  return cause(
    'FieldValueNotSupported',
    ['kind'],
    `kind: Unsupported value: ${JSON.stringify(kind)}: supported values: ${applicable.map((name) => `"${name}"`).join(', ')}${guess}`,
  );
}
