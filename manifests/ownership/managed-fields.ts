import { isDeepStrictEqual } from 'node:util';
import type { TSchema } from '@sinclair/typebox';
import type { ManagedFieldsEntry } from '../kinds/metadata.js';
import { parentPath } from './field-steps.js';
import { leavesOf, type OwnedPart } from './leaves.js';
import { valueAt } from './tree.js';

/** Who writes. Entries go by the name alone: what a manager has updated is its own when it applies (rule 9). */
export interface FieldWriter {
  readonly manager: string;
  readonly user: string;
  /** RFC 3339. */
  readonly time: string;
}

/** Managers of one object. A pipeline that calls itself by another name each time must not make objects grow for ever: beyond
 * this the entry that was written longest ago goes, and nobody owns what it alone owned. */
export const MANAGERS_MAX = 20;

/**
 * Who owns what after an update, that is, any write but apply (rule 5): leaves whose value has changed are the writer's and
 * nobody else's, those that are gone are nobody's. `given` is what the writer has written, before defaults were filled in:
 * defaults are nobody's. Without `by` nobody gets what has changed.
 */
export function ownedAfterUpdate(
  schema: TSchema,
  states: { readonly before: OwnedPart | undefined; readonly after: OwnedPart; readonly given: OwnedPart },
  managed: readonly ManagedFieldsEntry[],
  by: FieldWriter | undefined,
): ManagedFieldsEntry[] {
  if (states.before === undefined) return by === undefined ? [] : firstOwner(schema, states.given, 'Update', by);
  const before = leavesOf(schema, states.before);
  const after = leavesOf(schema, states.after);
  const changed = new Set<string>();
  for (const [path, leaf] of after) {
    const old = before.get(path);
    if (old === undefined || !isDeepStrictEqual(old.value, leaf.value)) changed.add(path);
  }
  const others = managed
    .filter(({ manager }) => manager !== by?.manager)
    .map((entry) =>
      withFields(
        entry,
        [...entry.fields].filter((path) => !changed.has(path)),
      ),
    );
  const kept = existing(others, states.after);
  if (by === undefined) return kept;
  const own = managed.find(({ manager }) => manager === by.manager);
  const written = [...leavesOf(schema, states.given).keys()].filter((path) => changed.has(path));
  const fields = new Set([
    ...written,
    ...(own?.fields ?? []).filter((path) => !changed.has(path) && isThere(states.after, path)),
  ]);
  return withEntry(kept, managed, own, entryOf('Update', by, fields), written.length > 0);
}

/** Who owns what of a new object. */
export function firstOwner(
  schema: TSchema,
  given: OwnedPart,
  operation: ManagedFieldsEntry['operation'],
  by: FieldWriter,
): ManagedFieldsEntry[] {
  const entry = entryOf(operation, by, leavesOf(schema, given).keys());
  return entry.fields.length === 0 ? [] : [entry];
}

export function entryOf(
  operation: ManagedFieldsEntry['operation'],
  { manager, user, time }: FieldWriter,
  fields: Iterable<string>,
): ManagedFieldsEntry {
  return { manager, operation, time, ...(user === '' ? {} : { user }), fields: [...fields].sort() };
}

export function withFields(entry: ManagedFieldsEntry, fields: string[]): ManagedFieldsEntry {
  return fields.length === entry.fields.length ? entry : { ...entry, fields };
}

/** The entries with the paths that are there. */
export function existing(entries: readonly ManagedFieldsEntry[], object: OwnedPart): ManagedFieldsEntry[] {
  return entries
    .map((entry) =>
      withFields(
        entry,
        entry.fields.filter((path) => isThere(object, path)),
      ),
    )
    .filter(({ fields }) => fields.length > 0);
}

function isThere(object: OwnedPart, path: string): boolean {
  return valueAt(object, path) !== undefined;
}

/** `others` with the writer's entry in its old place. It stays as it was, time and all, unless it is about other fields or
 * the writer has changed something. */
export function withEntry(
  others: readonly ManagedFieldsEntry[],
  before: readonly ManagedFieldsEntry[],
  own: ManagedFieldsEntry | undefined,
  next: ManagedFieldsEntry,
  changed: boolean,
): ManagedFieldsEntry[] {
  const entry = own !== undefined && !changed && isDeepStrictEqual(own.fields, next.fields) ? own : next;
  const order = new Map(before.map(({ manager }, index) => [manager, index]));
  const place = ({ manager }: ManagedFieldsEntry) => order.get(manager) ?? before.length;
  const all = [...others, ...(entry.fields.length === 0 ? [] : [entry])].sort((a, b) => place(a) - place(b));
  while (all.length > MANAGERS_MAX) {
    const oldest = all.filter(({ manager }) => manager !== next.manager).sort((a, b) => (a.time < b.time ? -1 : 1))[0]!;
    all.splice(all.indexOf(oldest), 1);
  }
  return all;
}

/** True when one of two paths stands above the other, or they are the same. */
export function touches(a: string, b: string): boolean {
  return a === b || isAbove(a, b) || isAbove(b, a);
}

function isAbove(a: string, b: string): boolean {
  for (let above = parentPath(b); above !== ''; above = parentPath(above)) if (above === a) return true;
  return false;
}
