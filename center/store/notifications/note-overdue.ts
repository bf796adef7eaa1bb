// News that no report makes: runs that take long, wait for long, or were started late. The leader looks for them; each is told once.
import { type RunNotify, type RunTrigger, runName, runUid } from '../../../manifests/index.js';
import type { SqlDatabase } from '../database.js';
import { inList } from '../database.js';
import { type RunRow, runStatusOf, specOf } from '../run-row.js';
import type { StateSchema } from '../schema.js';
import type { WriteTransaction } from '../write-queue.js';
import { addNews, runFacts } from './note-news.js';
import type { LateRule, OverdueLook, RunFacts, UnstartedPoint } from './notification-book.js';
import { CLUSTER_RUNS, lateAfterOf, longerThanOf, type Routed, runRules } from './notify-rules.js';

type Transaction = WriteTransaction<StateSchema>;

/** Nothing is told of a delay that is shorter, ms: no entry can ask for it. */
export const LATE_MIN_MS = 1_000;

/** Whether it was to begin at its time point. Others only have the name of one: of the task before them, of months ago, of the first try. */
export const isOfTimePoint = (trigger: RunTrigger): boolean => trigger === 'Schedule' || trigger === 'CatchUp';

interface Overdue {
  readonly key: string;
  readonly event: 'Late' | 'LongerThan';
  readonly facts: RunFacts;
  readonly entries: readonly Routed<RunNotify>[];
}

export async function readLateRules(db: SqlDatabase<StateSchema>): Promise<LateRule[]> {
  const rows = await db.read
    .selectFrom('notify_rules')
    .select(['owner_uid', 'kind', 'name', 'late_after'])
    .where('shortest', '>', 0)
    .where('late_after', '>', 0)
    .execute();
  return rows.map(({ owner_uid, kind, name, late_after }) => ({
    of: kind === 'Task' ? { taskUid: owner_uid } : kind === 'Namespace' ? { namespace: name } : { cluster: name },
    lateAfterMs: Number(late_after),
  }));
}

/** Open runs that somebody wants to know of by now. */
export async function noteOverdue(tx: Transaction): Promise<OverdueLook> {
  const { shortest } = await tx.write
    .selectFrom('notify_rules')
    .select(({ fn }) => fn.min('shortest').as('shortest'))
    .where('shortest', '>', 0)
    .executeTakeFirstOrThrow();
  if (shortest === null) return {};
  const rules = tx.write.selectFrom('notify_rules').where('shortest', '>', 0);
  const general = await rules.where('kind', '=', CLUSTER_RUNS).select('owner_uid').limit(1).executeTakeFirst();
  const all = tx.write.selectFrom('runs').selectAll().where('final', '=', 0);
  const some = all.where(({ eb, or }) =>
    or([
      eb('task_uid', 'in', rules.where('kind', '=', 'Task').select('owner_uid')),
      eb('namespace', 'in', rules.where('kind', '=', 'Namespace').select('name')),
    ]),
  );
  const open = await (general === undefined ? some : all).execute();
  const ofTask = await runRules(tx, new Map(open.map((row) => [row.task_uid, row.namespace])));
  // What begins now is not overdue before that.
  let next = tx.now + Number(shortest);
  const found: Overdue[] = [];
  for (const row of open) {
    const entries = ofTask.get(row.task_uid) ?? [];
    const start = runStatusOf(row).startTime;
    const due = isOfTimePoint(specOf(row).trigger) ? row.scheduled_time : null;
    const since = start === undefined ? due : Date.parse(start);
    if (since === null) continue;
    const [event, limitOf] =
      start === undefined ? (['Late', lateAfterOf] as const) : (['LongerThan', longerThanOf] as const);
    for (const [limitMs, those] of byLimit(entries, limitOf)) {
      if (since + limitMs > tx.now) next = Math.min(next, since + limitMs);
      else found.push(overdue(row, event, limitMs, those));
    }
  }
  await addAll(tx, found);
  return { againInMs: Math.max(1, next - tx.now) };
}

/** Runs that have just been started. */
export async function noteLateStarts(tx: Transaction, started: readonly RunRow[]): Promise<void> {
  if (started.length === 0) return;
  const rules = await runRules(tx, new Map(started.map((row) => [row.task_uid, row.namespace])));
  const found = started.flatMap((row) => {
    const delay = Date.parse(runStatusOf(row).startTime ?? '') - (row.scheduled_time ?? 0);
    return [...byLimit(rules.get(row.task_uid) ?? [], lateAfterOf)]
      .filter(([limitMs]) => delay >= limitMs)
      .map(([limitMs, those]) => overdue(row, 'Late', limitMs, those));
  });
  await addAll(tx, found);
}

/** Time points that no agent has looked at. One that has a run by now is no business of theirs. */
export async function noteUnstarted(tx: Transaction, points: readonly UnstartedPoint[]): Promise<void> {
  const uids = points.map(runUid);
  const rows = await tx.write
    .selectFrom('runs')
    .select('uid')
    .where(inList(tx, 'uid', uids))
    .execute();
  const known = new Set(rows.map(({ uid }) => uid));
  const rules = await runRules(tx, new Map(points.map(({ taskUid, namespace }) => [taskUid, namespace])));
  const found = points.flatMap((point, index) => {
    const uid = uids[index]!;
    if (known.has(uid)) return [];
    const { namespace, task, slot } = point;
    return [...byLimit(rules.get(point.taskUid) ?? [], lateAfterOf)]
      .filter(([limitMs]) => point.point + limitMs <= tx.now)
      .map(([limitMs, entries]): Overdue => {
        const facts: RunFacts = {
          ...{ about: 'Run', uid, name: runName(task, point), namespace, task, slot, state: 'Pending' },
          ...{ trigger: 'Schedule', attempts: 0, scheduledTime: point.point, limitMs },
        };
        return { key: `${uid}/Late/${limitMs}`, event: 'Late', facts, entries };
      });
  });
  await addAll(tx, found);
}

function overdue(
  row: RunRow,
  event: Overdue['event'],
  limitMs: number,
  entries: readonly Routed<RunNotify>[],
): Overdue {
  const facts = { ...runFacts(row), limitMs };
  return { key: `${row.uid}/${event}/${limitMs}`, event, facts, entries };
}

function byLimit(
  entries: readonly Routed<RunNotify>[],
  limitOf: (entry: RunNotify) => number | undefined,
): Map<number, Routed<RunNotify>[]> {
  const all = new Map<number, Routed<RunNotify>[]>();
  for (const entry of entries) {
    const limitMs = limitOf(entry);
    if (limitMs !== undefined) all.set(limitMs, [...(all.get(limitMs) ?? []), entry]);
  }
  return all;
}

/** Most of them have been told the last time that somebody looked. */
async function addAll(tx: Transaction, found: readonly Overdue[]): Promise<void> {
  if (found.length === 0) return;
  const keys = found.map(({ key }) => key);
  const told = await tx.write
    .selectFrom('notifications')
    .select('event_key')
    .where(inList(tx, 'event_key', keys))
    .execute();
  const known = new Set(told.map(({ event_key }) => event_key));
  for (const { key, event, facts, entries } of found) {
    if (!known.has(key)) await addNews(tx, { key, event, facts }, entries);
  }
}
