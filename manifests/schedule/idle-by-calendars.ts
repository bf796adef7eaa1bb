import type { Instant } from '../../base/index.js';
import type { Task } from '../kinds/task.js';
import { compileSchedules, scheduleSpecOf } from './task-schedules.js';

/**
 * Whether a task has no time points after an instant although it would have some without its calendars.
 * @throws CloudTaskError CT_SCHEDULE_INVALID when it does not carry all calendars that it names
 */
export function idleByCalendars({ metadata, spec }: Pick<Task, 'metadata' | 'spec'>, now: Instant): boolean {
  if (spec.calendars === undefined) return false;
  const { schedules = [], ...rest } = scheduleSpecOf({ metadata, spec });
  const fires = (all: typeof schedules): boolean =>
    compileSchedules({ ...rest, schedules: all }, metadata.uid ?? '').next(now) !== undefined;
  return !fires(schedules) && fires(schedules.map(({ calendar: _, ...own }) => own));
}
