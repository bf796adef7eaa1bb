import { isDeepStrictEqual } from 'node:util';
import { CloudTaskError, newUid } from '../../base/index.js';
import {
  type AnyObject,
  builtInRoles,
  builtInRules,
  isBuiltInRole,
  type KindName,
  SYSTEM_NAMESPACE,
} from '../../manifests/index.js';
import { forgetAccess } from './access/forget-access.js';
import { applyObjects } from './apply-objects.js';
import { auditDeleted } from './audit/append-audit.js';
import type { AuditSource } from './audit/audit-trail.js';
import { requireUnusedCalendar } from './calendars/calendar-tasks.js';
import { inList, type SqlDatabase } from './database.js';
import { keepDeleted } from './deleted-tasks.js';
import { beginDeletion, orphanRunsOf } from './deletions.js';
import { forgetDependenciesOf } from './dependencies/edges.js';
import { noteAgentNews } from './notifications/note-news.js';
import { forgetNotifyRulesOf } from './notifications/notify-rules.js';
import { conflict, notFound, subjectOfKey } from './object-errors.js';
import { type ObjectRow, objectParameters, objectText, sorted, UPSERT_OBJECT } from './object-row.js';
import { requireUnused } from './packages/package-users.js';
import type { ObjectText } from './repository-types.js';
import type { StateSchema } from './schema.js';
import { forgetSecretValues } from './secrets/secret-values.js';
import type { DeleteOptions, ObjectKey } from './store-types.js';
import { forgetEditsOf } from './task-edits.js';
import { forgetRevisionsOf } from './task-revisions.js';
import { bury } from './tombstones.js';
import type { WriteTransaction } from './write-queue.js';

type Transaction = WriteTransaction<StateSchema>;

/** What exists by itself and cannot be deleted. */
const BUILT_IN: readonly { kind: KindName; name: string }[] = [
  { kind: 'Namespace', name: 'default' },
  { kind: 'Namespace', name: SYSTEM_NAMESPACE },
  { kind: 'Cluster', name: 'default' },
  ...builtInRoles.map((name) => ({ kind: 'Role', name }) as const),
];

/** Fields of an Agent's status that controllers write; all others come from its heartbeat. One writer per field. */
const AGENT_STATUS_OF_CONTROLLERS = ['state', 'conditions'];

export async function getObject(db: SqlDatabase<StateSchema>, key: ObjectKey): Promise<ObjectText | undefined> {
  const row = await rowOf(db.read, key);
  return row === undefined ? undefined : objectText(row);
}

export async function getObjectByUid(
  db: SqlDatabase<StateSchema>,
  kind: KindName,
  uid: string,
): Promise<ObjectText | undefined> {
  const row = await db.read
    .selectFrom('objects')
    .selectAll()
    .where('uid', '=', uid)
    .where('kind', '=', kind)
    .executeTakeFirst();
  return row === undefined ? undefined : objectText(row);
}

/** Objects read per statement, so that a long list does not hold others up for long. */
const UID_SLICE = 500;

export async function getObjectsByUid(
  db: SqlDatabase<StateSchema>,
  kind: KindName,
  uids: readonly string[],
): Promise<ObjectText[]> {
  const objects: ObjectText[] = [];
  for (let start = 0; start < uids.length; start += UID_SLICE) {
    const slice = inList(db, 'uid', uids.slice(start, start + UID_SLICE));
    const rows = await db.read.selectFrom('objects').selectAll().where('kind', '=', kind).where(slice).execute();
    for (const row of rows) objects.push(objectText(row));
  }
  return objects;
}

/** Creates the built-in objects that are missing, and brings the roles up to date. */
export async function ensureBuiltIns(tx: Transaction): Promise<void> {
  const missing: AnyObject[] = [];
  for (const { kind, name } of BUILT_IN) {
    // What a role means may have changed with the version.
    if (kind !== 'Role' && (await rowOf(tx.write, { kind, namespace: '', name })) !== undefined) continue;
    const spec = kind === 'Cluster' ? { lostAfter: '5m' } : isBuiltInRole(name) ? builtInRules[name] : {};
    missing.push({ apiVersion: 'cloudtask.dev/v1', kind, metadata: { name }, spec } as AnyObject);
  }
  if (missing.length > 0) await applyObjects(tx, missing, {});
}

