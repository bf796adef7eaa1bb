import type { AnyObject, KindName } from '../../manifests/index.js';
import { API_VERSION } from '../../manifests/index.js';
import { iso } from './iso-time.js';
import type { ObjectsTable } from './schema.js';
import type { Stored } from './store.js';
import type { SqlValue } from './worker-protocol.js';

export type ObjectRow = Omit<ObjectsTable, 'id'>;

/** The one place that turns a row into an object. Key order is the one people read: metadata, spec, status. */
export function objectOf<T extends AnyObject>(row: ObjectRow): Stored<T> {
  const labels = JSON.parse(row.labels) as Record<string, string>;
  return {
    apiVersion: API_VERSION,
    kind: row.kind as KindName,
    metadata: {
      name: row.name,
      ...(row.namespace === '' ? {} : { namespace: row.namespace }),
      uid: row.uid,
      resourceVersion: String(row.resource_version),
      generation: row.generation,
      creationTimestamp: iso(row.created_time),
      ...(Object.keys(labels).length === 0 ? {} : { labels }),
      ...(JSON.parse(row.metadata) as object),
    },
    spec: JSON.parse(row.spec),
    ...(row.status === null ? {} : { status: JSON.parse(row.status) }),
  } as unknown as Stored<T>;
}

/** Labels and further metadata of an object as columns, keys in a fixed order, so that equal content is equal text. */
export function metadataColumns(metadata: AnyObject['metadata']): { labels: string; metadata: string } {
  const { labels = {}, annotations = {}, ownerReferences } = metadata;
  return {
    labels: JSON.stringify(sorted(labels)),
    metadata: JSON.stringify({
      ...(Object.keys(annotations).length === 0 ? {} : { annotations: sorted(annotations) }),
      ...(ownerReferences === undefined ? {} : { ownerReferences }),
    }),
  };
}

export function sorted(map: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)));
}

const COLUMNS = [
  'uid',
  'kind',
  'namespace',
  'name',
  'resource_version',
  'created_version',
  'generation',
  'created_time',
  'labels',
  'metadata',
  'spec',
  'status',
  'reported_labels',
] as const satisfies readonly (keyof ObjectRow)[];

/** In the order of `UPSERT_OBJECT`. */
export function objectParameters(row: ObjectRow): SqlValue[] {
  return COLUMNS.map((column) => row[column]);
}

export const UPSERT_OBJECT = `insert into objects (${COLUMNS.join(', ')}) values (${COLUMNS.map(() => '?').join(', ')})
on conflict (kind, namespace, name) do update set ${COLUMNS.slice(4)
  .map((column) => `${column} = excluded.${column}`)
  .join(', ')}`;
