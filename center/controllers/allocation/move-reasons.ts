// Why slots go from one agent to another, for metrics: a plan that moves more than agents went is what people should look at.
import type { Plan, PlanInput, RecordUpdate } from './types.js';

/** In the order in which they are looked for. */
export const moveReasons = {
  AgentGone: 'its agent is gone',
  Retry: 'the next attempt shall be made elsewhere (retry.agent: Other)',
  Rebalance: 'a rebalance wants it',
  Drain: 'its agent is drained',
  Ineligible: 'its agent is there, and may not have it any more',
} as const;
export type MoveReason = keyof typeof moveReasons;
export type MovesByReason = Record<MoveReason, number>;

export function noMoves(): MovesByReason {
  return { AgentGone: 0, Retry: 0, Rebalance: 0, Drain: 0, Ineligible: 0 };
}

/** Adds the moves of a plan to what was counted before. */
export function countMoves(counted: MovesByReason, { updates }: Plan, input: PlanInput): void {
  const moved = updates.filter(({ from, to }) => from.owner !== null && from.owner !== to.owner);
  if (moved.length === 0) return;
  const agents = new Map(input.agents.map((agent) => [agent.name, agent]));
  for (const update of moved) counted[reasonOf(update, input, agents)] += 1;
}

function reasonOf(
  { name, from, to }: RecordUpdate,
  { relocations }: PlanInput,
  agents: ReadonlyMap<string, PlanInput['agents'][number]>,
): MoveReason {
  const agent = agents.get(from.owner ?? '');
  if (agent === undefined) return 'AgentGone';
  const relocation = relocations?.get(name);
  if (relocation?.from === from.owner && relocation.to === to.owner) return relocation.forRetry ? 'Retry' : 'Rebalance';
  return agent.draining ? 'Drain' : 'Ineligible';
}
