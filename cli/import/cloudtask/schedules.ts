// The six types of schedules of CloudTask 2 in our words (docs/schedules.md), and the proof that they are equal.
import { compileSchedules, type Schedule } from '../../../manifests/index.js';
import type { OriginalSchedule } from './original-job.js';
import { originalTimes } from './original-times.js';

const DAY_MS = 86_400_000;
/** What is compared: a year and a day, and of schedules that run all the time so many time points. */
const COMPARED_DAYS = 367;
const COMPARED_MAX = 20_000;
const FULL_DAY_END = 23 * 60 + 59;

/** The same time points, on the clock of `timeZone`. */
export function scheduleOf(original: OriginalSchedule, timeZone: string): Schedule {
  const { turnmode, interval, startDay, endDay, startMinute, endMinute, selected } = original;
  const start = () => ({ startTime: instantText(startDay, 0, timeZone) });
  const end = endDay === undefined ? {} : { endTime: instantText(endDay, FULL_DAY_END, timeZone, 59) };
  const time = `${startMinute % 60} ${Math.floor(startMinute / 60)}`;
  if (turnmode <= 3) {
    const window = { from: clockText(startMinute), to: clockText(endMinute) };
    return {
      every: `${interval}${['', 's', 'm', 'h'][turnmode]}`,
      // Counted from the first day on, over all nights, as its agents did.
      anchor: instantText(startDay, startMinute, timeZone),
      ...(startMinute === 0 && endMinute === FULL_DAY_END ? {} : { window }),
      ...end,
    };
  }
  if (turnmode === 4) {
    const every = interval === 1 ? start() : { interval: { days: interval, from: dateText(startDay) } };
    return { cron: `${time} * * *`, ...every, ...end };
  }
  if (turnmode === 5) {
    const sunday = startDay - new Date(startDay * DAY_MS).getUTCDay();
    const every = interval === 1 ? {} : { interval: { weeks: interval, from: dateText(sunday) } };
    return { cron: `${time} * * ${selected.join()}`, ...every, ...start(), ...end };
  }
  const months = selected.length === 12 ? '*' : selected.join();
  return { cron: `${time} ${monthDay(original, months)}`, ...start(), ...end };
}

function monthDay({ day, week: [nth, weekday] }: OriginalSchedule, months: string): string {
  if (day > 0) return `${day} ${months} *`;
  if (day < 0) return `${day === -1 ? 'L' : `L-${-day - 1}`} ${months} *`;
  return `* ${months} ${nth === 0 ? `${weekday}L` : `${weekday}#${nth}`}`;
}

/** Undefined when ours has exactly the time points of the original's rule, from its start date on. */
export function scheduleDifference(original: OriginalSchedule): string | undefined {
  const upTo = (original.startDay + COMPARED_DAYS) * DAY_MS;
  const ours = compileSchedules({ timeZone: 'UTC', schedules: [scheduleOf(original, 'UTC')] }, '');
  let last = original.startDay * DAY_MS - 1;
  let compared = 0;
  for (const time of originalTimes(original, upTo)) {
    const next = ours.next(last)?.time;
    if (next !== time) return `is not equal to the original's rule at ${new Date(time).toISOString()}`;
    last = time;
    compared += 1;
    if (compared === COMPARED_MAX) return undefined;
  }
  const extra = ours.next(last)?.time ?? upTo;
  return extra >= upTo ? undefined : `also fires at ${new Date(extra).toISOString()}`;
}

const two = (value: number): string => String(value).padStart(2, '0');
const clockText = (minute: number): string => `${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
const dateText = (day: number): string => new Date(day * DAY_MS).toISOString().slice(0, 10);

/** The instant at which the clock of the zone shows the time; the first one after a gap that skips it. */
function instantText(day: number, minute: number, timeZone: string, second = 0): string {
  const date = new Date(day * DAY_MS);
  const fields = [second, minute % 60, Math.floor(minute / 60), date.getUTCDate(), date.getUTCMonth() + 1, '*'];
  const cron = [...fields, date.getUTCFullYear()].join(' ');
  const { next } = compileSchedules({ timeZone, schedules: [{ cron }] }, '');
  return new Date(next((day - 2) * DAY_MS)!.time).toISOString().replace('.000Z', 'Z');
}
