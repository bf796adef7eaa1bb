import { CloudTaskError } from '../../base/index.js';
import { type Run, runGroup, runName, runRank, runUid } from '../../manifests/index.js';
import { auditRun } from './audit/append-audit.js';
import type { AuditSource } from './audit/audit-trail.js';
import { inList, type SqlDatabase } from './database.js';
import { requireStaying } from './deletions.js';
import { iso } from './iso-time.js';
import { notFound } from './object-errors.js';
import type { ObjectText } from './repository-types.js';
import { type RunRow, runParameters, runStatusOf, runText, runTextBefore, UPSERT_RUN } from './run-row.js';
import type { StateSchema } from './schema.js';
import type { NewRun } from './store-types.js';
import type { WriteTransaction } from './write-queue.js';

type Transaction = WriteTransaction<StateSchema>;
type Database = SqlDatabase<StateSchema>;

/** Runs read per statement, so that one call does not hold others up for long. */
const UID_SLICE = 500;

export async function getRun(db: Database, namespace: string, name: string): Promise<ObjectText | undefined> {
  const row = await rowNamed(db.read, namespace, name);
  return row === undefined ? undefined : runText(row);
}

function rowNamed(connection: Database['read'], namespace: string, name: string): Promise<RunRow | undefined> {
  return connection
    .selectFrom('runs')
    .selectAll()
    .where('namespace', '=', namespace)
    .where('name', '=', name)
    .executeTakeFirst();
}

export async function getRunByUid(db: Database, uid: string): Promise<ObjectText | undefined> {
  const row = await db.read.selectFrom('runs').selectAll().where('uid', '=', uid).executeTakeFirst();
  return row === undefined ? undefined : runText(row);
}

export async function getRunsByUid(db: Database, uids: readonly string[]): Promise<ObjectText[]> {
  const runs: ObjectText[] = [];
  for (let start = 0; start < uids.length; start += UID_SLICE) {
    const slice = inList(db, 'uid', uids.slice(start, start + UID_SLICE));
    const rows = await db.read.selectFrom('runs').selectAll().where(slice).execute();
    for (const row of rows) runs.push(runText(row));
  }
  return runs;
}

/** Creates a Pending run on demand; the same manual id again is the same run. */
export async function createRun(tx: Transaction, run: NewRun, audit?: AuditSource): Promise<ObjectText> {
  const taskRow = await tx.write
    .selectFrom('objects')
    .selectAll()
    .where('uid', '=', run.taskUid)
    .where('kind', '=', 'Task')
    .executeTakeFirst();
  if (taskRow === undefined) throw new CloudTaskError('CT_NOT_FOUND', `task with uid ${run.taskUid} not found`);
  requireStaying(taskRow);
  const key = { taskUid: run.taskUid, slot: run.slot, point: run.manualId };
  const existing = await runRow(tx, runUid(key));
  if (existing !== undefined) return runText(existing);
  const { args, env, parameters, retryOf, causedBy, labels } = run;
  const spec: Run['spec'] = {
    task: taskRow.name,
    taskUid: run.taskUid,
    slot: run.slot,
    ...(run.slot === '' ? {} : { group: runGroup(taskRow.name, key)! }),
    revision: taskRow.generation,
    trigger: run.trigger,
    manualId: run.manualId,
    ...(run.scheduledTime === undefined ? {} : { scheduledTime: iso(run.scheduledTime) }),
    ...(causedBy === undefined ? {} : { causedBy: [...causedBy] }),
    ...(retryOf === undefined ? {} : { retryOf }),
    ...(args === undefined ? {} : { args: [...args] }),
    ...(env === undefined ? {} : { env: env.map((variable) => ({ ...variable })) }),
    ...(parameters === undefined ? {} : { parameters: parameters.map((one) => ({ ...one })) }),
  };
  const text = await writeRun(tx, {
    uid: runUid(key),
    namespace: taskRow.namespace,
    name: runName(taskRow.name, key),
    task_uid: run.taskUid,
    slot: run.slot,
    scheduled_time: null,
    created_time: tx.now,
    labels: labels === undefined ? taskRow.labels : JSON.stringify({ ...JSON.parse(taskRow.labels), ...labels }),
    state: 'Pending',
    rank: runRank('Pending', 0),
    final: 0,
    agent: null,
    finish_time: null,
    resource_version: 0,
    spec: JSON.stringify(spec),
    status: JSON.stringify({ state: 'Pending' }),
  });
  await auditRun(tx, { after: text }, audit);
  return text;
}

/** Between so many runs readers get their turn. */
const CREATED_PER_TURN = 50;

/** See Store.createRuns. */
export async function createRuns(tx: Transaction, runs: readonly NewRun[], audit?: AuditSource): Promise<ObjectText[]> {
  const made: ObjectText[] = [];
  for (const run of runs) {
    made.push(await createRun(tx, run, audit));
    if (made.length % CREATED_PER_TURN === 0) await tx.breathe();
  }
  return made;
}

