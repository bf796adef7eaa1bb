// Metrics of a center. What happens often is counted as it happens; the rest is looked at when somebody asks.
import type { Clock, Logger } from '../../../base/index.js';
import type { CoordinationObserver, SessionState } from '../../../coordination/index.js';
import type { Change, Store, StoreDatabase } from '../../store/index.js';
import type { StreamSet } from '../stream-set.js';
import { AgentMetrics } from './agent-metrics.js';
import { type ControllersCounted, LeaderMetrics } from './leader-metrics.js';
import { MetricBook } from './metric-book.js';
import { RunMetrics } from './run-metrics.js';
import { StoredMetrics } from './stored-metrics.js';
import { TaskMetrics } from './task-metrics.js';

export interface MetricsOptions {
  readonly version?: string;
  /** Absent where none run. */
  controllers?(): ControllersCounted;
  /** Whether this center tells of the whole installation: one does at a time. Always unless given. */
  tellsOfAll?(): boolean;
}

export interface MetricsSources {
  readonly store: Store;
  readonly streams: StreamSet;
  readonly clock: Clock;
  readonly log: Logger;
  leads(): boolean;
}

export class Metrics implements CoordinationObserver {
  readonly logBytes;
  readonly agents: AgentMetrics;
  private readonly book = new MetricBook();
  private readonly options: MetricsOptions;
  private readonly tasks: TaskMetrics;
  private readonly runs: RunMetrics;
  private readonly stored: StoredMetrics;
  private readonly leader: LeaderMetrics;
  private readonly requests;
  private readonly writes;
  private readonly storeRequests;
  private readonly storeFailures;
  private readonly zookeeper;
  private readonly own;

  constructor(options: MetricsOptions = {}) {
    const { book } = this;
    this.options = options;
    this.tasks = new TaskMetrics(book);
    this.runs = new RunMetrics(book, this.tasks);
    this.agents = new AgentMetrics(book);
    this.stored = new StoredMetrics(book);
    this.leader = new LeaderMetrics(book);
    this.logBytes = book.counter('cloudtask_log_bytes_total');
    this.requests = book.counter('cloudtask_api_requests_total');
    this.writes = book.histogram('cloudtask_store_write_duration_seconds');
    this.storeRequests = book.histogram('cloudtask_store_request_duration_seconds');
    this.storeFailures = book.counter('cloudtask_store_failures_total');
    for (const database of ['state', 'logs', 'packages']) this.storeFailures.inc({ database }, 0);
    this.zookeeper = {
      connected: book.gauge('cloudtask_zookeeper_connected'),
      requests: book.histogram('cloudtask_zookeeper_request_duration_seconds'),
      connectionsLost: book.counter('cloudtask_zookeeper_connections_lost_total'),
      sessionsLost: book.counter('cloudtask_zookeeper_sessions_lost_total'),
    };
    this.own = {
      leader: book.gauge('cloudtask_leader'),
      watch: book.gauge('cloudtask_watch_clients'),
      log: book.gauge('cloudtask_log_followers'),
      agent: book.gauge('cloudtask_agent_streams'),
    };
    const { version = '0.0.0' } = options;
    book.gauge('cloudtask_build_info').set({ version, node: process.versions.node }, 1);
  }

  get contentType(): string {
    return this.book.contentType;
  }

  /** In the text format of Prometheus. */
  async text({ store, streams, clock, log, leads }: MetricsSources): Promise<string> {
    await this.stored.fill(this.tellsOfAll ? store : undefined, clock, log);
    if (!this.tellsOfAll) this.tasks.forget();
    this.agents.fill();
    const { controllers } = this.options;
    if (controllers !== undefined) this.leader.fill(controllers());
    this.own.leader.set(leads() ? 1 : 0);
    for (const kind of ['watch', 'log', 'agent'] as const) this.own[kind].set(streams.count(kind));
    return this.book.text();
  }

  observeRequest(method: string, code: number): void {
    this.requests.inc({ method, code: String(code) });
  }

  /** Measures how long a write takes, whether it succeeds or not. */
  async timeWrite<T>(operation: string, write: () => Promise<T>): Promise<T> {
    const end = this.writes.startTimer({ operation });
    try {
      return await write();
    } finally {
      end();
    }
  }

  observeStore(database: StoreDatabase, ms: number, failed: boolean): void {
    this.storeRequests.observe({ database }, ms / 1000);
    if (failed) this.storeFailures.inc({ database });
  }

  observeChange(change: Change): void {
    if (change.kind === 'Task') this.tasks.taskChanged(change);
    else if (change.kind === 'Run' && this.tellsOfAll) this.runs.observe(change);
  }

  // --- CoordinationObserver ---

  answered(write: boolean, ms: number): void {
    this.zookeeper.requests.observe({ kind: write ? 'write' : 'read' }, ms / 1000);
  }

  state(state: SessionState): void {
    this.zookeeper.connected.set(state === 'connected' ? 1 : 0);
    if (state === 'disconnected') this.zookeeper.connectionsLost.inc();
    if (state === 'expired') this.zookeeper.sessionsLost.inc();
  }

  private get tellsOfAll(): boolean {
    return this.options.tellsOfAll?.() ?? true;
  }
}
