// What tasks wait for, as rows: written in the transaction of the task, so that no result falls between.
import { circleMessage, findCircle, type TaskSpec } from '../../../manifests/index.js';
import type { ApplyProblems } from '../apply-problems.js';
import { inList, type Upsert } from '../database.js';
import type { ObjectRow } from '../object-row.js';
import type { StateSchema } from '../schema.js';
import type { WriteTransaction } from '../write-queue.js';

type Transaction = WriteTransaction<StateSchema>;

/** What has arrived stays when a task is written anew. */
const UPSERT: Upsert = {
  table: 'task_dependencies',
  columns: ['task_uid', 'namespace', 'task', 'upstream', 'arrived'],
  key: ['task_uid', 'upstream'],
  update: [],
};

/** Names read per statement. */
const NAMES_SLICE = 500;

/** A task whose dependencies were written, and its place among the objects of the batch. */
export interface LinkedTask {
  readonly index: number;
  readonly namespace: string;
  readonly name: string;
}

/** Writes the dependencies of a task that is written; true when it has some. */
export async function keepDependencies(tx: Transaction, row: ObjectRow, before: ObjectRow | undefined) {
  // Most tasks have none, and reading a hundred thousand specifications takes its time.
  if (row.kind !== 'Task' || row.spec === before?.spec) return false;
  if (!mayDepend(row) && (before === undefined || !mayDepend(before))) return false;
  const { after } = JSON.parse(row.spec) as TaskSpec;
  const names = (after?.tasks ?? []).map(({ name }) => name);
  const { uid, namespace, name } = row;
  if (before !== undefined) {
    const gone = tx.write.deleteFrom('task_dependencies').where('task_uid', '=', uid);
    await (names.length === 0 ? gone : gone.where('upstream', 'not in', names)).execute();
  }
  await tx.upsert(
    UPSERT,
    names.map((upstream) => [uid, namespace, name, upstream, null]),
  );
  return names.length > 0;
}

const mayDepend = ({ spec }: ObjectRow): boolean => spec.includes('"after"');

export async function forgetDependenciesOf(tx: Transaction, taskUid: string): Promise<void> {
  await tx.write.deleteFrom('task_dependencies').where('task_uid', '=', taskUid).execute();
  await tx.write.deleteFrom('dependency_uses').where('task_uid', '=', taskUid).execute();
}

/** Tells of a circle that the written tasks close, in the store as it is with them. Before them there was none. */
export async function findCircles(
  tx: Transaction,
  linked: readonly LinkedTask[],
  problems: ApplyProblems,
): Promise<void> {
  for (const namespace of new Set(linked.map((task) => task.namespace))) {
    const written = linked.filter((task) => task.namespace === namespace);
    const names = written.map(({ name }) => name);
    const edges = await edgesFrom(tx, namespace, names);
    const circle = findCircle(names, (name) => edges.get(name) ?? []);
    if (circle === undefined) continue;
    const first = written.find(({ name }) => circle.includes(name)) ?? written[0]!;
    const message = circleMessage(turned(circle, first.name));
    problems.add(first.index, [{ reason: 'DependencyCircle', field: 'spec.after', message }]);
  }
}

/** All that can be reached from the names, a level at a time. */
async function edgesFrom(tx: Transaction, namespace: string, names: readonly string[]): Promise<Map<string, string[]>> {
  const edges = new Map<string, string[]>();
  let level = [...names];
  while (level.length > 0) {
    for (const name of level) edges.set(name, []);
    const next = new Set<string>();
    for (let start = 0; start < level.length; start += NAMES_SLICE) {
      const rows = await tx.write
        .selectFrom('task_dependencies')
        .select(['task', 'upstream'])
        .where('namespace', '=', namespace)
        .where(inList(tx, 'task', level.slice(start, start + NAMES_SLICE)))
        .orderBy('task')
        .orderBy('upstream')
        .execute();
      for (const { task, upstream } of rows) {
        edges.get(task)?.push(upstream);
        if (!edges.has(upstream)) next.add(upstream);
      }
    }
    level = [...next];
  }
  return edges;
}

/** The same circle, from a name on it. */
function turned(circle: readonly string[], name: string): readonly string[] {
  const ring = circle.slice(0, -1);
  const at = Math.max(0, ring.indexOf(name));
  return [...ring.slice(at), ...ring.slice(0, at + 1)];
}
