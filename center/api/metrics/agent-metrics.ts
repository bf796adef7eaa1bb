import { type AgentCounts, type AgentHeartbeat, agentCountNames } from '../../../manifests/index.js';
import type { MetricBook } from './metric-book.js';

/** An agent that was not heard of for so long reports to another center, or to none, ms. */
const HEARD_MS = 60_000;

interface Heard {
  readonly labels: { readonly agent: string; readonly cluster: string };
  /** performance.now() of the heartbeat. */
  readonly at: number;
  readonly body: Partial<AgentHeartbeat>;
  readonly counts: AgentCounts | undefined;
}

/** What agents say of themselves with their heartbeats. They listen on no port: whoever asks the centers has asked all agents. */
export class AgentMetrics {
  private readonly gauges;
  private readonly counters;
  private readonly claims;
  private readonly heard = new Map<string, Heard>();

  constructor(book: MetricBook) {
    this.gauges = {
      running: book.gauge('cloudtask_agent_running_runs'),
      tasks: book.gauge('cloudtask_agent_tasks'),
      spoolBytes: book.gauge('cloudtask_agent_spool_bytes'),
      pendingReports: book.gauge('cloudtask_agent_pending_reports'),
    };
    this.claims = book.counter('cloudtask_agent_claims_total');
    this.counters = {
      zookeeperRequests: book.counter('cloudtask_agent_zookeeper_requests_total'),
      zookeeperSeconds: book.counter('cloudtask_agent_zookeeper_request_seconds_total'),
      zookeeperConnectionsLost: book.counter('cloudtask_agent_zookeeper_connections_lost_total'),
      zookeeperSessionsLost: book.counter('cloudtask_agent_zookeeper_sessions_lost_total'),
    };
  }

  note(agent: string, cluster: string, body: Partial<AgentHeartbeat>): void {
    const counts = countsOf(body.counts);
    this.heard.set(agent, { labels: { agent, cluster }, at: performance.now(), body, counts });
  }

  fill(): void {
    for (const metric of [...Object.values(this.gauges), ...Object.values(this.counters), this.claims]) metric.reset();
    const oldest = performance.now() - HEARD_MS;
    for (const [agent, { labels, at, body, counts }] of this.heard) {
      if (at < oldest) {
        this.heard.delete(agent);
        continue;
      }
      for (const [name, gauge] of Object.entries(this.gauges)) {
        const value = body[name as keyof typeof this.gauges];
        if (isCount(value)) gauge.set(labels, value);
      }
      if (counts === undefined) continue;
      for (const [name, counter] of Object.entries(this.counters)) {
        counter.inc(labels, counts[name as keyof typeof this.counters]);
      }
      this.claims.inc({ ...labels, outcome: 'won' }, counts.claimsWon);
      this.claims.inc({ ...labels, outcome: 'lost' }, counts.claimsLost);
      this.claims.inc({ ...labels, outcome: 'failed' }, counts.claimsFailed);
    }
  }
}

/** undefined for an agent that does not count, or says nonsense. */
function countsOf(counts: AgentCounts | undefined): AgentCounts | undefined {
  return agentCountNames.every((name) => isCount(counts?.[name])) ? counts : undefined;
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}
