// Rule R7: an open run is Lost when its agent has been silent on ZooKeeper and HTTP for the cluster's lostAfter. The
// verdict is overruled when the agent comes back with the true end.
import type { Run } from '../../../manifests/index.js';
import type { LeaderRunVerdict, Stored } from '../../store/store-types.js';
import type { Leadership } from '../leadership.js';
import type { StoreView } from '../store-view.js';
import { verdictReport } from './run-facts.js';
import type { Silence } from './silence.js';

/** An agent whose runs were all settled is looked at again so often: a late report may have opened one. */
const RECHECK_MS = 60_000;
/** Runs per transaction. */
const SLICE = 500;

export class LostRuns {
  private readonly leadership: Leadership;
  private readonly view: StoreView;
  private readonly silence: Silence;
  private readonly counters: { lostRuns: number };
  /** Whether the run certainly waits for its next attempt: then nothing of it is lost. */
  private readonly waits: (run: Stored<Run>) => Promise<boolean>;
  /** Agents known only from their open runs, e.g. because their object was deleted. */
  readonly strangers = new Set<string>();
  private readonly checkedAt = new Map<string, number>();

  constructor(
    leadership: Leadership,
    view: StoreView,
    silence: Silence,
    counters: { lostRuns: number },
    waits: (run: Stored<Run>) => Promise<boolean>,
  ) {
    this.waits = waits;
    this.leadership = leadership;
    this.view = view;
    this.silence = silence;
    this.counters = counters;
  }

  async reconcile(): Promise<void> {
    const { clock, signal } = this.leadership;
    for (const agent of new Set([...this.view.agents.keys(), ...this.strangers])) {
      if (signal.aborted) return;
      const lostAfterMs = this.view.lostAfterMs(this.view.agents.get(agent)?.cluster ?? 'default');
      if (this.silence.silentFor(agent) < lostAfterMs) {
        this.checkedAt.delete(agent);
        continue;
      }
      const checked = this.checkedAt.get(agent);
      if (checked !== undefined && clock.monotonic() - checked < RECHECK_MS) continue;
      await this.giveUp(agent);
      this.checkedAt.set(agent, clock.monotonic());
    }
  }

  private async giveUp(agent: string): Promise<void> {
    const { store, clock, fence, log } = this.leadership;
    const runs: Stored<Run>[] = [];
    for (const run of await store.openRuns({ agent })) if (!(await this.waits(run))) runs.push(run);
    if (runs.length === 0) return;
    const time = clock.now();
    const message = `agent ${agent} has not been heard of on ZooKeeper and HTTP`;
    const verdicts = runs.map((run): LeaderRunVerdict => {
      return { report: verdictReport(run, { state: 'Lost', reason: 'AgentSilent', message, time }), agent };
    });
    for (let start = 0; start < verdicts.length; start += SLICE) {
      this.counters.lostRuns += await store.recordVerdicts(verdicts.slice(start, start + SLICE), fence);
    }
    log.warn({ agent, runs: runs.length }, 'open runs of a silent agent are recorded as Lost');
  }
}
