// A schedule as an English sentence, for people who do not read cron.
import { parseDuration } from '../../../base/index.js';
import type { CalendarRef } from '../../kinds/calendar.js';
import { WEEKDAYS } from '../../kinds/calendar-words.js';
import type { ScheduleInterval, ScheduleWindow } from '../../kinds/schedule-filters.js';
import type { Schedule } from '../../kinds/task-schedule.js';
import { CronError } from '../cron-error.js';
import { parseCronFields } from '../cron-pattern.js';
import { scheduleSentence } from '../sentence.js';
import { daysInWords, weekdaysInWords } from './day-words.js';
import { timeInWords } from './time-words.js';
import { listed, ordinal, valuesOf } from './values.js';

/**
 * `at 08:00 on Monday to Friday (Europe/Berlin)`. An `H` must have its number already (scheduleSpecOf). An expression that is
 * not understood stays as it is.
 * @param zone the zone of the task, which is told at the end where it matters; no zone is told without it
 */
export function scheduleInWords(schedule: Schedule, zone?: string): string {
  const { window, interval, calendar, startTime, endTime, jitter, suspend } = schedule;
  const words = [
    timesInWords(schedule),
    ...(interval === undefined ? [] : [intervalInWords(interval)]),
    ...(window === undefined ? [] : [windowInWords(window, schedule.every !== undefined)]),
    ...(calendar === undefined ? [] : calendarInWords(calendar)),
    ...(startTime === undefined ? [] : [`from ${startTime} on`]),
    ...(endTime === undefined ? [] : [`until ${endTime}`]),
    ...(jitter === undefined ? [] : [`started up to ${jitter} later`]),
    ...(suspend === true ? ['suspended'] : []),
  ].join(', ');
  const zoned = schedule.cron !== undefined || window !== undefined || interval !== undefined || calendar !== undefined;
  return zoned && zone !== undefined ? `${words} (${schedule.timeZone ?? zone})` : words;
}

function timesInWords(schedule: Schedule): string {
  if (schedule.cron !== undefined) return cronInWords(schedule.cron) ?? scheduleSentence(schedule);
  if (schedule.every !== undefined) return everyInWords(schedule.every, schedule.anchor);
  return schedule.at === undefined ? 'never' : `once at ${schedule.at}`;
}

function cronInWords(cron: string): string | undefined {
  try {
    const fields = parseCronFields(cron);
    const { second, minute, hour } = fields;
    const time = timeInWords(valuesOf(second.set), valuesOf(minute.set), valuesOf(hour.set));
    const days = daysInWords(fields);
    const daily = fields.dayOfMonth.any && fields.dayOfWeek.any;
    // A time of day asks for its days, a rhythm has them all unless it says which.
    return [time, ...(daily && /^at \d\d:/.test(time) ? ['every day'] : []), days]
      .filter((part) => part !== '')
      .join(' ');
  } catch (error) {
    if (error instanceof CronError) return undefined;
    throw error;
  }
}

/** No days: an interval of 24 hours is none where clocks change. */
const UNITS = [
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1000],
] as const;

function everyInWords(every: string, anchor: string | undefined): string {
  const counted = anchor === undefined ? '' : `, counted from ${anchor}`;
  let rest = parseDuration(every);
  if (rest === undefined) return `every ${every}${counted}`;
  const parts: [number, string][] = [];
  for (const [unit, length] of UNITS) {
    const count = Math.floor(rest / length);
    if (count > 0) parts.push([count, unit]);
    rest -= count * length;
  }
  const [[count, unit] = [0, ''], ...others] = parts;
  if (count === 1 && others.length === 0) return `every ${unit}${counted}`;
  return `every ${parts.map(([many, name]) => `${many} ${name}${many === 1 ? '' : 's'}`).join(' ')}${counted}`;
}

function intervalInWords({ days, weeks, months, from }: ScheduleInterval): string {
  const count = days ?? weeks ?? months ?? 1;
  if (count === 1) return `from ${from} on`;
  const unit = days !== undefined ? 'day' : weeks !== undefined ? 'week' : 'month';
  return `only every ${ordinal(count)} ${unit} counted from ${from}`;
}

function windowInWords({ from, to, weekdays, restart }: ScheduleWindow, counts: boolean): string {
  const days = weekdays === undefined ? '' : ` on ${weekdaysInWords(weekdays.map((day) => WEEKDAYS.indexOf(day) + 1))}`;
  const night = to < from ? ' of the next day' : '';
  return `only from ${from} to ${to}${night}${days}${counts && restart === true ? ', counted from each opening' : ''}`;
}

function calendarInWords({ exclude = [], only = [] }: CalendarRef): string[] {
  const named = (names: readonly string[], last: string): string =>
    `calendar${names.length === 1 ? '' : 's'} ${listed(names, last)}`;
  return [
    ...(only.length === 0 ? [] : [`only on days of ${named(only, 'or')}`]),
    ...(exclude.length === 0 ? [] : [`not on days of ${named(exclude, 'or')}`]),
  ];
}
