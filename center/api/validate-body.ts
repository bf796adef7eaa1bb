import { CloudTaskError, type ErrorCause, type Instant } from '../../base/index.js';
import { type AnyObject, kindRow, prefixOfNameless, type Validation, validateObject } from '../../manifests/index.js';
import { fieldValidationOf, type Query } from './request-options.js';

/** Objects of one batch checked before the event loop gets its turn. */
const SLICE = 200;
/** Causes told at once; a file with more problems than this is fixed in steps. */
const CAUSES_MAX = 1000;

export interface Checked {
  /** As their authors wrote them, in their namespaces. */
  readonly objects: AnyObject[];
  readonly warnings: string[];
}

export interface CheckOptions {
  /** Names an object within the request in front of its field paths. */
  readonly prefix?: (index: number) => string;
  /** The objects are applied: they may not say who owns what (decision 0012, rule 10). */
  readonly apply?: boolean;
  /** The objects are created: the store may find names for them (C-17). */
  readonly create?: boolean;
  /** With it, schedules that are over are warned of. */
  readonly now?: Instant;
  /** What is known to be wrong with the request already; it is told along with the rest. */
  readonly found?: readonly ErrorCause[];
  /** There are several objects, so warnings say which one they are of. */
  readonly several?: boolean;
}

/**
 * Checks objects of a request; all that is wrong is told at once. Throws CT_MANIFEST_STRICT when there are unknown fields
 * (unless fieldValidation says Warn or Ignore: then they are dropped), else CT_MANIFEST_INVALID.
 */
export async function checkObjects(
  values: readonly unknown[],
  query: Query,
  { prefix = () => '', apply = false, create = false, now, found = [], several = false }: CheckOptions = {},
): Promise<Checked> {
  const strictness = fieldValidationOf(query);
  const objects: AnyObject[] = [];
  const warnings: string[] = [];
  const causes: ErrorCause[] = [...found];
  const keys = new Set<string>();
  for (const [index, value] of values.entries()) {
    if (index > 0 && index % SLICE === 0) await new Promise<void>((resolve) => setImmediate(resolve));
    const checked = checkObject(value, strictness, { now, create });
    if (apply && asksForOwners(value)) causes.push(prefixed(OWNERS_REFUSED, prefix(index)));
    for (const cause of checked.causes) causes.push(prefixed(cause, prefix(index)));
    if (checked.object === undefined) continue;
    const object = inNamespace(checked.object);
    for (const warning of checked.warnings) warnings.push(several ? `${subjectOf(object)}: ${warning}` : warning);
    const key = `${object.kind} ${object.metadata.namespace ?? ''}/${object.metadata.name}`;
    if (keys.has(key) && prefixOfNameless(object) === undefined) {
      const message = `metadata.name: Duplicate value: ${key} is in this request twice`;
      causes.push(prefixed({ reason: 'FieldValueDuplicate', message, field: 'metadata.name' }, prefix(index)));
    }
    keys.add(key);
    objects.push(object);
  }
  if (causes.length > 0) throw invalid(causes.slice(0, CAUSES_MAX), values);
  return { objects, warnings };
}

/** The same for one object that a patch has changed; with `now` if its schedules may be others. */
export function checkOne(
  value: unknown,
  query: Query,
  now?: Instant,
): { readonly object: AnyObject; readonly warnings: string[] } {
  const { object, causes, warnings } = checkObject(value, fieldValidationOf(query), { now });
  if (object === undefined) throw invalid(causes.slice(0, CAUSES_MAX), [value]);
  return { object: inNamespace(object), warnings };
}

const OWNERS_REFUSED: ErrorCause = {
  reason: 'FieldValueForbidden',
  field: 'metadata.managedFields',
  message: 'metadata.managedFields: Forbidden: who owns which fields is kept by the center; leave it out',
};

function asksForOwners(value: unknown): boolean {
  return (value as { metadata?: { managedFields?: unknown } | null } | null)?.metadata?.managedFields !== undefined;
}

