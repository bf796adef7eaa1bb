// The time points that the window and the interval of a schedule leave. Whoever asks for the next one jumps from opening to
// opening: what lies between is never looked at.
import type { Instant } from '../../base/index.js';
import { DAY_MS } from './civil.js';
import type { WallPattern } from './cron-pattern.js';
import type { WallFilter } from './wall-filter.js';
import type { Stretch, ZoneClock } from './zone-clock.js';

/** The first time point strictly after an instant. */
export type NextTime = (after: Instant) => Instant | undefined;

/** Wall clocks differ from UTC by less than a day, and jump by at most a day. */
const WALL_MARGIN_MS = 2 * DAY_MS;

/** A pattern of which only the admitted wall times are left. */
export class FilteredPattern implements WallPattern {
  readonly wildcard: boolean;
  readonly never: boolean;
  readonly #pattern: WallPattern;
  readonly #filter: WallFilter;

  constructor(pattern: WallPattern, filter: WallFilter) {
    this.wildcard = pattern.wildcard;
    this.#pattern = pattern;
    this.#filter = filter;
    // Without this look, hours that never meet would be tried on each day of two centuries.
    const meets = filter.meets((second) => pattern.timeFrom(second));
    this.never =
      pattern.never || !meets || this.nextWall(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY) === undefined;
  }

  timeFrom(second: number): number | undefined {
    return this.#pattern.timeFrom(second);
  }

  nextWall(from: number, end: number): number | undefined {
    let at = from;
    // Ends: each round is on a later day or returns, and patterns match until 2199 only.
    for (;;) {
      const match = this.#pattern.nextWall(at, end);
      if (match === undefined) return undefined;
      const open = this.#filter.nextOpen(match);
      if (open === undefined || open === match) return open;
      at = open;
    }
  }
}

/** Leaves out what a clock change moved to where the clock shows no hour of the window. */
export function withinHours(next: NextTime, clock: ZoneClock, filter: WallFilter): NextTime {
  return (after) => {
    let time = next(after);
    // Ends: a zone has few gaps, and a time point that was moved lies at the end of one.
    while (time !== undefined && !filter.inHours(time + clock.stretchAt(time).offset)) time = next(time);
    return time;
  };
}

/** The admitted ones of the time points of an interval, none at or after `end`. */
export function whileOpen(next: NextTime, clock: ZoneClock, filter: WallFilter, end: Instant): NextTime {
  return (after) => {
    let time = next(after);
    // Ends: each round begins at a later opening, and there is one a day at most.
    while (time !== undefined && time < end) {
      const open = openFrom(time, clock, filter, end);
      if (open === undefined || open.at === time) return open?.at;
      time = next(open.at - 1);
    }
    return undefined;
  };
}

/**
 * Time points that are counted anew each day: the instant at which the clock first shows the beginning of the window, or
 * what comes after a gap in its place, and each `interval` ms later while the window is open. None before 1970, none at or
 * after `end`.
 */
export function sinceOpening(interval: number, clock: ZoneClock, filter: WallFilter, end: Instant): NextTime {
  return (after) => {
    let at = Math.max(Math.floor(after) + 1, 0);
    // Ends: each round is a later piece of the timeline in which the window is open.
    while (at < end) {
      const open = openFrom(at, clock, filter, end);
      if (open === undefined) return undefined;
      const { stretch } = open;
      const day = filter.dayOf(open.at + stretch.offset);
      const start = firstShowing(filter.opening(day), clock);
      const time = start + Math.ceil(Math.max(0, open.at - start) / interval) * interval;
      const closes = Math.min(stretch.end, filter.closing(day) - stretch.offset);
      if (time < closes) return time < end ? time : undefined;
      at = closes;
    }
    return undefined;
  };
}

interface Open {
  readonly at: Instant;
  readonly stretch: Stretch;
}

/** The first instant from `from` on at which the filter is open. */
function openFrom(from: Instant, clock: ZoneClock, filter: WallFilter, end: Instant): Open | undefined {
  let at = from;
  while (at < end) {
    const stretch = clock.stretchAt(at);
    const wall = filter.nextOpen(at + stretch.offset);
    if (wall === undefined) return undefined;
    if (wall < stretch.end + stretch.offset) return { at: wall - stretch.offset, stretch };
    // Never further than the end of the stretch: a clock that is put back there may open the window again.
    at = stretch.end;
  }
  return undefined;
}

/** The first instant at which the clock shows this wall time or a later one. */
function firstShowing(wall: number, clock: ZoneClock): Instant {
  let stretch = clock.stretchAt(wall - WALL_MARGIN_MS);
  while (stretch.end + stretch.offset <= wall) stretch = clock.stretchAt(stretch.end);
  return Math.max(stretch.start, wall - stretch.offset);
}
