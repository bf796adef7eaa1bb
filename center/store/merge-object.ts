// What an object comes to when a manifest meets what is stored: its parts as columns, and who owns them (decision 0012).
import { isDeepStrictEqual } from 'node:util';
import type { ErrorCause } from '../../base/index.js';
import {
  type AnyObject,
  applyManifest,
  type FieldConflict,
  type FieldWriter,
  filledIn,
  firstOwner,
  kindRow,
  leafText,
  leavesOf,
  type ManagedFieldsEntry,
  type OwnedPart,
  ownedAfterUpdate,
  validateObject,
} from '../../manifests/index.js';
import { metadataColumns, type ObjectRow } from './object-row.js';
import type { WriteAs } from './store-types.js';

export type Content = Pick<ObjectRow, 'labels' | 'metadata' | 'spec' | 'managed'>;

export type Merged = { readonly content: Content } | { readonly causes: readonly ErrorCause[] };

/** `object` as its author wrote it. */
export function mergeObject(
  object: AnyObject,
  before: ObjectRow | undefined,
  as: WriteAs | undefined,
  by: Omit<FieldWriter, 'manager'>,
): Merged {
  const { schema } = kindRow(object.kind);
  const full = filledIn(object);
  const managed = managedOf(before);
  const writer = as === undefined ? undefined : { ...by, manager: as.manager };
  if (before === undefined) {
    return contentOf(full, writer === undefined ? [] : firstOwner(schema, object, as!.operation, writer), before);
  }
  const stored = storedPart(before);
  if (as?.operation !== 'Apply' || writer === undefined) {
    // Where nobody owns anything and nobody wants to, there is nothing to reckon.
    const untouched = writer === undefined && managed.length === 0;
    const states = { before: stored, after: full, given: object };
    return contentOf(full, untouched ? [] : ownedAfterUpdate(schema, states, managed, writer), before);
  }
  if (managed.length === 1 && managed[0]!.manager === as.manager) {
    // The usual case, thousands of times in a batch: the only manager says the same again.
    const { spec, metadata, labels, managed: owners } = before;
    if (sameText(full, before) && ownsExactly(managed[0]!, object))
      return { content: { spec, metadata, labels, managed: owners } };
  }
  const applied = applyManifest(schema, { object: stored, managed }, object, writer, as.force);
  if (applied.conflicts.length > 0) return { causes: applied.conflicts.map(conflictCause) };
  const merged = filledIn({
    ...object,
    metadata: { ...identityOf(object), ...prefixOf(before), ...applied.object.metadata },
    spec: applied.object.spec,
  } as AnyObject);
  const result = contentOf(merged, applied.managed, before);
  const { content } = result;
  // What the author has said alone is valid, or it would not have come so far; what was stored is valid too.
  if (sameText(full, content) || (content.spec === before.spec && content.labels === before.labels)) return result;
  const { causes } = validateObject(merged);
  return causes.length > 0 ? { causes } : result;
}

/** Keys come in the order of the schema, so that what is equal reads the same, but for rows of former versions. */
function sameText({ spec, metadata }: AnyObject, content: Omit<Content, 'managed'>): boolean {
  const columns = metadataColumns(metadata);
  const same = columns.labels === content.labels && columns.metadata === content.metadata;
  return same && JSON.stringify(spec ?? {}) === content.spec;
}

function ownsExactly({ fields }: ManagedFieldsEntry, object: AnyObject): boolean {
  const leaves = leavesOf(kindRow(object.kind).schema, object);
  return leaves.size === fields.length && fields.every((path) => leaves.has(path));
}

function contentOf(
  object: AnyObject,
  managed: readonly ManagedFieldsEntry[],
  before: ObjectRow | undefined,
): { readonly content: Content } {
  const spec = JSON.stringify(object.spec ?? {});
  // The same specification may stand there with its keys in another order.
  const same =
    before !== undefined && (spec === before.spec || isDeepStrictEqual(JSON.parse(before.spec), JSON.parse(spec)));
  return {
    content: {
      ...metadataColumns(object.metadata),
      spec: same ? before.spec : spec,
      managed: managed.length === 0 ? null : JSON.stringify(managed),
    },
  };
}

export function sameContent(a: Content, b: Content): boolean {
  return a.spec === b.spec && a.labels === b.labels && a.metadata === b.metadata && a.managed === b.managed;
}

function managedOf(row: ObjectRow | undefined): readonly ManagedFieldsEntry[] {
  return row === undefined || row.managed === null ? [] : (JSON.parse(row.managed) as ManagedFieldsEntry[]);
}

function storedPart(row: ObjectRow): OwnedPart {
  return { metadata: { labels: JSON.parse(row.labels), ...JSON.parse(row.metadata) }, spec: JSON.parse(row.spec) };
}

function identityOf({ metadata: { name, namespace } }: AnyObject): AnyObject['metadata'] {
  return { name, ...(namespace === undefined ? {} : { namespace }) };
}

/** What the name was made of is nobody's to change. */
function prefixOf(row: ObjectRow): { generateName?: string } {
  const { generateName } = JSON.parse(row.metadata) as { generateName?: string };
  return generateName === undefined ? {} : { generateName };
}

function conflictCause({ path, with: { manager, user, time }, yours, live }: FieldConflict): ErrorCause {
  return {
    reason: 'FieldManagerConflict',
    message: `conflict with "${manager}" using cloudtask.dev/v1`,
    field: leafText(path),
    conflict: {
      ...{ manager, ...(user === undefined ? {} : { user }), time, yours },
      ...(live === undefined ? {} : { live }),
    },
  };
}
