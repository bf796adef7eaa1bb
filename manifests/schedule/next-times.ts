import type { Instant } from '../../base/index.js';
import type { TaskSpec } from '../kinds/task.js';
import { compileSchedules } from './task-schedules.js';

export interface NextTimesQuery {
  readonly cron: string;
  /** IANA zone; UTC unless given. */
  readonly timeZone?: string;
  readonly dst?: TaskSpec['dst'];
  /** Exclusive. */
  readonly from: Instant;
  readonly count: number;
}

/**
 * The next instants of a cron expression; fewer than `count`, or none, when it does not fire that often until 2199.
 * @throws CloudTaskError CT_SCHEDULE_INVALID when the expression or the zone is not understood
 */
export function nextTimes(query: NextTimesQuery): Instant[] {
  const { cron, timeZone = 'UTC', dst } = query;
  const schedules = compileSchedules({ schedules: [{ cron }], timeZone, ...(dst === undefined ? {} : { dst }) }, '');
  return schedules.between(query.from, Number.POSITIVE_INFINITY, query.count).map((point) => point.time);
}