function checkObject(
  given: unknown,
  strictness: ReturnType<typeof fieldValidationOf>,
  { now, create = false }: { readonly now?: Instant | undefined; readonly create?: boolean } = {},
): { object?: AnyObject; causes: readonly ErrorCause[]; warnings: string[] } {
  const value = withoutStatus(given);
  const options = {
    ...(now === undefined ? {} : { now }),
    ...(create ? ({ generateName: 'Accept' } as const) : {}),
  };
  const first = validateObject(value, options);
  const warnings = first.warnings.map(({ message }) => message);
  const unknown = first.causes.filter(({ reason, field }) => reason === 'FieldUnknown' && field !== undefined);
  if (strictness === 'Strict' || unknown.length === 0) return asWritten(value, first, warnings);
  for (const { field } of unknown) dropField(value, field!);
  if (strictness === 'Warn') warnings.push(...unknown.map(({ message }) => message));
  return asWritten(value, validateObject(value, options), warnings);
}

/** A status in a request is not looked at, so it may be what it likes: what was read can be sent back (A-03). */
function withoutStatus(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || !('status' in value)) return value;
  const { status: _, ...rest } = value;
  return rest;
}

/** Ownership is of what the author has written, so that is what goes on; the store fills in the defaults. */
function asWritten(value: unknown, { object, causes }: Validation, warnings: string[]) {
  return object === undefined ? { causes, warnings } : { object: value as AnyObject, causes, warnings };
}

function subjectOf({ kind, metadata: { namespace, name, generateName } }: AnyObject): string {
  return `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name ?? generateName}`;
}

/** Removes the field that a path like `spec.schedules[0].crom` or `spec["a.b"]` names. */
function dropField(root: unknown, path: string): void {
  const steps = [...path.matchAll(/\["([^"]*)"\]|([^.[\]]+)/g)].map((match) => match[1] ?? match[2]!);
  const last = steps.pop();
  let owner = root as Record<string, unknown> | undefined;
  for (const step of steps) owner = owner?.[step] as Record<string, unknown> | undefined;
  if (owner !== undefined && last !== undefined) delete owner[last];
}

/** Namespaced objects live in "default" unless they say otherwise; cluster-wide ones live in none. */
function inNamespace(object: AnyObject): AnyObject {
  const { namespace, ...metadata } = object.metadata;
  if (!kindRow(object.kind).namespaced) return { ...object, metadata } as AnyObject;
  return { ...object, metadata: { ...metadata, namespace: namespace ?? 'default' } } as AnyObject;
}

function prefixed(cause: ErrorCause, prefix: string): ErrorCause {
  if (prefix === '') return cause;
  return { ...cause, field: cause.field === undefined ? prefix : `${prefix}.${cause.field}` };
}

/** Unknown, or given twice: what fieldValidation is about. A list that names something twice is just invalid. */
function isStrict({ reason, message }: ErrorCause): boolean {
  return reason === 'FieldUnknown' || (reason === 'FieldValueDuplicate' && message.startsWith('duplicate field '));
}

function invalid(causes: readonly ErrorCause[], values: readonly unknown[]): CloudTaskError {
  const strict = causes.some(isStrict);
  const only =
    values.length === 1 ? (values[0] as { kind?: unknown; metadata?: { name?: unknown } } | null) : undefined;
  const { kind, metadata } = only ?? {};
  const named = typeof kind === 'string' && typeof metadata?.name === 'string';
  const [first] = causes;
  const more = causes.length === 1 ? '' : ` (and ${causes.length - 1} more)`;
  return new CloudTaskError(strict ? 'CT_MANIFEST_STRICT' : 'CT_MANIFEST_INVALID', {
    ...(named ? { subject: `${kind} ${metadata.name}` } : {}),
    detail: `${first?.message ?? 'invalid'}${more}`,
    causes,
  });
}
