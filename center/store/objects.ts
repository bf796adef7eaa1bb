import { isDeepStrictEqual } from 'node:util';
import { CloudTaskError, newUid } from '../../base/index.js';
import type { AnyObject, KindName } from '../../manifests/index.js';
import { applyObjects, conflict, subjectOf } from './apply-objects.js';
import { inList, type SqlDatabase } from './database.js';
import { type ObjectRow, objectOf, objectParameters, sorted, UPSERT_OBJECT } from './object-row.js';
import type { StateSchema } from './schema.js';
import type { ObjectKey, Stored } from './store.js';
import type { WriteTransaction } from './write-queue.js';

type Transaction = WriteTransaction<StateSchema>;

/** What exists by itself and cannot be deleted. */
const BUILT_IN: readonly { kind: KindName; name: string }[] = [
  { kind: 'Namespace', name: 'default' },
  { kind: 'Namespace', name: 'cloudtask-system' },
  { kind: 'Cluster', name: 'default' },
];

/** Fields of an Agent's status that controllers write; all others come from its heartbeat. One writer per field. */
const AGENT_STATUS_OF_CONTROLLERS = ['state', 'conditions'];

export async function getObject<T extends AnyObject>(
  db: SqlDatabase<StateSchema>,
  key: ObjectKey,
): Promise<Stored<T> | undefined> {
  const row = await rowOf(db.read, key);
  return row === undefined ? undefined : objectOf<T>(row);
}

export async function getObjectByUid<T extends AnyObject>(
  db: SqlDatabase<StateSchema>,
  kind: KindName,
  uid: string,
): Promise<Stored<T> | undefined> {
  const row = await db.read
    .selectFrom('objects')
    .selectAll()
    .where('uid', '=', uid)
    .where('kind', '=', kind)
    .executeTakeFirst();
  return row === undefined ? undefined : objectOf<T>(row);
}

/** Objects read per statement, so that a long list does not hold the worker for long. */
const UID_SLICE = 500;

export async function getObjectsByUid<T extends AnyObject>(
  db: SqlDatabase<StateSchema>,
  kind: KindName,
  uids: readonly string[],
): Promise<Stored<T>[]> {
  const objects: Stored<T>[] = [];
  for (let start = 0; start < uids.length; start += UID_SLICE) {
    const slice = inList('uid', uids.slice(start, start + UID_SLICE));
    const rows = await db.read.selectFrom('objects').selectAll().where('kind', '=', kind).where(slice).execute();
    for (const row of rows) objects.push(objectOf<T>(row));
  }
  return objects;
}

/** Creates the built-in objects that are missing. */
export async function ensureBuiltIns(tx: Transaction): Promise<void> {
  const missing: AnyObject[] = [];
  for (const { kind, name } of BUILT_IN) {
    if ((await rowOf(tx.write, { kind, namespace: '', name })) !== undefined) continue;
    const spec = kind === 'Cluster' ? { lostAfter: '5m' } : {};
    missing.push({ apiVersion: 'cloudtask.dev/v1', kind, metadata: { name }, spec } as AnyObject);
  }
  if (missing.length > 0) await applyObjects(tx, missing, {});
}

export async function updateObject<T extends AnyObject>(
  tx: Transaction,
  key: ObjectKey,
  change: (object: Stored<T>) => T | undefined,
): Promise<Stored<T>> {
  const row = await rowOf(tx.write, key);
  if (row === undefined) throw notFound(key);
  const changed = change(objectOf<T>(row));
  if (changed === undefined) return objectOf<T>(row);
  // The version that `change` saw is the one in this transaction; a version it hands back is a precondition as in apply.
  const [outcome] = await applyObjects(tx, [changed], {});
  return outcome!.object as unknown as Stored<T>;
}

export async function updateObjectStatus<T extends AnyObject>(
  tx: Transaction,
  key: ObjectKey,
  status: T['status'],
): Promise<Stored<T> | undefined> {
  const row = await rowOf(tx.write, key);
  if (row === undefined) return undefined;
  const stored = row.status === null ? {} : (JSON.parse(row.status) as Record<string, unknown>);
  const wanted = { ...(status ?? {}) } as Record<string, unknown>;
  const next = key.kind === 'Agent' ? mergeAgentStatus(stored, wanted) : wanted;
  if (isDeepStrictEqual(stored, JSON.parse(JSON.stringify(next)))) return objectOf<T>(row);
  return writeRow<T>(tx, { ...row, status: JSON.stringify(next) }, row);
}

function mergeAgentStatus(
  reported: Record<string, unknown>,
  decided: Record<string, unknown>,
): Record<string, unknown> {
  const next = { ...reported };
  for (const field of AGENT_STATUS_OF_CONTROLLERS) {
    if (decided[field] === undefined) delete next[field];
    else next[field] = decided[field];
  }
  return next;
}

