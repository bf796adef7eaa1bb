// What a slot claims next, and when. Pure: everything it needs is in its arguments.
import type { Instant } from '../../base/index.js';
import type { TimePoint } from '../../manifests/index.js';
import type { BusyStretch } from '../runs/busy-stretches.js';
import {
  type ActiveStart,
  decideDue,
  decideSuspended,
  type MissPolicy,
  type Rest,
  type RunPlan,
  type Unrun,
  waitForEarlier,
} from './decide-due.js';

export interface SlotView {
  /** Latest time point that is consumed or does not count. */
  readonly after: Instant;
  /** Time points before it are not run: Infinity while the task is suspended without an end, 0 when it is not. */
  readonly suspendedUntil: Instant;
  /** What keeps them from it; Suspended unless given. */
  readonly rest?: Rest | undefined;
  readonly aheadUntil: Instant;
  readonly nextBatchAt: Instant;
  readonly leadMs: number;
  readonly policy: MissPolicy;
  /** Of the slot that may be open at once. */
  readonly limit: number;
  readonly active: readonly ActiveStart[];
  /** Of runs that must not overlap, and are rather skipped than late (concurrencyPolicy Forbid). */
  readonly busy?: BusyStretch | undefined;
}

export interface TimePoints {
  next(after: Instant): TimePoint | undefined;
  between(after: Instant, upTo: Instant, limit: number): TimePoint[];
}

export type ClaimPlan =
  /** No time point will ever come. */
  | { readonly kind: 'idle' }
  | { readonly kind: 'wait'; readonly until: Instant }
  /** One compare-and-set: moves the cursor to `cursor`, records `unrun`, authorises `run`. */
  | {
      readonly kind: 'claim';
      readonly cursor: Instant;
      readonly unrun: readonly Unrun[];
      readonly run?: RunPlan;
    };

/** Time points looked at in one step. Bounds the size of a journal entry (about 500 bytes per point); the next step
 * follows at once, so a long downtime is worked off in pieces and every point is recorded. */
export const STEP_MAX = 100;

export function decideClaim(view: SlotView, points: TimePoints, now: Instant): ClaimPlan {
  const first = points.next(view.after);
  if (first === undefined) return { kind: 'idle' };
  if (first.time < view.suspendedUntil) {
    // A claim of the first time point that fires passes over all before it: these cannot wait for their batch then.
    const batchAt = Math.min(view.nextBatchAt, view.suspendedUntil - view.leadMs);
    const due = Math.max(first.time, batchAt);
    return now < due ? { kind: 'wait', until: due } : skip(points, view, Math.min(view.suspendedUntil - 1, now));
  }
  if (first.time > now) {
    const opensAt = Math.max(first.startTime - view.leadMs, view.aheadUntil);
    if (now < opensAt) return { kind: 'wait', until: opensAt };
    const startBefore = first.startTime + view.policy.startingDeadlineMs;
    return { kind: 'claim', cursor: first.time, unrun: [], run: { point: first, trigger: 'Schedule', startBefore } };
  }
  const found = points.between(view.after, now, STEP_MAX + 1);
  const complete = found.length <= STEP_MAX;
  const { unrun, run } = decideDue(complete ? found : found.slice(0, STEP_MAX), complete, now, view.policy, view.busy);
  const last = unrun.at(-1);
  const until = run && waitForEarlier(run, view.active, view.limit, now);
  if (run !== undefined && until === undefined) return { kind: 'claim', cursor: run.point.time, unrun, run };
  if (last !== undefined) return { kind: 'claim', cursor: last.point.time, unrun };
  return { kind: 'wait', until: until ?? now };
}

function skip(points: TimePoints, { after, rest }: SlotView, upTo: Instant): ClaimPlan {
  const { unrun } = decideSuspended(points.between(after, upTo, STEP_MAX), rest);
  return { kind: 'claim', cursor: unrun.at(-1)!.point.time, unrun };
}
