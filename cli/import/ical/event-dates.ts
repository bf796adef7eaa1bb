// The dates of one event and of what overrides it. Rules are expanded by node-ical, which passes over what it does not know; so
// that no date comes of a misunderstanding, that is refused here first.
import ical from 'node-ical';
import type { IcalEvent, IcalProblem, IcalProperty } from './ical-lines.js';

const DAY_MS = 86_400_000;

export interface EventDates {
  /** As in a Calendar: `2026-12-25`, `2026-12-24/2027-01-01`, `12-25`. */
  readonly dates: readonly string[];
  /** Its rule was expanded: there are more, later. */
  readonly cut: boolean;
}

/** First and last year whose dates are listed. */
export interface Years {
  readonly first: number;
  readonly last: number;
}

/** What is wrong with a property of an event. */
export class IcalError extends Error {
  readonly line: number;

  constructor(message: string, line: number) {
    super(message);
    this.line = line;
  }
}

const first = ({ properties }: IcalEvent, name: string): IcalProperty | undefined =>
  properties.find((property) => property.name === name);

/** The text of an event's summary. */
export function summaryOf(event: IcalEvent): string {
  const text = first(event, 'SUMMARY')?.value ?? '';
  return text.replace(/\\([\\;,Nn])/g, (_match, letter: string) => (/n/i.test(letter) ? ' ' : letter)).trim();
}

/** Why an event says nothing of whole days; undefined when it does. Throws IcalError. */
export function passedOver(event: IcalEvent): Omit<IcalProblem, 'line'> | undefined {
  if (first(event, 'STATUS')?.value.toUpperCase() === 'CANCELLED') {
    return { message: `"${summaryOf(event)}" is cancelled, and left out`, severity: 'warning' };
  }
  const start = first(event, 'DTSTART');
  if (start === undefined) throw new IcalError('the event has no DTSTART', event.line);
  if (!/^\d{8}T\d{6}Z?$/.test(start.value) || start.parameters.get('VALUE') === 'DATE') return undefined;
  return {
    message: `"${summaryOf(event)}" has times of day, and is left out: days are all-day events`,
    severity: 'warning',
  };
}

/**
 * The dates of an event in some years.
 * @param overrides events that stand for single ones of its dates (RECURRENCE-ID)
 * @throws IcalError
 */
export function eventDates(event: IcalEvent, overrides: readonly IcalEvent[], years: Years): EventDates {
  const start = first(event, 'DTSTART')!;
  const begin = dateOf(start);
  const length = lengthOf(event, begin);
  const rule = first(event, 'RRULE');
  const unknown = first(event, 'EXRULE');
  if (unknown !== undefined) throw new IcalError('EXRULE is not understood; write its dates as EXDATE', unknown.line);
  for (const override of overrides) {
    const other = first(override, 'DTSTART');
    if (other === undefined) throw new IcalError('the event has no DTSTART', override.line);
    lengthOf(override, dateOf(other));
  }
  const parts = rule === undefined ? undefined : partsOf(rule);
  const plain = overrides.length === 0 && !event.properties.some(({ name }) => name === 'EXDATE' || name === 'RDATE');
  if (
    parts !== undefined &&
    plain &&
    length <= 365 &&
    begin.getUTCFullYear() <= years.first &&
    isYearly(parts, begin)
  ) {
    return { dates: [span(begin, length, (date) => isoDate(date).slice(5))], cut: false };
  }
  const dates = [...expanded(event, overrides, rule, years), ...extra(event, length)].filter((text) => {
    const [from = '', to = from] = text.split('/');
    return to >= `${years.first}-01-01` && from <= `${years.last}-12-31`;
  });
  return {
    dates,
    cut: parts !== undefined && !parts.has('COUNT') && !(parts.get('UNTIL') ?? '9999' < `${years.last + 1}`),
  };
}

/** `UNTIL` and dates begin with the year. */
function dateOf({ value, line, name }: Pick<IcalProperty, 'value' | 'line' | 'name'>): Date {
  const match = /^(\d{4})(\d\d)(\d\d)$/.exec(value);
  const date = match === null ? undefined : new Date(`${match[1]}-${match[2]}-${match[3]}T00:00:00Z`);
  if (date === undefined || Number.isNaN(date.getTime()) || isoDate(date).replaceAll('-', '') !== value) {
    throw new IcalError(`${name} "${value}" is not a date such as 20261225`, line);
  }
  return date;
}

/** Days of an event: DTEND is the first date after it. */
function lengthOf(event: IcalEvent, begin: Date): number {
  const end = first(event, 'DTEND');
  const duration = first(event, 'DURATION');
  if (end !== undefined) {
    const days = (dateOf(end).getTime() - begin.getTime()) / DAY_MS;
    if (days < 0) throw new IcalError(`DTEND "${end.value}" is before DTSTART`, end.line);
    return Math.max(days, 1); // some programs write the last date
  }
  if (duration === undefined) return 1;
  const match = /^\+?P(?:(\d+)W|(\d+)D)$/.exec(duration.value);
  const days = match === null ? 0 : Number(match[1] ?? 0) * 7 + Number(match[2] ?? 0);
  if (days < 1) throw new IcalError(`DURATION "${duration.value}" is not whole days, such as P2D`, duration.line);
  return days;
}