export async function deleteObject(
  tx: Transaction,
  key: ObjectKey,
  options: { uid?: string; resourceVersion?: string },
): Promise<Stored> {
  const row = await rowOf(tx.write, key);
  if (row === undefined) throw notFound(key);
  const object = objectOf(row);
  const subject = subjectOf(object);
  if (options.uid !== undefined && options.uid !== row.uid) throw conflict(subject);
  if (options.resourceVersion !== undefined && options.resourceVersion !== String(row.resource_version)) {
    throw conflict(subject);
  }
  if (BUILT_IN.some(({ kind, name }) => kind === key.kind && name === key.name)) {
    throw new CloudTaskError('CT_FORBIDDEN', { subject, detail: 'it exists by itself and cannot be deleted' });
  }
  if (key.kind === 'Namespace') await requireEmpty(tx, key.name, subject);
  await tx.write.deleteFrom('objects').where('uid', '=', row.uid).execute();
  const version = tx.nextVersion();
  const last = objectOf({ ...row, resource_version: version });
  tx.changed({ type: 'DELETED', resourceVersion: version, kind: key.kind, object: last, previous: object });
  return last;
}

async function requireEmpty(tx: Transaction, namespace: string, subject: string): Promise<void> {
  const row = await tx.write
    .selectFrom('objects')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('namespace', '=', namespace)
    .executeTakeFirstOrThrow();
  if (row.count === 0) return;
  throw new CloudTaskError('CT_CONFLICT', {
    subject,
    detail: `the namespace still holds ${row.count} object${row.count === 1 ? '' : 's'}`,
    hint: 'delete what is in it first',
  });
}

/** See Store.heartbeat. The agent's own labels are remembered, to tell them from those that users have set on it. */
export async function heartbeatAgent(
  tx: Transaction,
  name: string,
  spec: { cluster: string },
  labels: Record<string, string>,
  status: Record<string, unknown>,
): Promise<Stored> {
  const row = await rowOf(tx.write, { kind: 'Agent', namespace: '', name });
  const reported = JSON.stringify(sorted(labels));
  if (row === undefined) {
    const version = tx.nextVersion();
    return writeRow(tx, {
      uid: newUid(),
      kind: 'Agent',
      namespace: '',
      name,
      resource_version: version,
      created_version: version,
      generation: 1,
      created_time: tx.now,
      labels: reported,
      metadata: '{}',
      spec: JSON.stringify({ cluster: spec.cluster, unschedulable: false }),
      status: JSON.stringify(status),
      reported_labels: reported,
    });
  }
  const before = JSON.parse(row.reported_labels ?? '{}') as Record<string, string>;
  const current = JSON.parse(row.labels) as Record<string, string>;
  const byUser = Object.entries(current).filter(([key, value]) => before[key] !== value);
  const oldSpec = JSON.parse(row.spec) as { cluster?: string };
  const sameSpec = oldSpec.cluster === spec.cluster;
  const oldStatus = row.status === null ? {} : (JSON.parse(row.status) as Record<string, unknown>);
  const decided = Object.fromEntries(AGENT_STATUS_OF_CONTROLLERS.map((field) => [field, oldStatus[field]]));
  const next = {
    ...row,
    labels: JSON.stringify(sorted({ ...labels, ...Object.fromEntries(byUser) })),
    reported_labels: reported,
    spec: sameSpec ? row.spec : JSON.stringify({ ...oldSpec, cluster: spec.cluster }),
    generation: row.generation + (sameSpec ? 0 : 1),
    status: JSON.stringify({ ...status, ...decided }),
  };
  return writeRow(tx, next, row);
}

async function writeRow<T extends AnyObject>(tx: Transaction, row: ObjectRow, before?: ObjectRow): Promise<Stored<T>> {
  const next = before === undefined ? row : { ...row, resource_version: tx.nextVersion() };
  await tx.channel.many(UPSERT_OBJECT, [objectParameters(next)]);
  const object = objectOf<T>(next);
  tx.changed({
    type: before === undefined ? 'ADDED' : 'MODIFIED',
    resourceVersion: next.resource_version,
    kind: next.kind as KindName,
    object: object as Stored,
    ...(before === undefined ? {} : { previous: objectOf(before) }),
  });
  return object;
}

function rowOf(db: SqlDatabase<StateSchema>['read'], key: ObjectKey): Promise<ObjectRow | undefined> {
  return db
    .selectFrom('objects')
    .selectAll()
    .where('kind', '=', key.kind)
    .where('namespace', '=', key.namespace)
    .where('name', '=', key.name)
    .executeTakeFirst();
}

export function notFound(key: ObjectKey): CloudTaskError {
  const where = key.namespace === '' ? '' : `${key.namespace}/`;
  return new CloudTaskError('CT_NOT_FOUND', { subject: `${key.kind} ${where}${key.name}`, detail: 'not found' });
}
