import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Run } from '../../manifests/index.js';
import type { Change } from '../store/index.js';
import type { StreamSet } from './stream-set.js';

const LATENESS_SECONDS = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
const WRITE_SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5];

/** What the center counts. Every name has the unit at its end. */
export class Metrics {
  readonly registry = new Registry();
  readonly logBytes: Counter;
  private readonly runs: Counter<'state'>;
  private readonly lateness: Histogram;
  private readonly writes: Histogram<'operation'>;
  private readonly requests: Counter<'method' | 'code'>;

  constructor(streams: StreamSet, leads: () => boolean) {
    const registers = [this.registry];
    collectDefaultMetrics({ register: this.registry, prefix: 'cloudtask_center_' });
    this.runs = new Counter({
      name: 'cloudtask_runs_total',
      help: 'Runs that reached this state, as reported since the center started.',
      labelNames: ['state'],
      registers,
    });
    this.lateness = new Histogram({
      name: 'cloudtask_run_start_lateness_seconds',
      help: 'Time between the time point of a run and the start of its first attempt.',
      buckets: LATENESS_SECONDS,
      registers,
    });
    this.logBytes = new Counter({
      name: 'cloudtask_log_bytes_total',
      help: 'Log bytes received from agents.',
      registers,
    });
    this.writes = new Histogram({
      name: 'cloudtask_store_write_seconds',
      help: 'Time until a write was committed.',
      labelNames: ['operation'],
      buckets: WRITE_SECONDS,
      registers,
    });
    this.requests = new Counter({
      name: 'cloudtask_api_requests_total',
      help: 'Answers of the API.',
      labelNames: ['method', 'code'],
      registers,
    });
    const gauge = (name: string, help: string, value: () => number) =>
      new Gauge({
        name,
        help,
        registers,
        collect() {
          this.set(value());
        },
      });
    gauge('cloudtask_watch_clients', 'Open watches.', () => streams.count('watch'));
    gauge('cloudtask_log_followers', 'Open followers of logs.', () => streams.count('log'));
    gauge('cloudtask_agent_streams', 'Agents that listen for requests.', () => streams.count('agent'));
    gauge('cloudtask_leader', '1 while this center leads.', () => (leads() ? 1 : 0));
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

  observeRun({ type, object, previous }: Change): void {
    if (type === 'DELETED') return;
    const { spec, status } = object as Run;
    const before = (previous as Run | undefined)?.status;
    if (status === undefined) return;
    if (status.state !== before?.state) this.runs.inc({ state: status.state });
    const { scheduledTime, trigger } = spec;
    if (status.startTime === undefined || before?.startTime !== undefined) return;
    if (scheduledTime === undefined || trigger !== 'Schedule') return; // a late catch-up is no lateness of ours
    this.lateness.observe(Math.max(0, Date.parse(status.startTime) - Date.parse(scheduledTime)) / 1000);
  }
}
