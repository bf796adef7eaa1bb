// Apply: what a manager says becomes so, what it no longer says goes unless others say it too, and what others say otherwise
// is a conflict. The rules are those of decision 0012.
import { isDeepStrictEqual } from 'node:util';
import type { TSchema } from '@sinclair/typebox';
import type { ManagedFieldsEntry } from '../kinds/metadata.js';
import { parentPath, withParents } from './field-steps.js';
import {
  type Fields,
  fieldSchema,
  isMap,
  keyedItems,
  type Leaf,
  leavesOf,
  listMapKey,
  type OwnedPart,
} from './leaves.js';
import { entryOf, existing, type FieldWriter, touches, withEntry, withFields } from './managed-fields.js';
import { type OwnedCopy, stripDefaults } from './strip-defaults.js';
import { removeLeaf, setLeaf, valueAt } from './tree.js';

/** A leaf that the manifest and another manager want otherwise. */
export interface FieldConflict {
  readonly path: string;
  readonly with: ManagedFieldsEntry;
  readonly yours: unknown;
  /** Undefined when the live object has something else there than a leaf. */
  readonly live: unknown;
}

/** An object as stored, and whose its leaves are. */
export interface ManagedObject {
  readonly object: OwnedPart;
  readonly managed: readonly ManagedFieldsEntry[];
}

export interface Applied {
  /** metadata and spec as managers have them, without the defaults that nobody owns. Not validated: two good manifests may
   * make one bad object. */
  readonly object: OwnedCopy;
  readonly managed: ManagedFieldsEntry[];
  /** Empty with `force`: then the manager has taken them. Otherwise nothing may be written when there are any. */
  readonly conflicts: readonly FieldConflict[];
}

/** `manifest` as its author wrote it: before defaults were filled in. */
export function applyManifest(
  schema: TSchema,
  stored: ManagedObject | undefined,
  manifest: OwnedPart,
  by: FieldWriter,
  force = false,
): Applied {
  const managed = stored?.managed ?? [];
  const live = stored?.object ?? {};
  const mine = leavesOf(schema, manifest);
  const own = managed.find(({ manager }) => manager === by.manager);
  const others = managed.filter((entry) => entry !== own);
  const liveLeaves = leavesOf(schema, live);
  const conflicts = others.length === 0 ? [] : conflictsOf(mine, others, liveLeaves);
  const left = conflicts.length === 0 ? others : others.map((entry) => without(entry, conflicts));
  const object = stripDefaults(schema, live, withParents(managed.flatMap(({ fields }) => fields)));
  const owned = withParents([...left.flatMap(({ fields }) => fields), ...mine.keys()]);
  const fields = new Set(own?.fields);
  const more = [...mine.keys()].filter((path) => !fields.has(path));
  // Of the stored object only defaults that nobody owns have been stripped.
  const onlyDefaults = more.every((path) => valueAt(object, path) === undefined);
  for (const path of own?.fields ?? []) if (!mine.has(path)) removeLeaf(object, path, owned);
  for (const [path, leaf] of mine) setLeaf(object, path, leaf);
  orderLike(fieldSchema(schema, 'spec'), object.spec, manifest.spec);
  const changed = [...mine].some(([path, leaf]) =>
    leaf.container ? valueAt(live, path) === undefined : !isDeepStrictEqual(liveLeaves.get(path)?.value, leaf.value),
  );
  const next = entryOf('Apply', by, mine.keys());
  // What `get -o yaml` prints says all defaults: to apply that is no change.
  const saysMore = own !== undefined && onlyDefaults && !changed && mine.size === own.fields.length + more.length;
  return {
    object,
    managed: withEntry(existing(left, object), managed, own, saysMore ? own : next, changed),
    conflicts: force ? [] : conflicts,
  };
}

function conflictsOf(
  mine: ReadonlyMap<string, Leaf>,
  others: readonly ManagedFieldsEntry[],
  live: ReadonlyMap<string, Leaf>,
): FieldConflict[] {
  const conflicts: FieldConflict[] = [];
  for (const entry of others) {
    const theirs = new Set(entry.fields);
    const theirParents = withParents(theirs);
    for (const [path, leaf] of mine) {
      if (!clashes(path, leaf, theirs, theirParents, live)) continue;
      conflicts.push({ path, with: entry, yours: leaf.value, live: live.get(path)?.value });
    }
  }
  return conflicts;
}

/** Same leaf, other value; or a leaf of one where the other has a map or keyed list with leaves. */
function clashes(
  path: string,
  leaf: Leaf,
  theirs: ReadonlySet<string>,
  theirParents: ReadonlySet<string>,
  live: ReadonlyMap<string, Leaf>,
): boolean {
  const there = live.get(path);
  if (theirs.has(path)) {
    // No leaf any more: what they own there is a map that others have filled since.
    return there === undefined ? !leaf.container : !isDeepStrictEqual(there.value, leaf.value);
  }
  if (theirParents.has(path)) return !leaf.container;
  for (let above = parentPath(path); above !== ''; above = parentPath(above)) {
    if (theirs.has(above)) return live.get(above)?.container === false;
  }
  return false;
}

function without(entry: ManagedFieldsEntry, conflicts: readonly FieldConflict[]): ManagedFieldsEntry {
  const lost = conflicts.filter((conflict) => conflict.with === entry);
  return withFields(
    entry,
    entry.fields.filter((path) => !lost.some((conflict) => touches(conflict.path, path))),
  );
}

/** Brings the items of keyed lists into the order of the manifest, in the places that they have: items of others stay where
 * they are, so that two managers who apply in turn do not move each other's. */
function orderLike(schema: TSchema | undefined, merged: unknown, manifest: unknown): void {
  if (isMap(merged) && isMap(manifest)) {
    for (const key of Object.keys(manifest)) orderLike(fieldSchema(schema, key), merged[key], manifest[key]);
    return;
  }
  if (!Array.isArray(merged) || !Array.isArray(manifest)) return;
  const wanted = keyedItems(schema, manifest);
  if (wanted === undefined) return;
  const key = listMapKey(schema)!;
  const byName = new Map((merged as Fields[]).map((item) => [item[key], item]));
  const names = new Set<unknown>(wanted.map(([name]) => name));
  const inOrder = wanted.map(([name]) => byName.get(name));
  for (let index = 0; index < merged.length; index++) {
    if (names.has((merged[index] as Fields)[key])) merged[index] = inOrder.shift();
  }
  for (const [name, item] of wanted) orderLike(schema?.items, byName.get(name), item);
}
