import type { TSchema } from '@sinclair/typebox';

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
    const present = given[key] ?? structuredClone(property.default);
    if (present !== undefined) full[key] = withDefaults(property, present);
  }
  return full;
}
