// Who wants to be told of what, as rows: written in the transaction of the object, so that no event falls between.
import { parseDuration } from '../../../base/index.js';
import type { ClusterNotify, RunNotify } from '../../../manifests/index.js';
import { inList, type Upsert } from '../database.js';
import type { ObjectRow } from '../object-row.js';
import type { StateSchema } from '../schema.js';
import type { WriteTransaction } from '../write-queue.js';

type Transaction = WriteTransaction<StateSchema>;

/** Of entries that do not say it. */
const LATE_AFTER_MS = 60_000;

const KINDS: ReadonlySet<string> = new Set(['Task', 'Namespace', 'Cluster']);
const UPSERT: Upsert = {
  table: 'notify_rules',
  columns: ['owner_uid', 'kind', 'namespace', 'name', 'rules', 'shortest', 'late_after'],
  key: ['owner_uid'],
  update: ['rules', 'shortest', 'late_after'],
};

/** Keeps `spec.notify` of an object that is written. */
export async function keepNotifyRules(tx: Transaction, row: ObjectRow, before: ObjectRow | undefined): Promise<void> {
  if (!KINDS.has(row.kind) || row.spec === before?.spec) return;
  // Most objects have none, and reading a hundred thousand specifications takes its time.
  if (!row.spec.includes('"notify"')) {
    if (before?.spec.includes('"notify"')) await forgetNotifyRulesOf(tx, row.uid);
    return;
  }
  const { notify } = JSON.parse(row.spec) as { notify?: readonly RunNotify[] };
  if (notify === undefined) return forgetNotifyRulesOf(tx, row.uid);
  await tx.upsert(UPSERT, [[row.uid, row.kind, row.namespace, row.name, JSON.stringify(notify), ...limitsIn(notify)]]);
}

/** After how long the entry is told that a run is late, ms; undefined when it does not ask. */
export function lateAfterOf({ on, lateAfter }: RunNotify): number | undefined {
  return on?.includes('Late') ? (parseDuration(lateAfter ?? '') ?? LATE_AFTER_MS) : undefined;
}

/** The same of runs that take long. */
export function longerThanOf({ on, longerThan }: RunNotify): number | undefined {
  return on?.includes('LongerThan') ? parseDuration(longerThan ?? '') : undefined;
}

/** Columns of the row: 0 when nobody asks. */
function limitsIn(notify: readonly RunNotify[]): [shortest: number, lateAfter: number] {
  const least = (all: readonly (number | undefined)[]) => {
    const given = all.filter((one) => one !== undefined);
    return given.length === 0 ? 0 : Math.min(...given);
  };
  return [least(notify.flatMap((one) => [lateAfterOf(one), longerThanOf(one)])), least(notify.map(lateAfterOf))];
}

/** The object goes, or nobody wants to be told of it any more: then nobody is told later that it has recovered, either. */
export async function forgetNotifyRulesOf(tx: Transaction, uid: string): Promise<void> {
  await tx.write.deleteFrom('notify_rules').where('owner_uid', '=', uid).execute();
  await tx.write.deleteFrom('notify_failing').where('task_uid', '=', uid).execute();
  await tx.write.deleteFrom('notify_changes').where('task_uid', '=', uid).execute();
}

/** What is said of runs of these tasks: the task's own word, else that of its namespace. By task uid; none that are empty. */
export async function runRules(
  tx: Transaction,
  tasks: ReadonlyMap<string, string>,
): Promise<Map<string, readonly RunNotify[]>> {
  const rules = new Map<string, readonly RunNotify[]>();
  // One look, where nobody is told of anything.
  const any = await tx.write.selectFrom('notify_rules').select('owner_uid').limit(1).executeTakeFirst();
  if (any === undefined) return rules;
  const own = await tx.write
    .selectFrom('notify_rules')
    .select(['owner_uid', 'rules'])
    .where(inList(tx, 'owner_uid', [...tasks.keys()]))
    .where('kind', '=', 'Task')
    .execute();
  const general = await tx.write
    .selectFrom('notify_rules')
    .select(['name', 'rules'])
    .where('kind', '=', 'Namespace')
    .where(inList(tx, 'name', [...new Set(tasks.values())]))
    .execute();
  const ofTask = new Map(own.map((row) => [row.owner_uid, row.rules]));
  const ofNamespace = new Map(general.map((row) => [row.name, row.rules]));
  for (const [taskUid, namespace] of tasks) {
    const found = JSON.parse(ofTask.get(taskUid) ?? ofNamespace.get(namespace) ?? '[]') as RunNotify[];
    if (found.length > 0) rules.set(taskUid, found);
  }
  return rules;
}

export async function clusterRules(tx: Transaction, cluster: string): Promise<readonly ClusterNotify[]> {
  const row = await tx.write
    .selectFrom('notify_rules')
    .select('rules')
    .where('kind', '=', 'Cluster')
    .where('name', '=', cluster)
    .executeTakeFirst();
  return row === undefined ? [] : (JSON.parse(row.rules) as ClusterNotify[]);
}

export async function allClusterRules(tx: Transaction): Promise<readonly ClusterNotify[]> {
  const rows = await tx.write.selectFrom('notify_rules').select('rules').where('kind', '=', 'Cluster').execute();
  return rows.flatMap(({ rules }) => JSON.parse(rules) as ClusterNotify[]);
}
