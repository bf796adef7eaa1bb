// Rule R9: what becomes of the time points that have passed without being consumed. Pure.
import type { Instant } from '../../base/index.js';
import type { RunReason, TimePoint } from '../../manifests/index.js';
import type { BusyStretch } from '../runs/busy-stretches.js';

export interface MissPolicy {
  readonly missedRunPolicy: 'Skip' | 'RunOnce' | 'RunAll';
  readonly startingDeadlineMs: number;
  readonly catchUpWindowMs: number;
}

/** A time point that is consumed without a process. */
export interface Unrun {
  readonly point: TimePoint;
  readonly state: 'Missed' | 'Skipped';
  readonly reason: RunReason;
}

export interface RunPlan {
  readonly point: TimePoint;
  readonly trigger: 'Schedule' | 'CatchUp';
  /** Last instant at which the process may start (rule R4). */
  readonly startBefore: Instant;
}

/**
 * One step through the overdue time points: what is recorded without a run, and at most one point to run, later than all
 * of these. One compare-and-set of the record consumes the step. The next step follows when it has been made.
 */
export interface DuePlan {
  readonly unrun: readonly Unrun[];
  readonly run?: RunPlan;
}

/**
 * `points` are the unconsumed time points up to `now`, oldest first; `complete` says that there are no further ones (the
 * list is read in bounded pieces). A point within its starting deadline is merely late and runs. An older one is missed:
 * `Skip` records it, `RunAll` runs it, `RunOnce` runs it only when no later one is due; both only within the
 * catch-up window.
 *
 * A point that came due within the stretch `busy` is skipped, as it would have been if it had been looked at then; those
 * that came due before it, when nothing ran, still wait for their turn. `RunAll` runs them all the same.
 */
export function decideDue(
  points: readonly TimePoint[],
  complete: boolean,
  now: Instant,
  policy: MissPolicy,
  busy?: BusyStretch,
): DuePlan {
  const skipping = policy.missedRunPolicy === 'RunAll' ? undefined : busy;
  const unrun: Unrun[] = [];
  for (const [index, point] of points.entries()) {
    if (skipping !== undefined && point.startTime > skipping.since && point.startTime < skipping.until) {
      unrun.push({ point, state: 'Skipped', reason: 'ConcurrencyForbid' });
      continue;
    }
    const deadline = point.startTime + policy.startingDeadlineMs;
    if (now <= deadline) return { unrun, run: { point, trigger: 'Schedule', startBefore: deadline } };
    const window = point.time + policy.catchUpWindowMs;
    const latest = complete && index === points.length - 1;
    if (policy.missedRunPolicy === 'Skip') unrun.push({ point, state: 'Missed', reason: 'StartingDeadline' });
    else if (now > window) unrun.push({ point, state: 'Missed', reason: 'CatchUpWindow' });
    else if (policy.missedRunPolicy === 'RunAll' || latest)
      return { unrun, run: { point, trigger: 'CatchUp', startBefore: window } };
    else unrun.push({ point, state: 'Missed', reason: 'RunOnce' });
  }
  return { unrun };
}

/** Why no time point of a slot is run for now. */
export type Rest = Extract<RunReason, 'Suspended' | 'MaxRuns'>;

/** Time points that fell into a suspension, or come after the last run, are not missed: nobody wanted them. */
export function decideSuspended(points: readonly TimePoint[], reason: Rest = 'Suspended'): DuePlan {
  return { unrun: points.map((point) => ({ point, state: 'Skipped', reason })) };
}

/** What runs late or in the past of a slot must not pile up on itself. */
export interface ActiveStart {
  /** When the attempt was handed over to the runner. */
  readonly since: Instant;
}

/**
 * Overdue points run one after the other: a point waits for an active run that itself began only after the point was due,
 * instead of being skipped because of it. `limit`: how many may be active. Returns until when to wait; undefined: go on.
 */
export function waitForEarlier(
  plan: RunPlan,
  active: readonly ActiveStart[],
  limit: number,
  now: Instant,
): Instant | undefined {
  if (plan.point.startTime > now || now >= plan.startBefore) return undefined;
  // What is caught up runs one after the other, whatever the limit is.
  if (plan.trigger === 'Schedule' && active.length < limit) return undefined;
  return active.some((run) => run.since > plan.point.startTime) ? plan.startBefore : undefined;
}

/**
 * A claim that took so long that its deadline passed (no quorum): the point is consumed already, so the choice is only
 * between running it as a catch-up and recording it.
 */
export function decideLateClaim(plan: RunPlan, laterDue: boolean, now: Instant, policy: MissPolicy): RunPlan | Unrun {
  if (now <= plan.startBefore) return plan;
  const window = plan.point.time + policy.catchUpWindowMs;
  const wanted = policy.missedRunPolicy === 'RunAll' || (policy.missedRunPolicy === 'RunOnce' && !laterDue);
  if (wanted && now <= window) return { point: plan.point, trigger: 'CatchUp', startBefore: window };
  return { point: plan.point, state: 'Missed', reason: now > window ? 'CatchUpWindow' : 'StartingDeadline' };
}
