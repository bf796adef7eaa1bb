// When a task does not fire (decision 0016). The predicate is the same for everybody who asks: agents, the leader, screens.
import type { Instant } from '../base/index.js';
import type { TaskSpec } from './kinds/task.js';

export type Suspension = Pick<TaskSpec, 'suspend' | 'suspendUntil' | 'suspendReason'>;

/** First instant from which time points fire: Infinity while the task is suspended without an end, 0 when nothing suspends it. */
export function suspensionEnd({ suspend, suspendUntil }: Suspension): Instant {
  if (suspend === true) return Number.POSITIVE_INFINITY;
  return suspendUntil === undefined ? 0 : Date.parse(suspendUntil);
}

/** Whether a time point at `now` would not fire. */
export function isSuspended(spec: Suspension, now: Instant): boolean {
  return now < suspensionEnd(spec);
}

/** To be asked for the next time points after it: those after `now` that fire. Infinity: none does. */
export function firesAfter(spec: Suspension, now: Instant): Instant {
  return Math.max(now, suspensionEnd(spec) - 1);
}

/** `suspended until 2026-12-01T08:00:00Z (data centre move)`; undefined when the task is not suspended. */
export function suspensionWords(spec: Suspension, now: Instant): string | undefined {
  if (!isSuspended(spec, now)) return undefined;
  const end = suspensionEnd(spec);
  const until = end === Number.POSITIVE_INFINITY ? '' : ` until ${new Date(end).toISOString().replace('.000Z', 'Z')}`;
  return `suspended${until}${spec.suspendReason === undefined ? '' : ` (${spec.suspendReason})`}`;
}
