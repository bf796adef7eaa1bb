// What of an object can be owned, cut into leaves: scalars, atomic lists and empty maps. Maps are entered; lists are too when
// the schema says which field of their items is the key.
import type { TSchema } from '@sinclair/typebox';
import { LIST_MAP_KEY } from '../kinds/metadata.js';
import { itemStep, keyStep } from './field-steps.js';

export type Fields = Record<string, unknown>;

/** The part of an object that managers own. */
export interface OwnedPart {
  readonly metadata?: object;
  readonly spec?: unknown;
}

export interface Leaf {
  readonly value: unknown;
  /** An empty map or keyed list: it says that there is one, not what is in it. */
  readonly container: boolean;
}

/** Of metadata, what users decide; all else is the center's. */
export const OWNED_METADATA = ['labels', 'annotations', 'ownerReferences'] as const;

export function isMap(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The leaves of an object by their paths, in its order. Undefined values are as if they were not there. */
export function leavesOf(schema: TSchema, { metadata, spec }: OwnedPart): Map<string, Leaf> {
  const leaves = new Map<string, Leaf>();
  for (const key of OWNED_METADATA) {
    const value = (metadata as Fields | undefined)?.[key];
    // The store keeps no empty labels: that somebody wrote them down says nothing.
    if (isEmpty(value)) continue;
    walk(fieldSchema(fieldSchema(schema, 'metadata'), key), value, `/metadata/${key}`, leaves);
  }
  if (!isEmpty(spec)) walk(fieldSchema(schema, 'spec'), spec, '/spec', leaves);
  return leaves;
}

function isEmpty(value: unknown): boolean {
  return value === undefined || (isMap(value) && Object.keys(value).length === 0);
}

function walk(schema: TSchema | undefined, value: unknown, path: string, leaves: Map<string, Leaf>): void {
  if (value === undefined) return;
  if (isMap(value)) {
    const keys = Object.keys(value);
    if (keys.length === 0) leaves.set(path, { value, container: true });
    for (const key of keys) walk(fieldSchema(schema, key), value[key], `${path}/${keyStep(key)}`, leaves);
    return;
  }
  const items = Array.isArray(value) ? keyedItems(schema, value) : undefined;
  if (items === undefined) {
    leaves.set(path, { value, container: false });
    return;
  }
  if (items.length === 0) leaves.set(path, { value, container: true });
  const key = listMapKey(schema)!;
  for (const [name, item] of items) {
    const at = `${path}/${itemStep(key, name)}`;
    leaves.set(`${at}/${keyStep(key)}`, { value: name, container: false });
    for (const field of Object.keys(item)) {
      if (field !== key) walk(fieldSchema(schema?.items, field), item[field], `${at}/${keyStep(field)}`, leaves);
    }
  }
}

export function listMapKey(schema: TSchema | undefined): string | undefined {
  return schema?.[LIST_MAP_KEY] as string | undefined;
}

/** The items of a keyed list by their keys; undefined for an atomic list, and for items that their keys do not tell apart. */
export function keyedItems(schema: TSchema | undefined, list: readonly unknown[]): [string, Fields][] | undefined {
  const key = listMapKey(schema);
  if (key === undefined) return undefined;
  const items = new Map<string, Fields>();
  for (const item of list) {
    const name = isMap(item) ? (item[key] ?? fieldSchema(schema?.items, key)?.default) : undefined;
    if (typeof name !== 'string' || items.has(name)) return undefined;
    items.set(name, item as Fields);
  }
  return [...items];
}

export function fieldSchema(schema: TSchema | undefined, key: string): TSchema | undefined {
  const { properties, patternProperties } = (schema ?? {}) as { [K in string]?: Record<string, TSchema> };
  if (properties !== undefined) return Object.hasOwn(properties, key) ? properties[key] : undefined;
  return patternProperties === undefined ? undefined : Object.values(patternProperties)[0];
}
