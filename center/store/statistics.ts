// What metrics say of everything that is stored. Asked for with each scrape, so nothing here may read whole objects of which there are
// many: tasks are counted in the index of lists, runs in that of open ones.
import { sql } from 'kysely';
import type { SqlDatabase } from './database.js';
import type { StateSchema } from './schema.js';

export interface StoreStatistics {
  /** Tasks by their state; '' for those that no leader has looked at yet. */
  readonly tasks: Readonly<Record<string, number>>;
  /** Tasks whose next time point was before the asked time, and of which nothing was reported since. */
  readonly overdueTasks: number;
  /** Runs that have not ended, by their state. */
  readonly openRuns: Readonly<Record<string, number>>;
  readonly agents: readonly AgentStatistics[];
  readonly notifications: readonly NotificationStatistics[];
}

export interface AgentStatistics {
  readonly name: string;
  readonly cluster: string;
  readonly state: string;
  /** It gets no more tasks. */
  readonly cordoned: boolean;
}

/** Of one notifier, in one state. */
export interface NotificationStatistics {
  readonly namespace: string;
  readonly notifier: string;
  readonly state: string;
  readonly count: number;
  /** When the oldest of those that wait was written, ms. */
  readonly oldest?: number;
}

export async function readStatistics(db: SqlDatabase<StateSchema>, overdueBefore: number): Promise<StoreStatistics> {
  const count = sql<number>`count(*)`.as('count');
  const tasks = db.read.selectFrom('objects').where('kind', '=', 'Task').select(['state', count]).groupBy('state');
  // Times of the API all have the same length: as texts they have the order of times.
  const overdue = db.read
    .selectFrom('objects')
    .where('kind', '=', 'Task')
    .where('next_time', '<', new Date(overdueBefore).toISOString())
    .where('state', 'in', ['Active', 'Running', 'Degraded'])
    .select(count);
  const runs = db.read.selectFrom('runs').where('final', '=', 0).select(['state', count]).groupBy('state');
  const agents = db.read.selectFrom('objects').where('kind', '=', 'Agent').select(['name', 'cluster', 'state', 'spec']);
  // What was sent stays for a week: it is counted in the index, and only what waits is looked at.
  const notifications = db.read
    .selectFrom('notifications')
    .select(['namespace', 'notifier', 'state', count])
    .groupBy(['namespace', 'notifier', 'state']);
  const waiting = db.read
    .selectFrom('notifications')
    .where('state', '=', 'Pending')
    .select(['namespace', 'notifier', sql<number>`min(created_time)`.as('oldest')])
    .groupBy(['namespace', 'notifier']);
  const rows = await db.snapshot(tasks, overdue, runs, agents, notifications, waiting);
  const [taskRows = [], overdueRows = [], runRows = [], agentRows = [], notificationRows = [], waitingRows = []] = rows;
  const oldestOf = (namespace: unknown, notifier: unknown) =>
    waitingRows.find((row) => row.namespace === namespace && row.notifier === notifier)?.oldest;
  return {
    tasks: byState(taskRows),
    overdueTasks: Number(overdueRows[0]?.count ?? 0),
    openRuns: byState(runRows),
    agents: agentRows.map(({ name, cluster, state, spec }) => ({
      name: String(name),
      cluster: String(cluster ?? 'default'),
      state: String(state ?? ''),
      cordoned: (JSON.parse(String(spec)) as { unschedulable?: boolean }).unschedulable === true,
    })),
    notifications: notificationRows.map(({ namespace, notifier, state, count: rowCount }) => {
      const oldest = state === 'Pending' ? oldestOf(namespace, notifier) : undefined;
      return {
        ...{ namespace: String(namespace), notifier: String(notifier), state: String(state), count: Number(rowCount) },
        ...(oldest === undefined ? {} : { oldest: Number(oldest) }),
      };
    }),
  };
}

function byState(rows: readonly Readonly<Record<string, unknown>>[]): Record<string, number> {
  return Object.fromEntries(rows.map(({ state, count }) => [String(state ?? ''), Number(count)]));
}
