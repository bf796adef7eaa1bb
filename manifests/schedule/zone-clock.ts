// What the wall clocks of a zone show. The only source is Intl: it is asked for the offset once a day of the years in
// question, each change is located to the second, and the years are kept.
import type { Instant } from '../../base/index.js';
import { civilFromDays, DAY_MS, daysFromCivil, SECOND_MS } from './civil.js';

/** A stretch of time in which the zone's offset is constant, cut at the turn of UTC years. */
export interface Stretch {
  /** First instant. */
  readonly start: Instant;
  /** First instant after it. */
  readonly end: Instant;
  /** Wall time − UTC, ms. */
  readonly offset: number;
  /** Wall time that would have been reached at `start` without a change; less than start + offset means a gap. */
  readonly wallBefore: number;
  /** The latest wall time that was reached before `start`; more than start + offset means that times repeat. */
  readonly highWater: number;
}

export interface ZoneClock {
  readonly name: string;
  /** The stretch that contains the instant. */
  stretchAt(at: Instant): Stretch;
}

/** A change of the date line repeats at most a day; what lies further back cannot repeat any more. */
const LOOK_BACK_MS = 4 * DAY_MS;

const FIXED_OFFSET = /^([+-])(\d\d):([0-5]\d)$/;
const clocks = new Map<string, ZoneClock>();

/** The clock of an IANA zone or of a fixed offset such as "+05:30"; undefined when there is no such zone. */
export function zoneClock(name: string): ZoneClock | undefined {
  let clock = clocks.get(name);
  if (clock === undefined) {
    clock = createClock(name);
    if (clock !== undefined) clocks.set(name, clock);
  }
  return clock;
}

/** Version of the time-zone data that decides, e.g. "2025c" (rule R2). */
export function tzdataVersion(): string {
  return process.versions.tz ?? 'unknown';
}

function createClock(name: string): ZoneClock | undefined {
  if (name === 'UTC') return fixedClock(name, 0);
  const fixed = FIXED_OFFSET.exec(name);
  if (fixed !== null) {
    const minutes = Number(fixed[2]) * 60 + Number(fixed[3]);
    return minutes > 18 * 60 ? undefined : fixedClock(name, (fixed[1] === '-' ? -minutes : minutes) * 60_000);
  }
  try {
    return new IntlClock(name);
  } catch (error) {
    // RangeError is how Intl says that it does not know the zone.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function fixedClock(name: string, offset: number): ZoneClock {
  const always: Stretch = {
    start: Number.NEGATIVE_INFINITY,
    end: Number.POSITIVE_INFINITY,
    offset,
    wallBefore: Number.NEGATIVE_INFINITY,
    highWater: Number.NEGATIVE_INFINITY,
  };
  return { name, stretchAt: () => always };
}

class IntlClock implements ZoneClock {
  readonly name: string;
  readonly #format: Intl.DateTimeFormat;
  readonly #years = new Map<number, readonly Stretch[]>();
  #latest: Stretch | undefined;

  constructor(name: string) {
    this.name = name;
    this.#format = new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'longOffset' });
  }

  stretchAt(at: Instant): Stretch {
    const latest = this.#latest;
    if (latest !== undefined && at >= latest.start && at < latest.end) return latest;
    const { year } = civilFromDays(Math.floor(at / DAY_MS));
    let stretches = this.#years.get(year);
    if (stretches === undefined) {
      stretches = this.#stretchesOf(year);
      this.#years.set(year, stretches);
    }
    const found = stretches.find((stretch) => at < stretch.end)!;
    this.#latest = found;
    return found;
  }

  #stretchesOf(year: number): readonly Stretch[] {
    const yearStart = daysFromCivil(year, 1, 1) * DAY_MS;
    const yearEnd = daysFromCivil(year + 1, 1, 1) * DAY_MS;
    const stretches: Stretch[] = [];
    let start = yearStart - LOOK_BACK_MS;
    let offset = this.#offsetAt(start);
    let wallBefore = start + offset;
    let highWater = wallBefore;
    while (start < yearEnd) {
      const change = this.#nextChange(start, offset, yearEnd);
      // The turn of the year is no change of the clock, but a stretch ends there.
      const end = start < yearStart && change > yearStart ? yearStart : change;
      if (start >= yearStart) stretches.push({ start, end, offset, wallBefore, highWater });
      wallBefore = end + offset;
      highWater = Math.max(highWater, wallBefore);
      start = end;
      offset = this.#offsetAt(end);
    }
    return stretches;
  }

  /** The first instant after `start` with another offset, or `limit`. */
  #nextChange(start: Instant, offset: number, limit: Instant): Instant {
    let same = start;
    while (same < limit) {
      let other = Math.min(same + DAY_MS, limit);
      if (this.#offsetAt(other) === offset) {
        same = other;
        continue;
      }
      while (other - same > SECOND_MS) {
        const middle = same + Math.floor((other - same) / (2 * SECOND_MS)) * SECOND_MS;
        if (this.#offsetAt(middle) === offset) same = middle;
        else other = middle;
      }
      return other;
    }
    return limit;
  }

  /** Intl writes "1/2/2025, GMT+05:45", with seconds for local mean times, "GMT" alone for zero. */
  #offsetAt(at: Instant): number {
    const text = this.#format.format(at);
    const match = /GMT(?:([+\-\u2212])(\d\d):(\d\d)(?::(\d\d))?)?$/.exec(text);
    if (match?.[1] === undefined) return 0;
    const seconds = Number(match[2]) * 3600 + Number(match[3]) * 60 + Number(match[4] ?? 0);
    return (match[1] === '+' ? seconds : -seconds) * SECOND_MS;
  }
}
