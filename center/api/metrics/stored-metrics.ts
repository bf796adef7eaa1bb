import { type Clock, type Logger, messageOf } from '../../../base/index.js';
import type { Store, StoreStatistics } from '../../store/index.js';
import type { MetricBook } from './metric-book.js';

/** Who scrapes more often gets the same figures again: at 100,000 tasks they cost the store some hundredths of a second. */
const FRESH_MS = 5_000;
/** A time point may be this old before its run is missed. */
const OVERDUE_MS = 60_000;

/** What is counted in the store when somebody asks. */
export class StoredMetrics {
  private readonly tasks;
  private readonly overdue;
  private readonly runs;
  private readonly agents;
  private readonly ready;
  private readonly notifications;
  private readonly oldest;
  private latest: { readonly at: number; readonly statistics: Promise<StoreStatistics | undefined> } | undefined;

  constructor(book: MetricBook) {
    this.tasks = book.gauge('cloudtask_tasks');
    this.overdue = book.gauge('cloudtask_tasks_overdue');
    this.runs = book.gauge('cloudtask_runs_open');
    this.agents = book.gauge('cloudtask_agents');
    this.ready = book.gauge('cloudtask_agent_ready');
    this.notifications = book.gauge('cloudtask_notifications');
    this.oldest = book.gauge('cloudtask_notifications_oldest_pending_timestamp_seconds');
  }

  /** With a store that does not answer the others are told all the same. */
  async fill(store: Store | undefined, clock: Clock, log: Logger): Promise<void> {
    const statistics = store === undefined ? undefined : await this.read(store, clock, log);
    const all = [this.tasks, this.overdue, this.runs, this.agents, this.ready, this.notifications, this.oldest];
    for (const gauge of all) gauge.reset();
    if (statistics === undefined) return;
    for (const [state, count] of Object.entries(statistics.tasks)) this.tasks.set({ state: state || 'Unknown' }, count);
    this.overdue.set(statistics.overdueTasks);
    for (const state of ['Pending', 'Queued', 'Running']) this.runs.set({ state }, statistics.openRuns[state] ?? 0);
    for (const { name, cluster, state, cordoned } of statistics.agents) {
      const isReady = state === 'Ready';
      this.agents.inc({ cluster, state: isReady && cordoned ? 'Cordoned' : isReady ? 'Ready' : 'NotReady' });
      this.ready.set({ agent: name, cluster }, isReady ? 1 : 0);
    }
    for (const { namespace, notifier, state, count, oldest } of statistics.notifications) {
      this.notifications.set({ namespace, notifier, state }, count);
      if (oldest !== undefined) this.oldest.set({ namespace, notifier }, oldest / 1000);
    }
  }

  private read(store: Store, clock: Clock, log: Logger): Promise<StoreStatistics | undefined> {
    const at = clock.monotonic();
    if (this.latest === undefined || at - this.latest.at >= FRESH_MS) {
      const statistics = store.statistics(clock.now() - OVERDUE_MS).catch((error: unknown) => {
        log.warn({ err: messageOf(error) }, 'the store could not be counted for metrics');
        return undefined;
      });
      this.latest = { at, statistics };
    }
    return this.latest.statistics;
  }
}
