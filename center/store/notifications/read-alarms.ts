// What is wrong by now with a cluster, with its tasks, and with the installation that it belongs to.
import type { AlarmEntry } from '../../../manifests/index.js';
import { inList, type SqlDatabase } from '../database.js';
import { iso } from '../iso-time.js';
import type { StateSchema } from '../schema.js';
import type { Alarm } from './notification-book.js';

type Database = SqlDatabase<StateSchema>;

/** Alarms that stand, the oldest first. They are few: the center raises 200 of a sort at the most. */
export async function alarmsOfCluster(db: Database, cluster: string): Promise<AlarmEntry[]> {
  const rows = await db.read.selectFrom('notify_alarms').selectAll().orderBy('since').orderBy('alarm').execute();
  const alarms = rows.map(({ since, facts }) => ({ since: Number(since), alarm: JSON.parse(facts) as Alarm }));
  const tasks = await tasksOf(
    db,
    cluster,
    alarms.flatMap(({ alarm: { to } }) => ('taskUid' in to ? [to.taskUid] : [])),
  );
  const concerns = ({ to }: Alarm) =>
    'taskUid' in to ? tasks.has(to.taskUid) : !('cluster' in to) || to.cluster === cluster;
  return alarms
    .filter(({ alarm }) => concerns(alarm))
    .map(({ since, alarm: { event, subject, message, commands, regarding } }) => ({
      ...{ event, subject, message, commands, since: iso(since) },
      regarding: {
        ...{ kind: regarding.kind, name: regarding.name },
        ...(regarding.namespace === undefined ? {} : { namespace: regarding.namespace }),
      },
    }));
}

/** Those of these tasks that are of the cluster. */
async function tasksOf(db: Database, cluster: string, taskUids: readonly string[]): Promise<ReadonlySet<string>> {
  if (taskUids.length === 0) return new Set();
  const rows = await db.read
    .selectFrom('objects')
    .select(['uid', 'cluster'])
    .where('kind', '=', 'Task')
    .where(inList(db, 'uid', taskUids))
    .execute();
  return new Set(rows.filter((row) => (row.cluster ?? 'default') === cluster).map(({ uid }) => uid));
}
