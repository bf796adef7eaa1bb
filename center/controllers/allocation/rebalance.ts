// What to move so that every agent owns its share (I6). Pure, and the same in any order of its input: the API shows these
// moves, the leader makes them.
//
// A step takes a slot from the agent that owns most for its capacity and gives it to the eligible one that owns least, as
// long as the receiver then owns less for its capacity than the giver did before. Every step lowers
// Σ load · (load + 1) / capacity, so there is an end. A slot may be passed on by the agent it was given to, else the next
// rebalance would do that; of its steps only the first giver and the last receiver are a move. Cordoned and draining agents
// neither give nor get.
import { createHash } from 'node:crypto';
import { triggerName } from '../../../coordination/index.js';
import { constraintsOf, isCandidate, isEligible } from './eligibility.js';
import { hash32 } from './ring.js';
import type { PlanAgent, PlanTask, Relocation } from './types.js';

export interface RebalanceInput {
  readonly tasks: readonly PlanTask[];
  readonly agents: readonly PlanAgent[];
  /** By trigger name. */
  readonly records: ReadonlyMap<
    string,
    { readonly taskUid: string; readonly slot: string; readonly owner: string | null }
  >;
}

export interface Imbalance {
  /** How much more, for its capacity, the agent that owns most has than the one that owns least, as a share of the average. */
  readonly spread: number;
  /** Slots of the cluster that are owned. */
  readonly slots: number;
}

interface Load {
  readonly agent: PlanAgent;
  count: number;
  /** Slots that may be moved, in the order in which they are taken, by the group of their constraints. */
  readonly slots: Map<Group, string[]>;
}

interface Group {
  readonly candidates: readonly Load[];
}

export interface Rebalance extends Imbalance {
  readonly moves: readonly Relocation[];
}

export function planRebalance(input: RebalanceInput, cluster: string): Rebalance {
  const loads = loadsOf(input, cluster);
  takeStock(input, cluster, loads);
  const before = spreadOf(loads);
  const moves = new Map<string, Relocation>();
  // What one agent could not give away it perhaps can when another has given: passes, until one moves nothing.
  while (pass(loads, moves) > 0);
  return { ...before, moves: [...moves.values()] };
}

/** The same without the moves, at little cost. */
export function imbalanceOf(input: RebalanceInput, cluster: string): Imbalance {
  const loads = new Map(loadsOf(input, cluster).map((load) => [load.agent.name, load]));
  const everywhere = new Set(input.tasks.filter(({ mode }) => mode === 'EveryAgent').map(({ uid }) => uid));
  for (const { owner, taskUid } of input.records.values()) {
    if (everywhere.has(taskUid)) continue; // nobody else may have them: they are no imbalance
    const load = loads.get(owner ?? '');
    if (load !== undefined) load.count += 1;
  }
  return spreadOf([...loads.values()]);
}

function loadsOf({ agents }: RebalanceInput, cluster: string): Load[] {
  return [...agents]
    .filter((agent) => agent.cluster === cluster && agent.fit && isCandidate(agent))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((agent): Load => ({ agent, count: 0, slots: new Map() }));
}

/** Returns how many steps it made. */
function pass(loads: readonly Load[], moves: Map<string, Relocation>): number {
  const giving = new Set(loads);
  let steps = 0;
  while (giving.size > 0) {
    const from = most(giving);
    const best = bestMove(from);
    if (best === undefined) {
      giving.delete(from);
      continue;
    }
    const { group, to } = best;
    const slots = from.slots.get(group)!;
    const name = slots.pop()!;
    if (slots.length === 0) from.slots.delete(group);
    give(to, group, name);
    from.count -= 1;
    const first = moves.get(name)?.from ?? from.agent.name;
    // Its place is that of its last step: only then its receiver had room for it.
    moves.delete(name);
    if (first !== to.agent.name) moves.set(name, { name, from: first, to: to.agent.name });
    steps += 1;
  }
  return steps;
}

function give(load: Load, group: Group, name: string): void {
  load.count += 1;
  const slots = load.slots.get(group);
  if (slots === undefined) load.slots.set(group, [name]);
  else slots.push(name);
}

/** Short text that two equal lists of moves have in common. */
export function digestOf(moves: readonly Relocation[]): string {
  const lines = moves.map(({ name, from, to }) => `${name} ${from} ${to}\n`).sort();
  return createHash('sha256').update(lines.join('')).digest('hex').slice(0, 32);
}

function takeStock({ tasks, agents, records }: RebalanceInput, cluster: string, loads: readonly Load[]): void {
  const byName = new Map(loads.map((load) => [load.agent.name, load]));
  const eligible = new Map(agents.map((agent) => [agent.name, agent]));
  const groups = new Map<string, Group>();
  const slots = tasks
    .filter((task) => task.cluster === cluster)
    .flatMap((task) => movableSlots(task).map((slot) => ({ task, name: triggerName(task.uid, slot) })))
    .map((each) => ({ ...each, rank: hash32(each.name) }))
    .sort((a, b) => a.rank - b.rank || (a.name < b.name ? -1 : 1));
  for (const { task, name } of slots) {
    const owner = records.get(name)?.owner ?? null;
    const load = owner === null ? undefined : byName.get(owner);
    if (load === undefined || !isEligible(task, eligible.get(owner!)!)) continue;
    const key = constraintsOf(task);
    let group = groups.get(key);
    if (group === undefined) {
      group = { candidates: loads.filter((candidate) => isEligible(task, candidate.agent)) };
      groups.set(key, group);
    }
    give(load, group, name);
  }
}

function movableSlots({ mode, shards = 1 }: PlanTask): string[] {
  if (mode === undefined) return [''];
  return mode === 'Shards' ? Array.from({ length: shards }, (_, index) => String(index)) : [];
}

function spreadOf(loads: readonly Load[]): Imbalance {
  const slots = loads.reduce((sum, load) => sum + load.count, 0);
  if (slots === 0) return { spread: 0, slots };
  const shares = loads.map((load) => load.count / load.agent.capacity);
  const average = slots / loads.reduce((sum, load) => sum + load.agent.capacity, 0);
  return { spread: (Math.max(...shares) - Math.min(...shares)) / average, slots };
}

function most(loads: Iterable<Load>): Load {
  let found: Load | undefined;
  for (const load of loads) {
    if (found === undefined || load.count / load.agent.capacity > found.count / found.agent.capacity) found = load;
  }
  return found!;
}

function bestMove(from: Load): { group: Group; to: Load } | undefined {
  const before = from.count / from.agent.capacity;
  let best: { group: Group; to: Load; after: number } | undefined;
  for (const group of from.slots.keys()) {
    for (const to of group.candidates) {
      const after = (to.count + 1) / to.agent.capacity;
      if (to !== from && after < Math.min(before, best?.after ?? Number.POSITIVE_INFINITY)) best = { group, to, after };
    }
  }
  return best;
}
