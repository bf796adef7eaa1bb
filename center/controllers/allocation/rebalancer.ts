// When to rebalance (I6), cluster by cluster: on request, exactly the moves that were shown; slowly by itself, when one
// agent has owned much more than another for a while.
import type { Clock } from '../../../base/index.js';
import type { Cluster } from '../../../manifests/index.js';
import type { ClusterView, StoreView } from '../store-view.js';
import { isCandidate } from './eligibility.js';
import { digestOf, imbalanceOf, planRebalance } from './rebalance.js';
import type { PlanInput, Relocation } from './types.js';

/** Spread from which on tasks move by themselves. */
export const SLOW_SPREAD = 0.25;
/** Of the tasks of the cluster, moved in one step. */
export const SLOW_SHARE = 0.01;
export const SLOW_STEP_MS = 60_000;
/** The same agents must have been there for so long: a rolling restart or a join on trial moves nothing. */
export const SLOW_SETTLE_MS = 300_000;

export type RebalanceAnswer = NonNullable<NonNullable<Cluster['status']>['rebalance']>;

interface Underway {
  readonly id: string;
  readonly moves: readonly Relocation[];
}

interface Pace {
  /** Who could own slots, and how much. */
  agents: string;
  /** Monotonic time of the next look. */
  nextAt: number;
}

export interface Wanted {
  readonly relocations: Map<string, Relocation>;
  /** Time after which more may be wanted though nothing happens, ms. */
  readonly wakeAfterMs: number;
}

export class Rebalancer {
  /** By cluster: what became of the latest request of this term. */
  readonly answers = new Map<string, RebalanceAnswer>();
  private readonly view: StoreView;
  private readonly clock: Clock;
  /** Monotonic time from which on agents that are not there are believed to be gone (I7). */
  private readonly believeAt: number;
  private readonly underway = new Map<string, Underway>();
  private readonly paces = new Map<string, Pace>();

  constructor(view: StoreView, clock: Clock, settleMs: number) {
    this.view = view;
    this.clock = clock;
    this.believeAt = clock.monotonic() + settleMs;
  }

  /** Moves of a request are not made yet. */
  get waits(): boolean {
    return [...this.answers.values()].some(({ state }) => state === 'Running');
  }

  /** `busyOf`: slots of these agents that have an open run. */
  async look(input: PlanInput, busyOf: (agents: readonly string[]) => Promise<ReadonlySet<string>>): Promise<Wanted> {
    const relocations = new Map<string, Relocation>();
    let wakeAfterMs = Number.POSITIVE_INFINITY;
    for (const name of this.view.clusters) {
      const cluster = this.view.cluster(name);
      const left = this.believeAt - this.clock.monotonic();
      if (this.isOpen(cluster) && left > 0) wakeAfterMs = Math.min(wakeAfterMs, left);
      else for (const move of this.requested(cluster, input)) relocations.set(move.name, move);
      const slow = cluster.rebalance === 'Slow' ? await this.slow(cluster, input, busyOf) : undefined;
      for (const move of slow?.moves ?? []) relocations.set(move.name, move);
      wakeAfterMs = Math.min(wakeAfterMs, slow?.wakeAfterMs ?? Number.POSITIVE_INFINITY);
    }
    return { relocations, wakeAfterMs };
  }

  private isOpen({ name, request, answer }: ClusterView): boolean {
    if (request === undefined) return false;
    const known = this.answers.get(name) ?? answer;
    return known?.request !== request.id || known.state === 'Running';
  }

  private requested(cluster: ClusterView, input: PlanInput): readonly Relocation[] {
    const { name, request, answer } = cluster;
    if (request === undefined || !this.isOpen(cluster)) {
      this.underway.delete(name);
      return [];
    }
    let current = this.underway.get(name);
    if (current?.id !== request.id) {
      const { moves } = planRebalance(input, name);
      // One that an earlier leader began is finished with the moves that are left of it: some are made already.
      const begun = answer?.request === request.id && answer.state === 'Running';
      if (!begun && digestOf(moves) !== request.digest) {
        this.answers.set(name, { request: request.id, state: 'Refused', moves: moves.length, left: 0 });
        return [];
      }
      current = { id: request.id, moves };
      this.underway.set(name, current);
    }
    const left = this.possible(current.moves, input);
    const state = left.length === 0 ? 'Done' : 'Running';
    this.answers.set(name, { request: request.id, state, moves: current.moves.length, left: left.length });
    return left;
  }

  /** Of these, the moves that are neither made nor overtaken by something else. */
  private possible(moves: readonly Relocation[], { records, agents }: PlanInput): Relocation[] {
    const candidates = new Set(agents.filter(isCandidate).map(({ name }) => name));
    return moves.filter(({ name, from, to }) => records.get(name)?.owner === from && candidates.has(to));
  }

  private async slow(
    { name }: ClusterView,
    input: PlanInput,
    busyOf: (agents: readonly string[]) => Promise<ReadonlySet<string>>,
  ): Promise<{ moves: readonly Relocation[]; wakeAfterMs: number }> {
    const now = this.clock.monotonic();
    const agents = input.agents
      .filter((agent) => agent.cluster === name && isCandidate(agent))
      .map((agent) => `${agent.name}*${agent.capacity}`)
      .sort()
      .join();
    const pace = this.paces.get(name);
    if (pace === undefined || pace.agents !== agents) {
      this.paces.set(name, { agents, nextAt: now + SLOW_SETTLE_MS });
      return { moves: [], wakeAfterMs: SLOW_SETTLE_MS };
    }
    if (now < pace.nextAt) return { moves: [], wakeAfterMs: pace.nextAt - now };
    pace.nextAt = now + SLOW_STEP_MS;
    const imbalance = imbalanceOf(input, name);
    if (imbalance.spread <= SLOW_SPREAD) return { moves: [], wakeAfterMs: SLOW_STEP_MS };
    const { moves } = planRebalance(input, name);
    const busy = await busyOf([...new Set(moves.map(({ from }) => from))]);
    const allowed = Math.max(1, Math.floor(imbalance.slots * SLOW_SHARE));
    return { moves: moves.filter((move) => !busy.has(move.name)).slice(0, allowed), wakeAfterMs: SLOW_STEP_MS };
  }
}
