// Until when time points of a slot are not run: what the record says, and what is left over of a suspension that was cut off.
import type { Instant } from '../../base/index.js';
import { recordSuspensionEnd, type TriggerRecord, type VersionedRecord } from '../../coordination/index.js';
import type { Rest } from './decide-due.js';
import { isSpent } from './run-count.js';
import type { Slot } from './slot.js';

/** First instant from which time points fire; see `SlotView`. */
export function suspendedUntil(slot: Slot, record: TriggerRecord, now: Instant): Instant {
  return Math.max(recordSuspensionEnd(record), Math.min(slot.suspendedUpTo, now) + 1);
}

/** Until when time points are passed over, and why: see `SlotView`. */
export function restOf(slot: Slot, record: TriggerRecord, now: Instant): { suspendedUntil: Instant; rest: Rest } {
  const until = suspendedUntil(slot, record, now);
  if (until === Number.POSITIVE_INFINITY || !isSpent(slot, record)) return { suspendedUntil: until, rest: 'Suspended' };
  return { suspendedUntil: Number.POSITIVE_INFINITY, rest: 'MaxRuns' };
}

/** A record that is not suspended any more, and was: the time points up to its writing were. One that had ended by itself by
 * then had them up to its end only. */
export function noteResumption(slot: Slot, current: VersionedRecord): void {
  if (slot.known === undefined) return;
  const before = recordSuspensionEnd(slot.known.record);
  const after = recordSuspensionEnd(current.record);
  if (after < before && after <= current.mtime) slot.suspendedUpTo = Math.min(current.mtime, before - 1);
}

/** When a suspension ends of a slot that may then go on without claims (partitionPolicy Continue); undefined: it does not. */
export function endWithoutWord({ task, known }: Slot, now: Instant): Instant | undefined {
  if (task?.policy.partitionPolicy !== 'Continue' || known === undefined) return undefined;
  const end = recordSuspensionEnd(known.record);
  return end > now && end < Number.POSITIVE_INFINITY ? end : undefined;
}
