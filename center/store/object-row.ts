import type { AnyObject } from '../../manifests/index.js';
import { API_VERSION } from '../../manifests/index.js';
import type { SqlValue, Upsert } from './database.js';
import { iso } from './iso-time.js';
import type { ObjectText } from './repository-types.js';
import type { ObjectsTable } from './schema.js';

/** What a task that is deleted in the foreground waits for: the end of its runs. */
const CANCEL_RUNS = 'cloudtask.dev/cancel-runs';

export type ObjectRow = Omit<ObjectsTable, 'id' | 'state' | 'cluster' | 'last_time' | 'next_time'>;

/**
 * The one place that turns a row into an object. As text, because that is what it becomes for every reader, and the parts
 * are text already. Key order is the one people read: metadata, spec, status.
 */
export function objectText(row: ObjectRow): ObjectText {
  const namespace = row.namespace === '' ? '' : `,"namespace":${JSON.stringify(row.namespace)}`;
  const labels = row.labels === '{}' ? '' : `,"labels":${row.labels}`;
  const further = row.metadata === '{}' ? '' : `,${row.metadata.slice(1, -1)}`;
  const going =
    row.deletion_time === null
      ? ''
      : `,"deletionTimestamp":"${iso(row.deletion_time)}","finalizers":["${CANCEL_RUNS}"]`;
  const managed = row.managed === null ? '' : `,"managedFields":${row.managed}`;
  const status = row.status === null ? '' : `,"status":${row.status}`;
  return `{"apiVersion":"${API_VERSION}","kind":"${row.kind}","metadata":{"name":${JSON.stringify(row.name)}${namespace},"uid":"${row.uid}","resourceVersion":"${row.resource_version}","generation":${row.generation},"creationTimestamp":"${iso(row.created_time)}"${labels}${further}${managed}${going}},"spec":${row.spec}${status}}`;
}

/** Labels and further metadata of an object as columns, keys in a fixed order, so that equal content is equal text. */
export function metadataColumns(metadata: AnyObject['metadata']): { labels: string; metadata: string } {
  const { generateName, labels = {}, annotations = {}, ownerReferences } = metadata;
  return {
    labels: JSON.stringify(sorted(labels)),
    metadata: JSON.stringify({
      ...(generateName === undefined ? {} : { generateName }),
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
  'deletion_time',
  'managed',
  'deletion_author',
] as const satisfies readonly (keyof ObjectRow)[];

/** In the order of `UPSERT_OBJECT`. */
export function objectParameters(row: ObjectRow): SqlValue[] {
  return COLUMNS.map((column) => row[column]);
}

export const UPSERT_OBJECT: Upsert = {
  table: 'objects',
  columns: COLUMNS,
  key: ['kind', 'namespace', 'name'],
  update: COLUMNS.slice(4),
};
