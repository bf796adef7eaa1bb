// Which wall-clock times the window and the interval of a schedule admit. Wall times are ms since the epoch as if they were
// UTC, as in cron-pattern.ts.
import { WEEKDAYS } from '../kinds/calendar-words.js';
import type { ScheduleInterval, ScheduleWindow } from '../kinds/schedule-filters.js';
import { civilFromDays, DAY_MS, daysFromCivil, weekdayOfDays } from './civil.js';

export interface WallFilter {
  /** The first admitted wall time that is not before `wall`; `wall` itself when it is admitted. */
  nextOpen(wall: number): number | undefined;
  /** The date, in days since 1970, whose window an admitted wall time belongs to: the day before, after midnight. */
  dayOf(wall: number): number;
  /** Wall time at which the window of a date begins. */
  opening(day: number): number;
  /** First wall time after the window of a date. */
  closing(day: number): number;
  /** Whether the hours alone admit a wall time, whatever its date. */
  inHours(wall: number): boolean;
  /** Whether the hours admit any of the times of day that `timeFrom` tells: the first second not before another one. */
  meets(timeFrom: (second: number) => number | undefined): boolean;
}

const MINUTE_MS = 60_000;
const DAY_MINUTES = 1440;
/** Days tried with both weekdays and interval: intervals meet all weekdays they ever meet within this many. */
const DAYS_TRIED = 21;

/** The first date, in days since 1970, that is admitted and not before `day`. */
type NextDay = (day: number) => number | undefined;

/** The filter of a schedule; undefined when it has neither window nor interval. */
export function wallFilter(
  window: ScheduleWindow | undefined,
  interval: ScheduleInterval | undefined,
): WallFilter | undefined {
  if (window === undefined && interval === undefined) return undefined;
  const from = window === undefined ? 0 : minuteOf(window.from);
  const to = window === undefined ? DAY_MINUTES - 1 : minuteOf(window.to);
  return new HoursOfDays(from, to, nextDayOf(window?.weekdays, interval));
}

class HoursOfDays implements WallFilter {
  readonly #from: number;
  readonly #to: number;
  readonly #overnight: boolean;
  readonly #nextDay: NextDay;

  constructor(from: number, to: number, nextDay: NextDay) {
    this.#from = from;
    this.#to = to;
    this.#overnight = to < from;
    this.#nextDay = nextDay;
  }

  nextOpen(wall: number): number | undefined {
    const today = Math.floor(wall / DAY_MS);
    const minute = minuteOfDay(wall);
    if (this.#overnight && minute <= this.#to && this.#nextDay(today - 1) === today - 1) return wall;
    const past = !this.#overnight && minute > this.#to;
    const day = this.#nextDay(past ? today + 1 : today);
    if (day === undefined) return undefined;
    return day === today && minute >= this.#from ? wall : this.opening(day);
  }

  dayOf(wall: number): number {
    const today = Math.floor(wall / DAY_MS);
    return this.#overnight && minuteOfDay(wall) <= this.#to ? today - 1 : today;
  }

  opening(day: number): number {
    return day * DAY_MS + this.#from * MINUTE_MS;
  }

  closing(day: number): number {
    return (day + (this.#overnight ? 1 : 0)) * DAY_MS + (this.#to + 1) * MINUTE_MS;
  }

  inHours(wall: number): boolean {
    const minute = minuteOfDay(wall);
    return this.#overnight ? minute >= this.#from || minute <= this.#to : minute >= this.#from && minute <= this.#to;
  }

  meets(timeFrom: (second: number) => number | undefined): boolean {
    const time = timeFrom(this.#from * 60);
    const closing = (this.#to + 1) * 60;
    if (!this.#overnight) return time !== undefined && time < closing;
    const early = timeFrom(0);
    return time !== undefined || (early !== undefined && early < closing);
  }
}

function minuteOfDay(wall: number): number {
  return Math.floor((wall - Math.floor(wall / DAY_MS) * DAY_MS) / MINUTE_MS);
}

function minuteOf(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
}

function nextDayOf(weekdays: ScheduleWindow['weekdays'], interval: ScheduleInterval | undefined): NextDay {
  const counted = interval === undefined ? (day: number) => day : countedDays(interval);
  if (weekdays === undefined) return counted;
  const wanted = new Set(weekdays.map((name) => (WEEKDAYS.indexOf(name) + 1) % 7));
  return (day) => {
    let next = counted(day);
    for (let tried = 0; next !== undefined && tried < DAYS_TRIED; tried++) {
      if (wanted.has(weekdayOfDays(next))) return next;
      next = counted(next + 1);
    }
    return undefined;
  };
}

function countedDays({ days, weeks, months, from }: ScheduleInterval): NextDay {
  const [year, month, date] = from.split('-').map(Number) as [number, number, number];
  const first = daysFromCivil(year, month, date);
  if (months !== undefined) return countedMonths(months, first);
  const length = weeks === undefined ? 1 : 7;
  const period = length * (weeks ?? days ?? 1);
  return (day) => {
    if (day <= first) return first;
    const into = (day - first) % period;
    return into < length ? day : day - into + period;
  };
}

function countedMonths(months: number, first: number): NextDay {
  const begin = civilFromDays(first);
  const beginMonth = begin.year * 12 + begin.month - 1;
  return (day) => {
    if (day <= first) return first;
    const { year, month } = civilFromDays(day);
    const count = year * 12 + month - 1;
    const into = (count - beginMonth) % months;
    if (into === 0) return day;
    const next = count - into + months;
    return daysFromCivil(Math.floor(next / 12), (next % 12) + 1, 1);
  };
}
