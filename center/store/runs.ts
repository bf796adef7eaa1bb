import { sql } from 'kysely';
import { CloudTaskError } from '../../base/index.js';
import { type Run, type RunReport, type RunState, runName, runRank, runUid, type Task } from '../../manifests/index.js';
import { inList, type SqlDatabase } from './database.js';
import { runEvents, upsertEvents } from './events.js';
import { iso } from './iso-time.js';
import { objectOf } from './object-row.js';
import { type RunRow, runOf, runParameters, UPSERT_RUN } from './run-row.js';
import type { StateSchema } from './schema.js';
import type { NewRun, RunSummary, Stored } from './store.js';
import type { WriteTransaction } from './write-queue.js';

type Transaction = WriteTransaction<StateSchema>;
type Database = SqlDatabase<StateSchema>;

/** Latest finished runs per task among which the last to end is looked for: runs that overlap end out of order. */
const RECENT_FINISHED = 10;
/** Tasks summarised per statement, so that one call does not hold the worker for long. */
const SUMMARY_SLICE = 1000;

export async function getRun(db: Database, namespace: string, name: string): Promise<Stored<Run> | undefined> {
  const row = await db.read
    .selectFrom('runs')
    .selectAll()
    .where('namespace', '=', namespace)
    .where('name', '=', name)
    .executeTakeFirst();
  return row === undefined ? undefined : runOf(row);
}

export async function getRunByUid(db: Database, uid: string): Promise<Stored<Run> | undefined> {
  const row = await db.read.selectFrom('runs').selectAll().where('uid', '=', uid).executeTakeFirst();
  return row === undefined ? undefined : runOf(row);
}

/** Creates a Pending run on demand; the same manual id again is the same run. */
export async function createRun(tx: Transaction, run: NewRun): Promise<Stored<Run>> {
  const taskRow = await tx.write
    .selectFrom('objects')
    .selectAll()
    .where('uid', '=', run.taskUid)
    .where('kind', '=', 'Task')
    .executeTakeFirst();
  if (taskRow === undefined) throw new CloudTaskError('CT_NOT_FOUND', `task with uid ${run.taskUid} not found`);
  const task = objectOf<Task>(taskRow);
  const key = { taskUid: run.taskUid, slot: run.slot, point: run.manualId };
  const existing = await runRow(tx, runUid(key));
  if (existing !== undefined) return runOf(existing);
  const { args, env, retryOf, labels } = run;
  const spec: Run['spec'] = {
    task: task.metadata.name,
    taskUid: run.taskUid,
    slot: run.slot,
    revision: task.metadata.generation,
    trigger: run.trigger,
    manualId: run.manualId,
    ...(retryOf === undefined ? {} : { retryOf }),
    ...(args === undefined ? {} : { args: [...args] }),
    ...(env === undefined ? {} : { env: env.map((variable) => ({ ...variable })) }),
  };
  return writeRun(tx, {
    uid: runUid(key),
    namespace: taskRow.namespace,
    name: runName(task.metadata.name, key),
    task_uid: run.taskUid,
    slot: run.slot,
    scheduled_time: null,
    created_time: tx.now,
    labels: labels === undefined ? null : JSON.stringify(labels),
    state: 'Pending',
    rank: runRank('Pending', 0),
    final: 0,
    agent: null,
    finish_time: null,
    resource_version: 0,
    spec: JSON.stringify(spec),
    status: JSON.stringify({ state: 'Pending' }),
  });
}

export async function requestCancel(tx: Transaction, namespace: string, name: string): Promise<Stored<Run>> {
  const row = await tx.write
    .selectFrom('runs')
    .selectAll()
    .where('namespace', '=', namespace)
    .where('name', '=', name)
    .executeTakeFirst();
  if (row === undefined) {
    throw new CloudTaskError('CT_NOT_FOUND', { subject: `Run ${namespace}/${name}`, detail: 'not found' });
  }
  const run = runOf(row);
  if (row.final === 1 || run.spec.cancelRequestedTime !== undefined) return run;
  const spec = JSON.stringify({ ...run.spec, cancelRequestedTime: iso(tx.now) });
  if (row.state !== 'Pending' || row.agent !== null) return writeRun(tx, { ...row, spec }, row);
  const status = { state: 'Cancelled', reason: 'CancelledByUser', endTime: iso(tx.now) } as const;
  const cancelled = await writeRun(
    tx,
    {
      ...row,
      spec,
      state: 'Cancelled',
      rank: runRank('Cancelled', 0),
      final: 1,
      finish_time: tx.now,
      status: JSON.stringify(status),
    },
    row,
  );
  await upsertEvents(tx, runEvents([{ report: reportOf(cancelled), agent: null }], tx.now));
  return cancelled;
}

function reportOf(run: Stored<Run>): RunReport {
  const { task, taskUid, slot, revision, trigger } = run.spec;
  const { uid, name, namespace = '' } = run.metadata;
  return {
    ...{ uid, name, namespace, task, taskUid, slot, revision, trigger },
    scheduledTime: null,
    schedule: null,
    state: run.status!.state,
    attempts: [],
    attempt: 0,
  };
}

