// From wall-clock matches to instants. Each stretch of constant offset is matched on its own, so a clock change can
// neither hide nor double a time point by accident (docs/schedules.md, "Clock changes").
//   class W (second, minute or hour begins with *): every real wall-clock time that matches, literally.
//   class F (all others): a time skipped by a gap of at most 3 h fires at the first instant after it; a repeated time
//   fires the first time only. Both can be changed by spec.dst.
import type { Instant } from '../../base/index.js';
import { DAY_MS, daysFromCivil, SECOND_MS } from './civil.js';
import { FIRST_YEAR, LAST_YEAR } from './cron-fields.js';
import type { WallPattern } from './cron-pattern.js';
import type { Stretch, ZoneClock } from './zone-clock.js';

export interface DstRules {
  readonly gap: 'Shift' | 'Skip';
  readonly overlap: 'First' | 'Both';
}

/** A longer gap skips a piece of the calendar (a date line), not an hour: nothing is shifted out of it. */
const LONGEST_SHIFTED_GAP_MS = 3 * 3_600_000;
/** Wall clocks differ from UTC by less than a day, and jump by at most a day. */
const WALL_MARGIN_MS = 2 * DAY_MS;

/** Patterns match from 1970 to 2199, on wall clocks. */
const BEGINNING_OF_TIME: Instant = daysFromCivil(FIRST_YEAR, 1, 1) * DAY_MS - WALL_MARGIN_MS;
const END_OF_TIME: Instant = daysFromCivil(LAST_YEAR + 1, 1, 1) * DAY_MS + WALL_MARGIN_MS;

/** The first time point strictly after `after`; undefined when there is none until the end of 2199. */
export function nextInZone(pattern: WallPattern, clock: ZoneClock, dst: DstRules, after: Instant): Instant | undefined {
  if (pattern.never || after >= END_OF_TIME) return undefined;
  const fixed = !pattern.wildcard;
  let at = (Math.floor(Math.max(after, BEGINNING_OF_TIME) / SECOND_MS) + 1) * SECOND_MS;
  // Ends: every round passes a stretch or jumps towards the next match, and matches end in 2199.
  for (;;) {
    const stretch = clock.stretchAt(at);
    if (fixed && dst.gap === 'Shift' && at === stretch.start && matchesInGap(pattern, stretch, dst)) return at;
    const wall = at + stretch.offset;
    const from = fixed && dst.overlap === 'First' ? Math.max(wall, stretch.highWater) : wall;
    const match = pattern.nextWall(from, stretch.end + stretch.offset);
    if (match !== undefined) return match - stretch.offset;
    if (stretch.end === Number.POSITIVE_INFINITY) return undefined;
    const ahead = pattern.nextWall(stretch.end + stretch.offset - WALL_MARGIN_MS, Number.POSITIVE_INFINITY);
    if (ahead === undefined) return undefined;
    at = Math.max(stretch.end, ahead - WALL_MARGIN_MS);
  }
}

function matchesInGap(pattern: WallPattern, stretch: Stretch, dst: DstRules): boolean {
  const wall = stretch.start + stretch.offset;
  const length = wall - stretch.wallBefore;
  if (length <= 0 || length > LONGEST_SHIFTED_GAP_MS) return false;
  const from = dst.overlap === 'First' ? Math.max(stretch.wallBefore, stretch.highWater) : stretch.wallBefore;
  return pattern.nextWall(from, wall) !== undefined;
}
