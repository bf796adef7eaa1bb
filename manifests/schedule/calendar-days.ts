// Which dates are of a calendar. Dates are days since 1970, as in civil.ts.
import type { ResolvedCalendar } from '../kinds/calendar.js';
import { CALENDAR_DATES_PATTERN, WEEKDAYS } from '../kinds/calendar-words.js';
import { civilFromDays, daysFromCivil, daysInMonth, weekdayOfDays } from './civil.js';
import { FIRST_YEAR, LAST_YEAR } from './cron-fields.js';

export interface CalendarDays {
  has(day: number): boolean;
  /** The first date of the calendar that is not before `day`. */
  nextIn(day: number): number | undefined;
  /** The first date that is not before `day` and not of the calendar. */
  nextOut(day: number): number | undefined;
}

const CALENDAR_DATES = new RegExp(CALENDAR_DATES_PATTERN);
/** 29 February may be eight years away: 1900 and 2100 are no leap years. */
const YEARLY_TRIED = 8 * 366;
/** No schedule is due after it. */
const LAST_DAY = daysFromCivil(LAST_YEAR, 12, 31);

/** From one date to another, both of it. Without years they are `month * 32 + day`, and the first may be the greater one. */
interface Span {
  readonly yearly: boolean;
  readonly from: number;
  readonly to: number;
}

/** What `2026-12-24/2027-01-01` or `12-25` means; undefined when it is none, or names dates that do not exist. */
export function parseCalendarDates(text: string): Span | undefined {
  const read = readCalendarDates(text);
  return typeof read === 'string' ? undefined : read;
}

/** What is wrong with dates of the right form; undefined for others, and for good ones. */
export function calendarDatesFault(text: string): string | undefined {
  const read = readCalendarDates(text);
  return typeof read === 'string' ? read : undefined;
}

/** A sentence when the form is right and the dates are not; undefined when it is another form. */
function readCalendarDates(text: string): Span | string | undefined {
  const match = CALENDAR_DATES.exec(text);
  if (match === null) return undefined;
  const [year, month, day, lastYear, lastMonth, lastDay] = match.slice(1).map((part) => Number(part ?? Number.NaN));
  const [first, last] = text.split('/');
  const yearly = Number.isNaN(year!);
  if (last !== undefined && yearly !== Number.isNaN(lastYear!)) return 'both dates must have a year, or neither';
  const outside = [year!, lastYear!].find((each) => each < FIRST_YEAR || each > LAST_YEAR);
  if (outside !== undefined) return `the year must be ${FIRST_YEAR} to ${LAST_YEAR}`;
  const from = dateOf(year!, month!, day!);
  if (from === undefined) return `there is no ${first}`;
  const to = last === undefined ? from : dateOf(lastYear!, lastMonth!, lastDay!);
  if (to === undefined) return `there is no ${last}`;
  return yearly || from <= to ? { yearly, from, to } : 'it ends before it begins';
}

function dateOf(year: number, month: number, day: number): number | undefined {
  const yearly = Number.isNaN(year);
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(yearly ? 2000 : year, month)) return undefined;
  if (yearly) return month * 32 + day;
  return daysFromCivil(year, month, day);
}

/** Compiled calendars by their text: thousands of tasks carry the same one. */
const cache = new Map<string, CalendarDays>();
const CACHE_LIMIT = 256;

export function calendarDays({ weekdays, dates }: Pick<ResolvedCalendar, 'weekdays' | 'dates'>): CalendarDays {
  const key = JSON.stringify([weekdays, dates]);
  const known = cache.get(key);
  if (known !== undefined) return known;
  const days = new DaysOfCalendar(
    weekdays ?? [],
    (dates ?? []).flatMap((text) => parseCalendarDates(text) ?? []),
  );
  if (cache.size >= CACHE_LIMIT) cache.delete(cache.keys().next().value!);
  cache.set(key, days);
  return days;
}

class DaysOfCalendar implements CalendarDays {
  readonly #weekdays: ReadonlySet<number>;
  readonly #yearly: ReadonlySet<number>;
  /** Ascending, with days between them that are of none. */
  readonly #spans: readonly Span[];

  constructor(weekdays: readonly (typeof WEEKDAYS)[number][], spans: readonly Span[]) {
    this.#weekdays = new Set(weekdays.map((name) => (WEEKDAYS.indexOf(name) + 1) % 7));
    this.#yearly = new Set(spans.filter(({ yearly }) => yearly).flatMap(datesOfYear));
    this.#spans = joined(spans.filter(({ yearly }) => !yearly));
  }

  has(day: number): boolean {
    const span = this.#spanFrom(day);
    return (span !== undefined && span.from <= day) || this.#recurs(day);
  }

  nextIn(day: number): number | undefined {
    const span = this.#spanFrom(day);
    const dated = span === undefined ? undefined : Math.max(day, span.from);
    if (this.#weekdays.size === 0 && this.#yearly.size === 0) return dated;
    const end = Math.min(dated ?? Number.POSITIVE_INFINITY, day + YEARLY_TRIED);
    for (let tried = day; tried < end; tried++) if (this.#recurs(tried)) return tried;
    return dated;
  }

  nextOut(day: number): number | undefined {
    if (this.#weekdays.size === 7) return undefined;
    for (let tried = day; tried <= LAST_DAY; ) {
      const span = this.#spanFrom(tried);
      if (span !== undefined && span.from <= tried) tried = span.to + 1;
      else if (this.#recurs(tried)) tried += 1;
      else return tried;
    }
    return undefined;
  }

  #recurs(day: number): boolean {
    if (this.#weekdays.has(weekdayOfDays(day))) return true;
    if (this.#yearly.size === 0) return false;
    const { month, day: ofMonth } = civilFromDays(day);
    return this.#yearly.has(month * 32 + ofMonth);
  }

  /** The first span that does not end before a day. */
  #spanFrom(day: number): Span | undefined {
    let low = 0;
    let high = this.#spans.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#spans[middle]!.to < day) low = middle + 1;
      else high = middle;
    }
    return this.#spans[low];
  }
}

function datesOfYear({ from, to }: Span): number[] {
  const dates: number[] = [];
  for (let month = 1; month <= 12; month++) {
    for (let day = 1; day <= daysInMonth(2000, month); day++) {
      const date = month * 32 + day;
      if (from <= to ? date >= from && date <= to : date >= from || date <= to) dates.push(date);
    }
  }
  return dates;
}

function joined(spans: readonly Span[]): Span[] {
  const result: Span[] = [];
  for (const span of [...spans].sort((a, b) => a.from - b.from)) {
    const last = result.at(-1);
    if (last === undefined || span.from > last.to + 1) result.push(span);
    else if (span.to > last.to) result[result.length - 1] = { ...last, to: span.to };
  }
  return result;
}