export async function updateObjectStatus(
  tx: Transaction,
  key: ObjectKey,
  status: unknown,
): Promise<ObjectText | undefined> {
  const row = await rowOf(tx.write, key);
  if (row === undefined) return undefined;
  const stored = row.status === null ? {} : (JSON.parse(row.status) as Record<string, unknown>);
  const wanted = { ...(status ?? {}) } as Record<string, unknown>;
  const next = key.kind === 'Agent' ? mergeAgentStatus(stored, wanted) : wanted;
  if (isDeepStrictEqual(stored, JSON.parse(JSON.stringify(next)))) return objectText(row);
  const changed = { ...row, status: JSON.stringify(next) };
  if (key.kind === 'Agent') await noteAgentNews(tx, row, changed);
  return writeRow(tx, changed, row);
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
  options: Partial<DeleteOptions>,
): Promise<ObjectText> {
  const row = await rowOf(tx.write, key);
  if (row === undefined) throw notFound(key);
  const subject = subjectOfKey(key);
  if (options.uid !== undefined && options.uid !== row.uid) throw conflict(subject);
  if (options.resourceVersion !== undefined && options.resourceVersion !== String(row.resource_version)) {
    throw conflict(subject);
  }
  if (isBuiltIn(key)) {
    throw new CloudTaskError('CT_FORBIDDEN', { subject, detail: 'it exists by itself and cannot be deleted' });
  }
  if (key.kind === 'Namespace') await requireEmpty(tx, key.name, subject);
  if (key.kind === 'Package') await requireUnused(tx, row);
  if (key.kind === 'Calendar') await requireUnusedCalendar(tx, row);
  const { policy, user = '', audit } = options;
  // One that is going waits on, unless somebody says that it need not.
  if (key.kind === 'Task' && (policy === 'Foreground' || (policy === undefined && row.deletion_time !== null))) {
    return beginDeletion(tx, row, user, audit);
  }
  if (key.kind === 'Task' && policy === 'Orphan') await orphanRunsOf(tx, row.uid);
  return removeRow(tx, row, user, audit);
}

/** Removes a task whose runs have ended; does nothing when it is gone, or stays. */
export async function finishDeletion(tx: Transaction, uid: string): Promise<void> {
  const row = await tx.write.selectFrom('objects').selectAll().where('uid', '=', uid).executeTakeFirst();
  if (row === undefined || row.deletion_time === null) return;
  const user = row.deletion_author ?? '';
  await removeRow(tx, row, user, { requestId: '', user, sourceIP: '', verb: 'delete' });
}

async function removeRow(
  tx: Transaction,
  row: ObjectRow,
  author: string,
  audit: AuditSource | undefined,
): Promise<ObjectText> {
  const kind = row.kind as KindName;
  await tx.write.deleteFrom('objects').where('uid', '=', row.uid).execute();
  if (kind === 'Secret') await forgetSecretValues(tx, row.uid);
  await forgetAccess(tx, row);
  await forgetNotifyRulesOf(tx, row.uid);
  if (kind === 'Task') {
    await bury(tx, [row.uid]);
    await forgetEditsOf(tx, row.uid);
    await forgetDependenciesOf(tx, row.uid);
    await forgetRevisionsOf(tx, row.uid);
    await keepDeleted(tx, row, author);
  }
  const version = tx.nextVersion();
  const last = objectText({ ...row, resource_version: version });
  tx.changed({ type: 'DELETED', resourceVersion: version, kind, object: last, previous: objectText(row) });
  await auditDeleted(tx, row, { version }, audit);
  return last;
}

export function isBuiltIn({ kind, name }: { readonly kind: string; readonly name: string }): boolean {
  return BUILT_IN.some((one) => one.kind === kind && one.name === name);
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
): Promise<ObjectText> {
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
      deletion_time: null,
      deletion_author: null,
      managed: null,
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

async function writeRow(tx: Transaction, row: ObjectRow, before?: ObjectRow): Promise<ObjectText> {
  const next = before === undefined ? row : { ...row, resource_version: tx.nextVersion() };
  await tx.upsert(UPSERT_OBJECT, [objectParameters(next)]);
  const object = objectText(next);
  tx.changed({
    type: before === undefined ? 'ADDED' : 'MODIFIED',
    resourceVersion: next.resource_version,
    kind: next.kind as KindName,
    object,
    ...(before === undefined ? {} : { previous: objectText(before) }),
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
