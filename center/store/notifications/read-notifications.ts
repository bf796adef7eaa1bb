// What people are shown of the outbox: the latest of a notifier, of a task, and who names a notifier.
import { sql } from 'kysely';
import { type NotificationEntry, type NotifierUse, SYSTEM_NAMESPACE } from '../../../manifests/index.js';
import type { SqlDatabase } from '../database.js';
import { iso } from '../iso-time.js';
import type { NotificationsTable, StateSchema } from '../schema.js';
import type { NotificationFacts, NotifierKey } from './notification-book.js';
import { CLUSTER_RUNS } from './notify-rules.js';

type Database = SqlDatabase<StateSchema>;
type Row = Omit<NotificationsTable, 'id'> & { readonly id: number };

const STATES = ['Pending', 'Sent', 'Failed'] as const;
/** Notifications of older runs than these are not looked for. */
const RUNS_MAX = 500;

/** Each state has its place in an index, in the order of what happened. */
export async function latestOfNotifier(
  db: Database,
  { namespace, notifier }: NotifierKey,
  limit: number,
): Promise<NotificationEntry[]> {
  const rows: Row[] = [];
  for (const state of STATES) {
    const found = db.read
      .selectFrom('notifications')
      .selectAll()
      .where('namespace', '=', namespace)
      .where('notifier', '=', notifier)
      .where('state', '=', state)
      .orderBy('id', 'desc')
      .limit(limit);
    rows.push(...((await found.execute()) as Row[]));
  }
  return newest(rows, limit);
}

/** By the names of the events, which begin with the uid of the run and a word: there is no index of tasks. */
export async function latestOfTask(db: Database, taskUid: string, limit: number): Promise<NotificationEntry[]> {
  const rows = await db.read
    .selectFrom('notifications')
    .innerJoin(
      (eb) =>
        eb
          .selectFrom('runs')
          .select('uid')
          .where('task_uid', '=', taskUid)
          .orderBy('id', 'desc')
          .limit(RUNS_MAX)
          .as('run'),
      (join) => join.on(sql<boolean>`event_key > run.uid || '/' and event_key < run.uid || '/zz'`),
    )
    .selectAll('notifications')
    .orderBy('notifications.id', 'desc')
    .limit(limit)
    .execute();
  return newest(rows as Row[], limit);
}

const newest = (rows: readonly Row[], limit: number): NotificationEntry[] =>
  [...rows]
    .sort((a, b) => b.id - a.id)
    .slice(0, limit)
    .map(entryOf);

function entryOf(row: Row): NotificationEntry {
  const facts = JSON.parse(row.facts) as NotificationFacts;
  const to = (JSON.parse(row.recipients) as string[]).filter((address) => address !== '');
  return {
    ...{ id: String(row.id), event: row.event, notifier: { namespace: row.namespace, name: row.notifier } },
    ...aboutOf(facts),
    ...(to.length === 0 ? {} : { to }),
    ...{ state: row.state as NotificationEntry['state'], attempts: row.attempts, time: iso(row.created_time) },
    ...(row.error === null ? {} : { error: row.error }),
    ...(row.finish_time === null ? {} : { finishTime: iso(row.finish_time) }),
  };
}

function aboutOf(facts: NotificationFacts): Pick<NotificationEntry, 'regarding' | 'run' | 'runState'> {
  if (facts.about === 'Agent') return { regarding: { kind: 'Agent', name: facts.agent } };
  if (facts.about !== 'Run') return {};
  const { namespace, task, name, state } = facts;
  return { regarding: { kind: 'Task', namespace, name: task }, run: name, runState: state };
}

/** What names it, by kind and name; a cluster that names it for its agents and for runs is there twice. */
export async function usesOfNotifier(
  db: Database,
  { namespace, notifier }: NotifierKey,
  limit: number,
): Promise<NotifierUse[]> {
  // All rules are looked through: they are small, and somebody has asked.
  const rows = await db.read
    .selectFrom('notify_rules')
    .select(['kind', 'namespace', 'name', 'rules'])
    .where(db.dialect.contains(sql.ref('rules'), JSON.stringify({ notifier }).slice(1, -1)))
    .where((eb) =>
      eb.or([
        eb.and([eb('kind', '=', 'Task'), eb('namespace', '=', namespace)]),
        eb.and([eb('kind', '=', 'Namespace'), eb('name', '=', namespace)]),
        ...(namespace === SYSTEM_NAMESPACE ? [eb('kind', 'in', ['Cluster', CLUSTER_RUNS])] : []),
      ]),
    )
    .orderBy('kind')
    .orderBy('name')
    .limit(limit)
    .execute();
  return rows.map((row) => {
    const rules = JSON.parse(row.rules) as { notifier: string; on?: string[] }[];
    const own = rules.filter((rule) => rule.notifier === notifier);
    return {
      ...{
        kind: row.kind === CLUSTER_RUNS ? 'Cluster' : row.kind,
        ...(row.namespace === '' ? {} : { namespace: row.namespace }),
        name: row.name,
      },
      on: [...new Set(own.flatMap(({ on = [] }) => on))],
    };
  });
}
