// Who wants to be told of what, as rows: written in the transaction of the object, so that no event falls between.
import { parseDuration } from '../../../base/index.js';
import { type ClusterNotify, matchesSelector, type RunNotify, SYSTEM_NAMESPACE } from '../../../manifests/index.js';
import { inList, type Upsert } from '../database.js';
import type { ObjectRow } from '../object-row.js';
import type { StateSchema } from '../schema.js';
import type { WriteTransaction } from '../write-queue.js';

type Transaction = WriteTransaction<StateSchema>;

/** Of entries that do not say it. */
const LATE_AFTER_MS = 60_000;

/** Kind of the rows of `Cluster.spec.notifyRuns`, and their owner. */
export const CLUSTER_RUNS = 'ClusterRuns';
const runsOf = (clusterUid: string): string => `${clusterUid}/runs`;

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
  if (!row.spec.includes('"notify')) {
    if (before?.spec.includes('"notify')) await forgetNotifyRulesOf(tx, row.uid);
    return;
  }
  const { notify, notifyRuns } = JSON.parse(row.spec) as {
    notify?: readonly RunNotify[];
    notifyRuns?: readonly RunNotify[];
  };
  const { uid, kind, namespace, name } = row;
  if (notify === undefined || (kind === 'Cluster' && notifyRuns === undefined)) await forgetNotifyRulesOf(tx, uid);
  const keep = (owner: string, of: string, list: readonly RunNotify[]) =>
    tx.upsert(UPSERT, [[owner, of, namespace, name, JSON.stringify(list), ...limitsIn(list)]]);
  if (notify !== undefined) await keep(uid, kind, notify);
  if (kind === 'Cluster' && notifyRuns !== undefined) await keep(runsOf(uid), CLUSTER_RUNS, notifyRuns);
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
  await tx.write
    .deleteFrom('notify_rules')
    .where('owner_uid', 'in', [uid, runsOf(uid)])
    .execute();
  await tx.write.deleteFrom('notify_failing').where('task_uid', '=', uid).execute();
  await tx.write.deleteFrom('notify_changes').where('task_uid', '=', uid).execute();
}

/** An entry, and the namespace of its notifier. */
export type Routed<T> = T & { readonly home: string };

/**
 * What is said of runs of these tasks: the task's own word, else that of its namespace, else that of its cluster. By task uid; none that
 * are empty.
 */
export async function runRules(
  tx: Transaction,
  tasks: ReadonlyMap<string, string>,
): Promise<Map<string, readonly Routed<RunNotify>[]>> {
  const rules = new Map<string, readonly Routed<RunNotify>[]>();
  const read = () => tx.write.selectFrom('notify_rules').select(['owner_uid', 'name', 'rules']);
  // One look, where nobody is told of anything.
  if ((await read().limit(1).executeTakeFirst()) === undefined) return rules;
  const own = await read()
    .where(inList(tx, 'owner_uid', [...tasks.keys()]))
    .where('kind', '=', 'Task')
    .execute();
  const general = await read()
    .where('kind', '=', 'Namespace')
    .where(inList(tx, 'name', [...new Set(tasks.values())]))
    .execute();
  const clusters = await read().where('kind', '=', CLUSTER_RUNS).execute();
  const ofTask = new Map(own.map((row) => [row.owner_uid, row.rules]));
  const ofNamespace = new Map(general.map((row) => [row.name, row.rules]));
  const ofCluster = new Map(clusters.map((row) => [row.name, row.rules]));
  const others = [...tasks].filter(([uid, namespace]) => {
    const rest = ofNamespace.get(namespace);
    return !ofTask.has(uid) && (rest === undefined ? ofCluster.size > 0 : rest.includes('"selector"'));
  });
  const routes = await routesOf(
    tx,
    others.map(([uid]) => uid),
  );
  for (const [uid, namespace] of tasks) {
    const route = routes.get(uid);
    const [text, home] =
      ofTask.has(uid) || ofNamespace.has(namespace)
        ? [ofTask.get(uid) ?? ofNamespace.get(namespace), namespace]
        : [ofCluster.get(route?.cluster ?? ''), SYSTEM_NAMESPACE];
    if (text === undefined) continue;
    const found = (JSON.parse(text) as RunNotify[])
      .filter(({ namespaces }) => namespaces?.includes(namespace) ?? true)
      .filter(({ selector }) => selector === undefined || matchesSelector(selector, route?.labels ?? {}));
    if (found.length > 0)
      rules.set(
        uid,
        found.map((entry) => ({ ...entry, home })),
      );
  }
  return rules;
}

interface Route {
  readonly cluster: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** What tasks say that entries may choose by. */
async function routesOf(tx: Transaction, taskUids: readonly string[]): Promise<Map<string, Route>> {
  if (taskUids.length === 0) return new Map();
  const rows = await tx.write
    .selectFrom('objects')
    .select(['uid', 'cluster', 'labels'])
    .where(inList(tx, 'uid', taskUids))
    .where('kind', '=', 'Task')
    .execute();
  return new Map(
    rows.map(({ uid, cluster, labels }) => [
      uid,
      { cluster: cluster ?? 'default', labels: JSON.parse(labels) as Route['labels'] },
    ]),
  );
}

export async function clusterRules(tx: Transaction, cluster?: string): Promise<readonly Routed<ClusterNotify>[]> {
  let rows = tx.write.selectFrom('notify_rules').select('rules').where('kind', '=', 'Cluster');
  if (cluster !== undefined) rows = rows.where('name', '=', cluster);
  const entries = (await rows.execute()).flatMap(({ rules }) => JSON.parse(rules) as ClusterNotify[]);
  return entries.map((entry) => ({ ...entry, home: SYSTEM_NAMESPACE }));
}
