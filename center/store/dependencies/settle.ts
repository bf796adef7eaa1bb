// What results come to: notes of what has arrived, and runs. One transaction with the results that go.
import type { Run, RunReport } from '../../../manifests/index.js';
import { inList, type SqlDatabase } from '../database.js';
import { mergeReports } from '../run-reports.js';
import { createRun } from '../runs.js';
import type { StateSchema } from '../schema.js';
import type { NewRun } from '../store-types.js';
import type { WriteTransaction } from '../write-queue.js';
import type { Cause, DependencyStep, Dependent, DependentsQuery } from './dependency-book.js';

type Transaction = WriteTransaction<StateSchema>;
type Start = Extract<DependencyStep, { kind: 'Start' }>;

/** Variable by which a process learns which runs have caused its own; comma-separated. */
export const CAUSED_BY_VARIABLE = 'CTASK_CAUSED_BY';

export async function settle(
  tx: Transaction,
  steps: readonly DependencyStep[],
  done: readonly number[],
): Promise<void> {
  const staying = await stayingTasks(tx, steps);
  for (const step of steps) {
    if (!staying.has(step.taskUid) || (await isUsed(tx, step))) continue;
    if (step.kind === 'Note') await note(tx, step.taskUid, step.cause);
    else await start(tx, step);
  }
  if (done.length === 0) return;
  await tx.write
    .deleteFrom('dependency_results')
    .where(inList(tx, 'id', done))
    .execute();
}

/** Those of the tasks that exist and are not being deleted. */
async function stayingTasks(tx: Transaction, steps: readonly DependencyStep[]): Promise<Set<string>> {
  const uids = [...new Set(steps.map(({ taskUid }) => taskUid))];
  const rows = await tx.write
    .selectFrom('objects')
    .select('uid')
    .where(inList(tx, 'uid', uids))
    .where('kind', '=', 'Task')
    .where('deletion_time', 'is', null)
    .execute();
  return new Set(rows.map(({ uid }) => uid));
}

async function isUsed(tx: Transaction, { taskUid, cause }: DependencyStep): Promise<boolean> {
  const row = await tx.write
    .selectFrom('dependency_uses')
    .select('time')
    .where('task_uid', '=', taskUid)
    .where('cause_uid', '=', cause.uid)
    .executeTakeFirst();
  return row !== undefined;
}

async function note(tx: Transaction, taskUid: string, cause: Cause): Promise<void> {
  await tx.write
    .updateTable('task_dependencies')
    .set({ arrived: JSON.stringify(cause) })
    .where('task_uid', '=', taskUid)
    .where('upstream', '=', cause.task)
    .execute();
}

async function start(tx: Transaction, step: Start): Promise<void> {
  const { taskUid, cause, causes } = step;
  const names = causes.map(({ name }) => name);
  const times = causes.flatMap(({ scheduledTime }) => scheduledTime ?? []);
  for (const slot of step.slots) {
    const text = await createRun(tx, {
      ...{ taskUid, slot, trigger: 'Dependency', manualId: `after-${cause.uid}`, causedBy: names },
      env: [{ name: CAUSED_BY_VARIABLE, value: names.join(',') }],
      ...(times.length === 0 ? {} : { scheduledTime: Math.max(...times) }),
    } satisfies NewRun);
    if (step.skipped !== undefined) {
      const report = skippedReport(JSON.parse(text) as Run, step.skipped, tx.now);
      await mergeReports(tx, [[{ report, agent: null }]]);
    }
  }
  await tx.upsert(
    {
      table: 'dependency_uses',
      columns: ['task_uid', 'cause_uid', 'time'],
      key: ['task_uid', 'cause_uid'],
      update: [],
    },
    causes.map(({ uid }) => [taskUid, uid, tx.now]),
  );
  await tx.write
    .updateTable('task_dependencies')
    .set({ arrived: null })
    .where('task_uid', '=', taskUid)
    .where(inList(tx, 'upstream', [...new Set(causes.map(({ task }) => task))]))
    .execute();
}

function skippedReport(run: Run, { reason, message }: NonNullable<Start['skipped']>, now: number): RunReport {
  const { task, taskUid, slot, revision, trigger } = run.spec;
  const { uid = '', name, namespace = '' } = run.metadata;
  return {
    ...{ uid, name, namespace, task, taskUid, slot, revision, trigger },
    ...{ scheduledTime: null, schedule: null, state: 'Skipped', reason, message },
    ...{ endTime: now, attempts: [], attempt: 1 },
  };
}

export async function readDependents(db: SqlDatabase<StateSchema>, query: DependentsQuery): Promise<Dependent[]> {
  const rows = await db.read
    .selectFrom('task_dependencies as edge')
    .innerJoin('objects', 'objects.uid', 'edge.task_uid')
    .leftJoin('dependency_uses as used', (join) =>
      join.onRef('used.task_uid', '=', 'edge.task_uid').on('used.cause_uid', '=', query.causeUid),
    )
    .select(['objects.uid', 'objects.namespace', 'objects.name', 'objects.spec', 'objects.deletion_time', 'used.time'])
    .where('edge.namespace', '=', query.namespace)
    .where('edge.upstream', '=', query.upstream)
    .where('edge.task_uid', '>', query.after)
    .orderBy('edge.task_uid')
    .limit(query.limit)
    .execute();
  const arrived = await arrivedAt(
    db,
    rows.map(({ uid }) => uid),
  );
  return rows.map(({ uid, namespace, name, spec, deletion_time, time }) => ({
    ...{ taskUid: uid, namespace, name, spec: JSON.parse(spec) as Dependent['spec'] },
    ...{ going: deletion_time !== null, used: time !== null, arrived: arrived.get(uid) ?? {} },
  }));
}

export async function arrivedAt(
  db: SqlDatabase<StateSchema>,
  taskUids: readonly string[],
): Promise<Map<string, Record<string, Cause>>> {
  const rows = await db.read
    .selectFrom('task_dependencies')
    .select(['task_uid', 'upstream', 'arrived'])
    .where(inList(db, 'task_uid', taskUids))
    .where('arrived', 'is not', null)
    .execute();
  const all = new Map<string, Record<string, Cause>>();
  for (const { task_uid, upstream, arrived } of rows) {
    all.set(task_uid, { ...all.get(task_uid), [upstream]: JSON.parse(arrived!) as Cause });
  }
  return all;
}

export async function usedBy(
  db: SqlDatabase<StateSchema>,
  taskUid: string,
  causeUids: readonly string[],
): Promise<string[]> {
  if (causeUids.length === 0) return [];
  const rows = await db.read
    .selectFrom('dependency_uses')
    .select('cause_uid')
    .where('task_uid', '=', taskUid)
    .where(inList(db, 'cause_uid', causeUids))
    .execute();
  return rows.map(({ cause_uid }) => cause_uid);
}

export async function namesOfDependents(
  db: SqlDatabase<StateSchema>,
  namespace: string,
  upstream: string,
  limit: number,
): Promise<string[]> {
  const rows = await db.read
    .selectFrom('task_dependencies')
    .select('task')
    .where('namespace', '=', namespace)
    .where('upstream', '=', upstream)
    .orderBy('task')
    .limit(limit)
    .execute();
  return rows.map(({ task }) => task);
}

export async function forgetUses(tx: Transaction, olderThan: number): Promise<void> {
  await tx.write.deleteFrom('dependency_uses').where('time', '<', olderThan).execute();
}
