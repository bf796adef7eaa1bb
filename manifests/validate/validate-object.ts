import type { ErrorCause, Instant } from '../../base/index.js';
import { API_VERSION } from '../kinds/metadata.js';
import { type AnyObject, type KindName, type KindRow, kinds } from '../kinds/registry.js';
import { withDefaults } from './defaults.js';
import { packageWarnings } from './package-warnings.js';
import { RESERVED_KINDS } from './reserved-fields.js';
import { asMap, type Fields, forbidden } from './rule-kit.js';
import { firingCauses } from './schedule-rules.js';
import { cause, required, schemaCauses, unsupported } from './schema-causes.js';
import { withoutValue } from './secret-rules.js';
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
  /** What happens to unknown fields: an error (Strict, default), a warning, or nothing. They never enter the object. */
  readonly fieldValidation?: 'Strict' | 'Warn' | 'Ignore';
  /** An object with `metadata.generateName` and no name is wrong (Refuse, default), right, or right with a warning. */
  readonly generateName?: 'Refuse' | 'Accept' | 'Note';
  /** With it, schedules that lie wholly in the past yield a warning. */
  readonly now?: Instant;
}

/** Checks a value against the schema of its kind and the rules between fields, and writes the defaults out. */
export function validateObject(given: unknown, options: ValidationOptions = {}): Validation {
  const row = rowOf(given, options);
  if (!('kind' in row)) return { causes: row.causes, warnings: [] };
  const value = withSpec(row, given as Fields);
  const naming = namingOf(value, options);
  const found = schemaCauses(value, schemaErrors(row.kind, value)).map(
    row.kind === 'Secret' ? withoutValue : (one) => one,
  );
  const all = [...found.filter(naming.tells), ...naming.causes];
  const { fieldValidation = 'Strict' } = options;
  const tolerated = fieldValidation === 'Strict' ? [] : all.filter((found) => found.reason === 'FieldUnknown');
  const shape = all.filter((found) => !tolerated.includes(found));
  const unknown = [...(fieldValidation === 'Warn' ? tolerated : []), ...naming.warnings];
  // Rules between fields run on values of any shape, so that everything is said at once.
  const refused = new Set(shape.map((found) => found.field));
  const causes = [...shape, ...semanticCauses(row.kind, value as Fields, refused)];
  if (causes.length > 0) return { causes, warnings: unknown };
  const object = withDefaults(row.schema, value) as AnyObject;
  if (object.kind !== 'Task') return { object, causes, warnings: unknown };
  const firing = firingCauses(object, options.now);
  const warnings = [...unknown, ...firing.warnings, ...packageWarnings(object.spec.run)];
  return firing.causes.length > 0 ? { causes: firing.causes, warnings } : { object, causes, warnings };
}

interface Naming {
  /** False for the cause that `causes` or the center's own name stands for. */
  readonly tells: (found: ErrorCause) => boolean;
  readonly causes: readonly ErrorCause[];
  readonly warnings: readonly ErrorCause[];
}

const GENERATE_NAME = ['metadata', 'generateName'];
/** Row C-17, in kubectl's words. */
const CREATE_ONLY =
  'cannot use generate name with apply, which finds objects by their names; use "ctask create -f", or write metadata.name';

/** What is to be said of an object that has generateName instead of a name. */
function namingOf(value: Fields, { generateName = 'Refuse' }: ValidationOptions): Naming {
  const metadata = asMap(value.metadata);
  if (metadata.generateName === undefined || metadata.name !== undefined) {
    return { tells: () => true, causes: [], warnings: [] };
  }
  const note = forbidden(GENERATE_NAME, CREATE_ONLY);
  return {
    tells: ({ reason, field }) => reason !== 'FieldValueRequired' || field !== 'metadata.name',
    causes: generateName === 'Refuse' ? [note] : [],
    warnings: generateName === 'Note' ? [note] : [],
  };
}

/** A Namespace needs a name and no more: where nothing in the spec is required, neither is the spec. */
function withSpec(row: KindRow, given: Fields): Fields {
  const spec = (row.schema.properties as { spec: { default?: object } }).spec.default;
  return given.spec === undefined && spec !== undefined ? { ...given, spec } : given;
}

function rowOf(value: unknown, options: ValidationOptions): KindRow | { readonly causes: readonly ErrorCause[] } {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return {
      causes: [
        cause('FieldValueTypeInvalid', [], 'document: Invalid type: must be a map with apiVersion, kind and metadata'),
      ],
    };
  }
  const { apiVersion, kind } = value as Fields;
  const row = kinds.find((candidate) => candidate.kind === kind);
  // The schema of a known kind says what is wrong with apiVersion, along with everything else.
  if (row !== undefined && (row.applicable || options.systemKinds === true)) return row;
  const causes: ErrorCause[] = [];
  if (apiVersion === undefined) causes.push(required(['apiVersion'], `write "${API_VERSION}"`));
  else if (apiVersion !== API_VERSION) causes.push(unsupported(['apiVersion'], apiVersion, [API_VERSION]));
  causes.push(kind === undefined ? required(['kind'], '') : refusedKind(kind, row?.kind));
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
