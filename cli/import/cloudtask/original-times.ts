// When the agent of CloudTask 2 ran a schedule, by its documented rule and on a clock that is always UTC; it shares
// nothing with our schedules.
import type { OriginalSchedule } from './original-job.js';

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const UNITS_MS = [0, 1000, MINUTE_MS, 60 * MINUTE_MS];

/** From the start date up to, and without, `upTo`; no end where the schedule has none. */
export function* originalTimes(schedule: OriginalSchedule, upTo: number): Generator<number> {
  const { turnmode, startDay, startMinute, endMinute, interval } = schedule;
  const end = Math.min(upTo, schedule.endDay === undefined ? upTo : (schedule.endDay + 1) * DAY_MS);
  const start = startDay * DAY_MS + startMinute * MINUTE_MS;
  if (turnmode <= 3) {
    for (let time = start; time < end; time += interval * UNITS_MS[turnmode]!) {
      const minute = Math.floor((time % DAY_MS) / MINUTE_MS);
      if (minute >= startMinute && minute <= endMinute) yield time;
    }
    return;
  }
  for (let day = startDay; day * DAY_MS < end; day++) {
    if (isDay(schedule, day)) yield day * DAY_MS + startMinute * MINUTE_MS;
  }
}

function isDay({ turnmode, startDay, interval, selected, day: wanted, week }: OriginalSchedule, day: number): boolean {
  const date = new Date(day * DAY_MS);
  if (turnmode === 4) return (day - startDay) % interval === 0;
  if (turnmode === 5) {
    const sunday = startDay - new Date(startDay * DAY_MS).getUTCDay();
    return Math.floor((day - sunday) / 7) % interval === 0 && selected.includes(date.getUTCDay());
  }
  if (!selected.includes(date.getUTCMonth() + 1)) return false;
  const dayOfMonth = date.getUTCDate();
  const length = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  if (wanted > 0) return dayOfMonth === wanted;
  if (wanted < 0) return dayOfMonth === length + 1 + wanted;
  const [nth, weekday] = week;
  if (date.getUTCDay() !== weekday) return false;
  return nth === 0 ? dayOfMonth > length - 7 : Math.ceil(dayOfMonth / 7) === nth;
}
