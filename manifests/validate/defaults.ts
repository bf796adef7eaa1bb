import type { TSchema } from '@sinclair/typebox';
import { type AnyObject, kindRow } from '../kinds/registry.js';

/** A valid object as it is stored: with the defaults of its kind. */
export function filledIn<T extends AnyObject>(object: T): T {
  return withDefaults(kindRow(object.kind).schema, object) as T;
}

/**
 * A copy of a valid value with the schema's defaults written out and its keys in the schema's order, so that equal
 * manifests are equal text. What the user wrote is never changed.
 */
export function withDefaults(schema: TSchema, value: unknown): unknown {
  if (Array.isArray(value))
    return schema.items === undefined ? value : value.map((item) => withDefaults(schema.items, item));
  if (typeof value !== 'object' || value === null || schema.properties === undefined) return value;
  const given = value as Record<string, unknown>;
  const full: Record<string, unknown> = {};
  for (const [key, property] of Object.entries(schema.properties as Record<string, TSchema>)) {
    const present = given[key] ?? cloned(property.default);
    if (present !== undefined) full[key] = withDefaults(property, present);
  }
  return full;
}

/** Most defaults are words, and cloning those is what takes the time. */
function cloned(value: unknown): unknown {
  return typeof value === 'object' ? structuredClone(value) : value;
}
