// What a dry run of an apply would change, object by object, without what only the center writes.
import { ordered } from '../../output/objects.js';
import type { ApiObject } from '../../resources/api-object.js';

export interface DryRunResult {
  readonly operation: string;
  readonly object: ApiObject;
  readonly previous?: ApiObject;
}

/** One object that would change. */
export interface Difference {
  readonly operation: 'created' | 'configured' | 'pruned';
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
  /** As people wrote it; absent for one that would be created. */
  readonly live?: object;
  /** Absent for one that would be pruned. */
  readonly merged?: object;
  /** For the time points of a task. */
  readonly uid?: string;
}

export interface Comparison {
  readonly differences: readonly Difference[];
  /** Number of objects by operation. */
  readonly summary: Readonly<Record<'created' | 'configured' | 'unchanged' | 'pruned', number>>;
}

export function compareResults(results: readonly DryRunResult[], showManagedFields: boolean): Comparison {
  const summary = { created: 0, configured: 0, unchanged: 0, pruned: 0 };
  const differences: Difference[] = [];
  for (const { operation, object, previous } of results) {
    const difference = differenceOf(operation, object, previous, showManagedFields);
    summary[difference?.operation ?? 'unchanged'] += 1;
    if (difference !== undefined) differences.push(difference);
  }
  return { differences, summary };
}

function differenceOf(
  operation: string,
  object: ApiObject,
  previous: ApiObject | undefined,
  showManagedFields: boolean,
): Difference | undefined {
  const { kind, metadata } = object;
  const clean = (one: ApiObject) => withoutNoise(one, showManagedFields);
  const subject = {
    ...{ kind, name: metadata.name },
    ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
    ...(metadata.uid === undefined ? {} : { uid: metadata.uid }),
  };
  switch (operation) {
    case 'created':
      return { ...subject, operation, merged: clean(object) };
    case 'pruned':
      return { ...subject, operation, live: clean(previous ?? object) };
    case 'configured': {
      const [live, merged] = [clean(previous ?? object), clean(object)];
      // Only the center's own fields differ, such as who owns a field.
      return JSON.stringify(live) === JSON.stringify(merged) ? undefined : { ...subject, operation, live, merged };
    }
    default:
      return undefined;
  }
}

/** The object as a manifest: no status, nothing that counts or dates writes; keys in one order on both sides. */
export function withoutNoise({ status: _status, ...object }: ApiObject, showManagedFields = false): object {
  const { uid, resourceVersion, generation, creationTimestamp, ...metadata } = object.metadata;
  const { managedFields, deletionTimestamp, finalizers, ...own } = metadata as Record<string, unknown>;
  const shown = showManagedFields && managedFields !== undefined ? { ...own, managedFields } : own;
  return ordered({ ...object, metadata: sortedKeys(shown), spec: sortedKeys(object.spec) });
}

function sortedKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortedKeys);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sortedKeys(inner)]));
}

/** One field that differs. */
export interface FieldChange {
  readonly path: string;
  readonly operation: 'add' | 'remove' | 'replace';
  readonly live?: unknown;
  readonly merged?: unknown;
}

/** The fields that differ between two objects; lists of another length differ as a whole. */
export function fieldChanges(live: unknown, merged: unknown, path = ''): FieldChange[] {
  if (live === undefined) return [{ path, operation: 'add', merged }];
  if (merged === undefined) return [{ path, operation: 'remove', live }];
  if (Array.isArray(live) && Array.isArray(merged) && live.length === merged.length) {
    return live.flatMap((item, index) => fieldChanges(item, merged[index], `${path}[${index}]`));
  }
  if (isMap(live) && isMap(merged)) {
    const keys = [...new Set([...Object.keys(live), ...Object.keys(merged)])];
    return keys.flatMap((key) => fieldChanges(live[key], merged[key], path === '' ? key : `${path}.${key}`));
  }
  return JSON.stringify(live) === JSON.stringify(merged) ? [] : [{ path, operation: 'replace', live, merged }];
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