const FREQUENCIES = ['DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY'];
const PARTS: Readonly<Record<string, RegExp>> = {
  FREQ: new RegExp(`^(${FREQUENCIES.join('|')})$`),
  INTERVAL: /^[1-9]\d{0,3}$/,
  COUNT: /^[1-9]\d{0,5}$/,
  UNTIL: /^\d{8}(T\d{6}Z?)?$/,
  BYMONTH: /^([1-9]|0[1-9]|1[0-2])(,([1-9]|0[1-9]|1[0-2]))*$/,
  BYMONTHDAY: /^[+-]?([1-9]|0[1-9]|[12]\d|3[01])(,[+-]?([1-9]|0[1-9]|[12]\d|3[01]))*$/,
  BYDAY: /^[+-]?\d{0,2}(MO|TU|WE|TH|FR|SA|SU)(,[+-]?\d{0,2}(MO|TU|WE|TH|FR|SA|SU))*$/,
  BYYEARDAY: /^[+-]?\d{1,3}(,[+-]?\d{1,3})*$/,
  BYWEEKNO: /^[+-]?\d{1,2}(,[+-]?\d{1,2})*$/,
  BYSETPOS: /^[+-]?\d{1,3}(,[+-]?\d{1,3})*$/,
  WKST: /^(MO|TU|WE|TH|FR|SA|SU)$/,
};

function partsOf({ value, line }: IcalProperty): ReadonlyMap<string, string> {
  const parts = new Map<string, string>();
  for (const part of value.toUpperCase().split(';')) {
    const [name = '', text = ''] = part.split('=');
    if (!Object.hasOwn(PARTS, name)) throw new IcalError(`RRULE "${part}" is not understood`, line);
    if (!PARTS[name]!.test(text) || parts.has(name)) throw new IcalError(`RRULE "${part}" is not understood`, line);
    parts.set(name, text);
  }
  if (!parts.has('FREQ')) throw new IcalError('RRULE has no FREQ', line);
  return parts;
}

/** The same date of each year, which a Calendar can say for ever. */
function isYearly(parts: ReadonlyMap<string, string>, begin: Date): boolean {
  const known = ['FREQ', 'INTERVAL', 'BYMONTH', 'BYMONTHDAY', 'WKST'];
  if ([...parts.keys()].some((name) => !known.includes(name))) return false;
  const month = begin.getUTCMonth() + 1;
  const day = begin.getUTCDate();
  return (
    parts.get('FREQ') === 'YEARLY' &&
    Number(parts.get('INTERVAL') ?? 1) === 1 &&
    Number(parts.get('BYMONTH') ?? month) === month &&
    Number(parts.get('BYMONTHDAY') ?? day) === day
  );
}

function expanded(
  event: IcalEvent,
  overrides: readonly IcalEvent[],
  rule: IcalProperty | undefined,
  { first: firstYear, last }: Years,
): string[] {
  const body = [event, ...overrides].map(({ text }) => text).join('\r\n');
  try {
    const parsed = ical.sync.parseICS(`BEGIN:VCALENDAR\r\n${body}\r\nEND:VCALENDAR\r\n`);
    const main = Object.values(parsed).find((one) => one?.type === 'VEVENT');
    if (main?.type !== 'VEVENT') throw new IcalError('the event is not understood', event.line);
    // Days are given at midnight of this machine. One that began in the year before may last into this one.
    const range = { from: new Date(firstYear - 1, 0, 1), to: new Date(last, 11, 31, 23, 59, 59), expandOngoing: true };
    return ical.expandRecurringEvent(main, range).map(({ start, end }) => {
      const days = Math.max(1, Math.round((end.getTime() - start.getTime()) / DAY_MS));
      return span(new Date(Date.UTC(start.getFullYear(), start.getMonth(), start.getDate())), days, isoDate);
    });
  } catch (error) {
    if (error instanceof IcalError || !(error instanceof Error)) throw error;
    throw new IcalError(
      `${rule === undefined ? 'the event' : 'RRULE'} is not understood: ${error.message}`,
      rule?.line ?? event.line,
    );
  }
}

/** Dates that are listed beside the rule. */
function extra(event: IcalEvent, length: number): string[] {
  return event.properties
    .filter(({ name }) => name === 'RDATE')
    .flatMap(({ name, value, line }) =>
      value.split(',').map((one) => span(dateOf({ name, value: one, line }), length, isoDate)),
    );
}

const isoDate = (date: Date): string => date.toISOString().slice(0, 10);

function span(begin: Date, days: number, text: (date: Date) => string): string {
  if (days === 1) return text(begin);
  return `${text(begin)}/${text(new Date(begin.getTime() + (days - 1) * DAY_MS))}`;
}
