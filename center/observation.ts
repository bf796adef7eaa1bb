// What a center tells to those who look from outside: metrics when they ask, and traces of runs where somebody takes them.
import { Metrics } from './api/index.js';
import type { CenterOptions } from './center-options.js';
import type { Controllers } from './controllers/index.js';
import type { Store, StoreDatabase } from './store/index.js';
import { RunTracer } from './traces/run-tracer.js';

export class Observation {
  readonly metrics: Metrics;
  private readonly options: CenterOptions;
  private readonly tellsOfAll: () => boolean;
  private tracer: RunTracer | undefined;

  constructor(options: CenterOptions, controllers: () => Controllers) {
    this.options = options;
    // One center at a time has a SQLite store; it tells of all also while it does not lead.
    this.tellsOfAll = () => options.store === undefined || controllers().isLeader;
    this.metrics = new Metrics({
      ...(options.version === undefined ? {} : { version: options.version }),
      controllers,
      tellsOfAll: this.tellsOfAll,
    });
  }

  readonly observeStore = (database: StoreDatabase, ms: number, failed: boolean): void =>
    this.metrics.observeStore(database, ms, failed);

  watch(store: Store): void {
    const { traces, clock, log, centerId, version = '0.0.0' } = this.options;
    if (traces === undefined) return;
    const about = { version, instance: centerId, clock, log: log.child({ part: 'traces' }) };
    this.tracer = new RunTracer(store, this.tellsOfAll, { ...traces, ...about });
  }

  async stop(): Promise<void> {
    await this.tracer?.stop();
  }
}
