// The time points that the calendars of a schedule leave (decision 0020). What counts is the date that the clock shows at the
// time point itself, so that people can check it in a list of time points.
import type { Instant } from '../../base/index.js';
import type { CalendarRef, ResolvedCalendar } from '../kinds/calendar.js';
import { type CalendarDays, calendarDays } from './calendar-days.js';
import { DAY_MS } from './civil.js';
import type { NextTime } from './filtered-times.js';
import { type ZoneClock, zoneClock } from './zone-clock.js';

export interface CalendarFilter {
  /** The first admitted instant that is not before `time`; `time` itself when it is admitted. */
  firstFrom(time: Instant): Instant | undefined;
  /** Names of the calendars that leave an instant out; none for one that is admitted. */
  leftOutBy(time: Instant): { readonly exclude: readonly string[]; readonly only: readonly string[] };
}

interface Named {
  readonly name: string;
  readonly days: CalendarDays;
  readonly clock: ZoneClock;
}

/**
 * The filter of a schedule; undefined when it names no calendars.
 * @param clock of the schedule, whose dates count for calendars without a zone of their own
 * @param missing what to throw for a calendar that is not among `calendars`, or whose zone does not exist
 */
export function calendarFilter(
  { exclude = [], only = [] }: CalendarRef,
  calendars: readonly ResolvedCalendar[],
  clock: ZoneClock,
  missing: (name: string) => Error,
): CalendarFilter | undefined {
  if (exclude.length === 0 && only.length === 0) return undefined;
  const named = (name: string): Named => {
    const found = calendars.find((calendar) => calendar.name === name);
    const own = found?.timeZone === undefined ? clock : zoneClock(found.timeZone);
    if (found === undefined || own === undefined) throw missing(name);
    return { name, days: calendarDays(found), clock: own };
  };
  return new DatesOfCalendars(exclude.map(named), only.map(named));
}

class DatesOfCalendars implements CalendarFilter {
  readonly #exclude: readonly Named[];
  readonly #only: readonly Named[];

  constructor(exclude: readonly Named[], only: readonly Named[]) {
    this.#exclude = exclude;
    this.#only = only;
  }

  firstFrom(time: Instant): Instant | undefined {
    let at: Instant | undefined = time;
    // Ends: each round is at least a piece of a day later, and calendars say when there is none any more.
    while (at !== undefined) {
      const later: Instant | undefined = this.#step(at);
      if (later === at) return at;
      at = later;
    }
    return undefined;
  }

  /** The instant itself when it is admitted; else a later one before which none is. */
  #step(at: Instant): Instant | undefined {
    for (const { days, clock } of this.#exclude) {
      if (days.has(dayAt(clock, at))) return beginning(clock, at, (day) => days.nextOut(day));
    }
    if (this.#only.length === 0 || this.#only.some(({ days, clock }) => days.has(dayAt(clock, at)))) return at;
    const next = this.#only.flatMap(({ days, clock }) => beginning(clock, at, (day) => days.nextIn(day)) ?? []);
    return next.length === 0 ? undefined : Math.min(...next);
  }

  leftOutBy(time: Instant): { readonly exclude: readonly string[]; readonly only: readonly string[] } {
    const has = ({ days, clock }: Named): boolean => days.has(dayAt(clock, time));
    const names = (calendars: readonly Named[]): string[] => calendars.map(({ name }) => name);
    return { exclude: names(this.#exclude.filter(has)), only: this.#only.some(has) ? [] : names(this.#only) };
  }
}

function dayAt(clock: ZoneClock, at: Instant): number {
  return Math.floor((at + clock.stretchAt(at).offset) / DAY_MS);
}

/**
 * When the first wanted date begins that is not before the one at an instant, but not after the next change of the clock: one
 * that goes back over midnight brings back the date before.
 */
function beginning(clock: ZoneClock, at: Instant, firstFrom: (day: number) => number | undefined): Instant | undefined {
  const today = dayAt(clock, at);
  const day = firstFrom(today) ?? (firstFrom(today - 1) === undefined ? undefined : today + 1);
  if (day === undefined) return undefined;
  const { offset, end } = clock.stretchAt(at);
  return Math.min(day * DAY_MS - offset, end);
}

/** Rounds after which it is asked whether the answer is known. */
const ROUNDS_CHEAP = 8;
/**
 * Schedules that calendars leave nothing of, by what decides them, and since when: all days until 2199 are tried to find that out,
 * and the center asks for the next time point of each task again and again.
 */
const exhausted = new Map<string, Instant>();
const EXHAUSTED_MAX = 10_000;

/**
 * The admitted ones of some time points.
 * @param key the same for all schedules with the same time points, and for no others
 */
export function onCalendarDays(next: NextTime, filter: CalendarFilter, key: () => string): NextTime {
  let since = Number.POSITIVE_INFINITY;
  return (after) => {
    if (after >= since) return undefined;
    let time = next(after);
    for (let rounds = 0; time !== undefined; rounds++) {
      const open = filter.firstFrom(time);
      if (open === time) return time;
      if (rounds === ROUNDS_CHEAP) since = exhausted.get(key()) ?? since;
      time = open === undefined || after >= since ? undefined : next(open - 1);
    }
    if (after < since) since = remember(key(), after);
    return undefined;
  };
}

function remember(key: string, since: Instant): Instant {
  const before = exhausted.get(key);
  if (before === undefined && exhausted.size >= EXHAUSTED_MAX) exhausted.delete(exhausted.keys().next().value!);
  const earliest = Math.min(since, before ?? since);
  exhausted.set(key, earliest);
  return earliest;
}
