// Where an update of a record must put the cursor. Pure.
import { recordSuspensionEnd } from '../../../coordination/index.js';
import type { RecordUpdate } from './types.js';

/**
 * Edited schedules and a resume count from now: what was due before is not caught up by new rules. What a resume cuts off of
 * a suspension that had ended by itself ends there: the time points after it are the owner's, by its policy. A suspend moves
 * nothing: the owner goes on to consume time points and records them as Skipped. An edit of anything else moves nothing either.
 * Nor does an edit of which not even the store remembers what it replaced: the owner works off what has gathered since the
 * cursor by its policy (rule R9), and so it is recorded.
 */
export function newCursor(
  { from, to }: Omit<RecordUpdate, 'kind' | 'name' | 'taskUid' | 'slot'>,
  scheduleChanged: boolean,
  now: number,
): number | undefined {
  if (from.revision === to.revision) return undefined;
  if (scheduleChanged) return now;
  const before = recordSuspensionEnd(from);
  const after = recordSuspensionEnd(to);
  return after < before && after <= now ? Math.min(now, before - 1) : undefined;
}
