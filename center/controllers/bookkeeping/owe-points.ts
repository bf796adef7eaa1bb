// What the schedules of a slot, up to an instant, still owe a row for (rule R12), into the store.
import { compileSchedules, type ScheduleSpec } from '../../../manifests/index.js';
import type { OwedPoint } from '../../store/store-types.js';
import type { Leadership } from '../leadership.js';

/** Time points that one edit may leave owed, and that one turn looks at. Beyond it the oldest are given up, loudly. */
export const OWED_MAX = 10_000;

export interface ClosedStretch {
  readonly taskUid: string;
  readonly slot: string;
  /** Audited up to here; undefined when that is not known: then nothing is owed. */
  readonly mark: number | undefined;
  /** Up to here the slot was consumed by these schedules. */
  readonly from: number;
  /** The audit goes on from here. */
  readonly to: number;
  readonly schedules: ScheduleSpec;
}

/** In one transaction: the mark moves to `to`, and time points up to `from` without a row are owed. */
export async function oweStretch({ store, fence, log }: Leadership, stretch: ClosedStretch): Promise<void> {
  const { taskUid, slot, mark, from, to, schedules } = stretch;
  const all = mark === undefined ? [] : compileSchedules(schedules, taskUid).between(mark, from, OWED_MAX + 1);
  if (all.length > OWED_MAX) log.error({ task: taskUid }, 'more time points are owed than the audit can remember');
  const points = all.slice(-OWED_MAX);
  const rows = await store.existingTimePoints(
    taskUid,
    slot,
    points.map(({ time }) => time),
  );
  const owed = points.flatMap(({ time, schedule }): OwedPoint[] =>
    rows.has(time) ? [] : [{ taskUid, slot, point: time, schedule }],
  );
  await store.setAuditedUpTo([{ taskUid, slot, upTo: to }], fence, owed);
}