export async function assignRun(tx: Transaction, uid: string, agent: string): Promise<ObjectText | undefined> {
  const row = await runRow(tx, uid);
  if (row === undefined) return undefined;
  if (row.state !== 'Pending' || row.agent !== null) return runText(row);
  return writeRun(tx, { ...row, agent, status: JSON.stringify({ ...runStatusOf(row), agent }) }, row);
}

/** Throws CT_NOT_FOUND. */
export async function requireRun(tx: Transaction, namespace: string, name: string): Promise<RunRow> {
  const row = await rowNamed(tx.write, namespace, name);
  if (row === undefined) throw notFound({ kind: 'Run', namespace, name });
  return row;
}

/** Deletes a finished run. Throws CT_NOT_FOUND, and CT_CONFLICT while the run is open. */
export async function deleteRun(
  tx: Transaction,
  namespace: string,
  name: string,
  audit?: AuditSource,
): Promise<{ uid: string; text: ObjectText }> {
  const subject = `Run ${namespace}/${name}`;
  const row = await requireRun(tx, namespace, name);
  if (row.final === 0) {
    throw new CloudTaskError('CT_CONFLICT', { subject, detail: `the run is ${row.state}`, hint: 'cancel it first' });
  }
  const [text] = await removeRuns(tx, [row]);
  await auditRun(tx, { deleted: text! }, audit);
  return { uid: row.uid, text: text! };
}

/** Deletes rows and notes their changes. */
export async function removeRuns(tx: Transaction, rows: readonly RunRow[]): Promise<ObjectText[]> {
  if (rows.length === 0) return [];
  await tx.write
    .deleteFrom('runs')
    .where(
      inList(
        tx,
        'uid',
        rows.map(({ uid }) => uid),
      ),
    )
    .execute();
  return rows.map((row) => {
    const version = tx.nextVersion();
    const object = runText({ ...row, resource_version: version });
    tx.changed({ type: 'DELETED', resourceVersion: version, kind: 'Run', object, previous: runTextBefore(row) });
    return object;
  });
}

/** Deletes those of the runs that are finished; returns the uids of their tasks. */
export async function removeFinishedRuns(tx: Transaction, uids: readonly string[]): Promise<string[]> {
  const rows = await tx.write
    .selectFrom('runs')
    .selectAll()
    .where(inList(tx, 'uid', uids))
    .where('final', '=', 1)
    .orderBy('id')
    .execute();
  await removeRuns(tx, rows);
  return [...new Set(rows.map((row) => row.task_uid))];
}

export async function openRuns(db: Database, filter: { agent?: string; taskUid?: string }): Promise<ObjectText[]> {
  let query = db.read.selectFrom('runs').selectAll().where('final', '=', 0);
  if (filter.taskUid !== undefined) query = query.where('task_uid', '=', filter.taskUid);
  if (filter.agent !== undefined) query = query.where('agent', '=', filter.agent);
  return (await query.orderBy('id').execute()).map(runText);
}

/** The uid of a run is a function of its time point, so this needs no index but the one on uid. */
export async function existingTimePoints(
  db: Database,
  taskUid: string,
  slot: string,
  points: readonly number[],
): Promise<Set<number>> {
  const byUid = new Map(points.map((point) => [runUid({ taskUid, slot, point }), point]));
  const rows = await db.read
    .selectFrom('runs')
    .select('uid')
    .where(inList(db, 'uid', [...byUid.keys()]))
    .execute();
  return new Set(rows.map(({ uid }) => byUid.get(uid)!));
}

export async function finishedRuns(db: Database, uids: readonly string[]): Promise<Set<string>> {
  if (uids.length === 0) return new Set();
  const rows = await db.read
    .selectFrom('runs')
    .select('uid')
    .where('final', '=', 1)
    .where(inList(db, 'uid', uids))
    .execute();
  return new Set(rows.map(({ uid }) => uid));
}

export async function writeRun(tx: Transaction, row: RunRow, before?: RunRow): Promise<ObjectText> {
  const next = { ...row, resource_version: tx.nextVersion() };
  await tx.upsert(UPSERT_RUN, [runParameters(next)]);
  const object = runText(next);
  tx.changed({
    type: before === undefined ? 'ADDED' : 'MODIFIED',
    resourceVersion: next.resource_version,
    kind: 'Run',
    object,
    ...(before === undefined ? {} : { previous: runTextBefore(before) }),
  });
  return object;
}

export function runRow(tx: Transaction, uid: string): Promise<RunRow | undefined> {
  return tx.write.selectFrom('runs').selectAll().where('uid', '=', uid).executeTakeFirst();
}
