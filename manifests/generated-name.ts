import { GENERATED_CHARS } from '../base/index.js';
import { TASK_NAME_MAX } from './kinds/metadata.js';
import type { AnyObject, KindName } from './kinds/registry.js';

/** Longest generated name of other kinds: a label, as in Kubernetes, so that it can be one's value. */
const LABEL_MAX = 63;

/** The `generateName` of an object that has no name yet; undefined for every other. Such objects pass the validation only
 * where it accepts them (ValidationOptions.generateName). */
export function prefixOfNameless({ metadata }: { readonly metadata: object }): string | undefined {
  const { name, generateName } = metadata as { name?: unknown; generateName?: unknown };
  return name === undefined && typeof generateName === 'string' ? generateName : undefined;
}

/** The name that a prefix and the generated characters make; the prefix is cut where it leaves no room for them. */
export function nameFrom(kind: KindName, prefix: string, suffix: string): string {
  return `${prefix.slice(0, (kind === 'Task' ? TASK_NAME_MAX : LABEL_MAX) - GENERATED_CHARS)}${suffix}`;
}

/** The object with a name; everything else stays. */
export function named(object: AnyObject, name: string): AnyObject {
  return { ...object, metadata: { ...object.metadata, name } } as AnyObject;
}