export async function assignRun(tx: Transaction, uid: string, agent: string): Promise<Stored<Run> | undefined> {
  const row = await runRow(tx, uid);
  if (row === undefined) return undefined;
  const run = runOf(row);
  if (row.state !== 'Pending' || row.agent !== null) return run;
  return writeRun(tx, { ...row, agent, status: JSON.stringify({ ...run.status, agent }) }, row);
}

/** Deletes a finished run. Throws CT_NOT_FOUND, and CT_CONFLICT while the run is open. */
export async function deleteRun(tx: Transaction, namespace: string, name: string): Promise<Stored<Run>> {
  const subject = `Run ${namespace}/${name}`;
  const row = await tx.write
    .selectFrom('runs')
    .selectAll()
    .where('namespace', '=', namespace)
    .where('name', '=', name)
    .executeTakeFirst();
  if (row === undefined) throw new CloudTaskError('CT_NOT_FOUND', { subject, detail: 'not found' });
  if (row.final === 0) {
    throw new CloudTaskError('CT_CONFLICT', { subject, detail: `the run is ${row.state}`, hint: 'cancel it first' });
  }
  return (await removeRuns(tx, [row]))[0]!;
}

/** Deletes rows and notes their changes. */
export async function removeRuns(tx: Transaction, rows: readonly RunRow[]): Promise<Stored<Run>[]> {
  if (rows.length === 0) return [];
  await tx.write
    .deleteFrom('runs')
    .where(
      inList(
        'uid',
        rows.map(({ uid }) => uid),
      ),
    )
    .execute();
  return rows.map((row) => {
    const version = tx.nextVersion();
    const object = runOf({ ...row, resource_version: version });
    tx.changed({ type: 'DELETED', resourceVersion: version, kind: 'Run', object, previous: runOf(row) });
    return object;
  });
}

export async function openRuns(db: Database, filter: { agent?: string; taskUid?: string }): Promise<Stored<Run>[]> {
  let query = db.read.selectFrom('runs').selectAll().where('final', '=', 0);
  if (filter.taskUid !== undefined) query = query.where('task_uid', '=', filter.taskUid);
  if (filter.agent !== undefined) query = query.where('agent', '=', filter.agent);
  return (await query.orderBy('id').execute()).map(runOf);
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
    .where(inList('uid', [...byUid.keys()]))
    .execute();
  return new Set(rows.map(({ uid }) => byUid.get(uid)!));
}

export async function finishedRuns(db: Database, uids: readonly string[]): Promise<Set<string>> {
  if (uids.length === 0) return new Set();
  const rows = await db.read
    .selectFrom('runs')
    .select('uid')
    .where('final', '=', 1)
    .where(inList('uid', uids))
    .execute();
  return new Set(rows.map(({ uid }) => uid));
}

export async function runSummaries(db: Database, taskUids: readonly string[]): Promise<Map<string, RunSummary>> {
  const summaries = new Map<string, RunSummary>();
  for (let start = 0; start < taskUids.length; start += SUMMARY_SLICE) {
    await summarise(db, taskUids.slice(start, start + SUMMARY_SLICE), summaries);
  }
  return summaries;
}

async function summarise(db: Database, uids: readonly string[], summaries: Map<string, RunSummary>): Promise<void> {
  const open = await db.read
    .selectFrom('runs')
    .select(['task_uid', 'state'])
    .where('final', '=', 0)
    .where(inList('task_uid', uids))
    .execute();
  const states = new Map<string, RunState[]>();
  for (const { task_uid, state } of open) states.set(task_uid, [...(states.get(task_uid) ?? []), state as RunState]);
  const finished = await sql<{ uid: string; last: string | null }>`
    select wanted.value as uid, (
      select json_object('name', name, 'state', state, 'time', finish_time) from (
        select name, state, finish_time from runs where task_uid = wanted.value and final = 1
        order by id desc limit ${RECENT_FINISHED}
      ) order by finish_time desc limit 1
    ) as last from json_each(${JSON.stringify(uids)}) wanted`.execute(db.read);
  for (const { uid, last } of finished.rows) {
    const openStates = states.get(uid) ?? [];
    const lastFinished = last === null ? {} : { lastFinished: JSON.parse(last) as RunSummary['lastFinished'] & object };
    summaries.set(uid, { open: openStates.length, openStates, ...lastFinished });
  }
}

async function writeRun(tx: Transaction, row: RunRow, before?: RunRow): Promise<Stored<Run>> {
  const next = { ...row, resource_version: tx.nextVersion() };
  await tx.channel.many(UPSERT_RUN, [runParameters(next)]);
  const object = runOf(next);
  tx.changed({
    type: before === undefined ? 'ADDED' : 'MODIFIED',
    resourceVersion: next.resource_version,
    kind: 'Run',
    object,
    ...(before === undefined ? {} : { previous: runOf(before) }),
  });
  return object;
}

function runRow(tx: Transaction, uid: string): Promise<RunRow | undefined> {
  return tx.write.selectFrom('runs').selectAll().where('uid', '=', uid).executeTakeFirst();
}
