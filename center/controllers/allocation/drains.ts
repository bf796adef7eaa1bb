// How far agents that drain have come. The moves are made by the plan; here is what it has to know for them, and what is
// told about them.
import type { Clock } from '../../../base/index.js';
import { triggerName } from '../../../coordination/index.js';
import type { StoreView } from '../store-view.js';
import { constraintsOf, isCandidate, isEligible } from './eligibility.js';
import type { RecordCache } from './record-cache.js';
import type { PlanAgent, PlanInput } from './types.js';

/** The report of a run that was claimed ahead follows its start; until then nobody knows of it but its agent. */
const REPORT_MS = 1_000;
/** Names that are told; the number says the rest. */
const NAMES_MAX = 5;

export interface DrainProgress {
  /** Slots it still owns. */
  readonly owned: number;
  /** Of these, those that wait for a run to end. */
  readonly waiting: number;
  /** Names of tasks that no other agent may have, the first few. */
  readonly stuck: readonly string[];
  readonly stuckCount: number;
  /** Uids of all of them. */
  readonly stuckTasks: ReadonlySet<string>;
  /** Runs there that have not ended. */
  readonly openRuns: number;
  /** It owns nothing, and nothing runs there or will start (with IgnoreRuns: it owns nothing). */
  readonly drained: boolean;
}

/** Open runs of agents: slot names, one per run. */
export type OpenSlots = ReadonlyMap<string, readonly string[]>;

export class Drains {
  /** By agent that drains. */
  readonly progress = new Map<string, DrainProgress>();
  private readonly view: StoreView;
  private readonly cache: RecordCache;
  private readonly clock: Clock;
  private readonly claimedByFormer: ReadonlyMap<string, number>;

  constructor(view: StoreView, cache: RecordCache, clock: Clock, claimedByFormer: ReadonlyMap<string, number>) {
    this.view = view;
    this.cache = cache;
    this.clock = clock;
    this.claimedByFormer = claimedByFormer;
  }

  /** Agents that drain, also those that are gone: they may have left runs. */
  get agents(): string[] {
    return [...this.view.agents.values()].filter(({ drain }) => drain !== undefined).map(({ name }) => name);
  }

  /** Slots that must not leave their draining owners yet. */
  busy(open: OpenSlots): Set<string> {
    const waits = [...open].filter(([agent]) => this.view.agents.get(agent)?.drain !== 'IgnoreRuns');
    return new Set(waits.flatMap(([, slots]) => slots));
  }

  /** Brings `progress` up to date after a plan. Returns the agents whose progress is another one now, and the time after
   * which it may be so though nothing happens, ms. */
  look(input: PlanInput, open: OpenSlots): { changed: string[]; wakeAfterMs: number } {
    const changed: string[] = [];
    let wakeAfterMs = Number.POSITIVE_INFINITY;
    const agents = this.agents;
    for (const name of this.progress.keys()) {
      if (agents.includes(name)) continue;
      this.progress.delete(name);
      changed.push(name);
    }
    for (const name of agents) {
      const settledAt = (this.claimedByFormer.get(name) ?? 0) + REPORT_MS;
      const progress = this.of(name, input, open.get(name) ?? [], settledAt);
      const left = settledAt - this.clock.now();
      if (progress.owned === 0 && left > 0) wakeAfterMs = Math.min(wakeAfterMs, left);
      const told = JSON.stringify(this.progress.get(name)); // which says nothing of a set
      this.progress.set(name, progress);
      if (JSON.stringify(progress) !== told) changed.push(name);
    }
    return { changed, wakeAfterMs };
  }

  private of(name: string, input: PlanInput, open: readonly string[], settledAt: number): DrainProgress {
    const entries = this.cache.entriesOf(name);
    const owned = entries.map(({ taskUid }) => taskUid);
    const busy = new Set(open);
    const ignoresRuns = this.view.agents.get(name)?.drain === 'IgnoreRuns';
    const hasOther = this.others(name, input.agents);
    const stuck = new Set(owned.filter((uid) => !hasOther(uid)));
    const ran = ignoresRuns || (open.length === 0 && this.clock.now() >= settledAt);
    return {
      owned: owned.length,
      waiting: ignoresRuns
        ? 0
        : entries.filter(({ taskUid, slot }) => busy.has(triggerName(taskUid, slot)) && !stuck.has(taskUid)).length,
      stuck: [...stuck].slice(0, NAMES_MAX).map((uid) => this.nameOf(uid)),
      stuckCount: stuck.size,
      stuckTasks: stuck,
      openRuns: open.length,
      drained: owned.length === 0 && ran,
    };
  }

  /** Whether somebody else may have a task; asked once for all tasks of the same constraints. */
  private others(owner: string, agents: readonly PlanAgent[]): (uid: string) => boolean {
    const candidates = agents.filter((agent) => agent.name !== owner && isCandidate(agent));
    const known = new Map<string, boolean>();
    return (uid) => {
      const task = this.view.tasks.get(uid);
      if (task === undefined || task.mode === 'EveryAgent') return true; // nobody else gets it: it is put off, or goes
      const key = constraintsOf(task);
      const has = known.get(key) ?? candidates.some((agent) => isEligible(task, agent));
      known.set(key, has);
      return has;
    };
  }

  private nameOf(uid: string): string {
    const task = this.view.tasks.get(uid);
    return task === undefined ? uid : `${task.namespace}/${task.name}`;
  }
}
