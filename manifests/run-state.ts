// The states of a run as one table. The store refuses what is not in it, screens derive what can be done from it.
import type { RunState } from './kinds/run-states.js';

export const runTransitions = {
  Pending: ['Queued', 'Running', 'Succeeded', 'Failed', 'TimedOut', 'Cancelled', 'Skipped', 'Missed', 'Lost'],
  Queued: ['Pending', 'Running', 'Succeeded', 'Failed', 'TimedOut', 'Cancelled', 'Skipped', 'Missed', 'Lost'],
  // Running → Pending is a failed attempt whose retry waits; reports are ordered by attempt, see runRank.
  // Running → Queued: the same, and the retry waits for a place on its agent by now.
  Running: ['Pending', 'Queued', 'Succeeded', 'Failed', 'TimedOut', 'Cancelled', 'Lost'],
  Succeeded: [],
  Failed: [],
  TimedOut: [],
  Cancelled: [],
  Skipped: [],
  Missed: [],
  // Declared by the leader for a silent agent; when the agent comes back with the true end, that stands. What it says never
  // started is only believed of a run that no attempt is known of: reports are ordered by attempt.
  // Pending, Queued and Running: of a later attempt, e.g. one that is made because the run was Lost (onLost: Rerun).
  Lost: ['Pending', 'Queued', 'Running', 'Succeeded', 'Failed', 'TimedOut', 'Cancelled', 'Skipped', 'Missed'],
} as const satisfies Record<RunState, readonly RunState[]>;

/** True for a state that ends a run. */
export function isFinal(state: RunState): boolean {
  return state !== 'Pending' && state !== 'Queued' && state !== 'Running';
}

/**
 * Orders the reports about one run (rule R10): a report is applied only when its rank is greater than or equal to the
 * stored one. Later attempts outrank earlier ones; within an attempt Pending < Queued < Running < Lost < other ends. A
 * Pending run that waits for retry n+1 carries attempt n+1.
 */
export function runRank(state: RunState, attempt: number): number {
  const within = state === 'Pending' ? 0 : state === 'Queued' ? 1 : state === 'Running' ? 2 : state === 'Lost' ? 3 : 4;
  return attempt * 8 + within;
}
