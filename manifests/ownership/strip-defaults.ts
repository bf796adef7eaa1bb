import { isDeepStrictEqual } from 'node:util';
import type { TSchema } from '@sinclair/typebox';
import { withDefaults } from '../validate/defaults.js';
import { itemStep, keyStep } from './field-steps.js';
import { type Fields, fieldSchema, isMap, keyedItems, listMapKey, OWNED_METADATA, type OwnedPart } from './leaves.js';

/** The owned part of an object, as a copy that may be changed. */
export interface OwnedCopy extends Fields {
  metadata: Fields;
  spec: unknown;
}

/**
 * The owned part of a stored object without the defaults that nobody owns: filling in defaults gives it back. `owned` has
 * every path that is owned or above one.
 */
export function stripDefaults(schema: TSchema, object: OwnedPart, owned: ReadonlySet<string>): OwnedCopy {
  const metadata: Fields = {};
  for (const key of OWNED_METADATA) {
    const value = (object.metadata as Fields | undefined)?.[key];
    if (value !== undefined) metadata[key] = isMap(value) ? { ...value } : structuredClone(value);
  }
  return { metadata, spec: strip(fieldSchema(schema, 'spec'), object.spec ?? {}, '/spec', owned) };
}

function strip(schema: TSchema | undefined, value: unknown, path: string, owned: ReadonlySet<string>): unknown {
  if (isMap(value)) return stripMap(schema, value, path, owned);
  if (!Array.isArray(value)) return value;
  const items = keyedItems(schema, value);
  if (items === undefined) return structuredClone(value);
  const key = listMapKey(schema)!;
  return items.map(([name, item]) => ({
    [key]: name,
    ...stripMap(schema?.items, item, `${path}/${itemStep(key, name)}`, owned, key),
  }));
}

function stripMap(
  schema: TSchema | undefined,
  map: Fields,
  path: string,
  owned: ReadonlySet<string>,
  kept?: string,
): Fields {
  const rest: Fields = {};
  for (const [key, value] of Object.entries(map)) {
    const at = `${path}/${keyStep(key)}`;
    const inner = fieldSchema(schema, key);
    const stripped = strip(inner, value, at, owned);
    if (key === kept || owned.has(at) || !isDefault(inner, stripped)) rest[key] = stripped;
  }
  return rest;
}

/** Defaults that are maps or lists, with the defaults of what is in them. */
const fullDefaults = new WeakMap<TSchema, unknown>();

function isDefault(schema: TSchema | undefined, value: unknown): boolean {
  if (schema?.default === undefined) return false;
  if (typeof schema.default !== 'object') return value === schema.default;
  let full = fullDefaults.get(schema);
  if (full === undefined) {
    full = withDefaults(schema, structuredClone(schema.default));
    fullDefaults.set(schema, full);
  }
  return isDeepStrictEqual(withDefaults(schema, value), full);
}
