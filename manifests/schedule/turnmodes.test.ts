// The six types of schedules of the first CloudTask, as docs/schedules.md says them here, against an evaluator of their
// documented rules. It lists the dates one by one and asks Intl when the wall clock shows the time.
import fc from 'fast-check';
import t from 'tap';
import type { Schedule } from '../kinds/task-schedule.js';
import { compileSchedules } from './task-schedules.js';

const MINUTE = 60_000;
const QUARTER = 15 * MINUTE;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** What the original stored, with numbers for its texts. */
interface Original {
  readonly turnmode: 1 | 2 | 3 | 4 | 5 | 6;
  readonly interval: number;
  /** Days since 1970. */
  readonly startdate: number;
  /** Minutes of the day. */
  readonly starttime: number;
  readonly endtime: number;
  /** Mode 5: weekdays, 0 is Sunday. Mode 6: months, 1 to 12. */
  readonly selectat: readonly number[];
  readonly day: number;
  /** Mode 6 with day 0: [0 last or 1 to 4, weekday]. */
  readonly week: readonly [number, number];
}

const two = (value: number): string => String(value).padStart(2, '0');
const clockText = (minutes: number): string => `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
const dateText = (day: number): string => new Date(day * DAY).toISOString().slice(0, 10);

/** The table of docs/schedules.md. */
function equivalent(one: Original, startTime: string): Schedule {
  const time = `${one.starttime % 60} ${Math.floor(one.starttime / 60)}`;
  switch (one.turnmode) {
    case 1:
    case 2:
    case 3: {
      const window = { from: clockText(one.starttime), to: clockText(one.endtime), restart: true };
      return { every: `${one.interval}${'smh'[one.turnmode - 1]}`, window, startTime };
    }
    case 4:
      return { cron: `${time} * * *`, interval: { days: one.interval, from: dateText(one.startdate) } };
    case 5: {
      const sunday = one.startdate - new Date(one.startdate * DAY).getUTCDay();
      const interval = { weeks: one.interval, from: dateText(sunday) };
      return { cron: `${time} * * ${one.selectat.join()}`, interval, startTime };
    }
    case 6:
      return { cron: `${time} ${monthDay(one, one.selectat.join())}`, startTime };
  }
}

function monthDay({ day, week: [nth, weekday] }: Original, months: string): string {
  if (day > 0) return `${day} ${months} *`;
  if (day < 0) return `${day === -1 ? 'L' : `L-${-day - 1}`} ${months} *`;
  return `* ${months} ${nth === 0 ? `${weekday}L` : `${weekday}#${nth}`}`;
}

function isDay(one: Original, day: number): boolean {
  const date = new Date(day * DAY);
  const sinceSunday = new Date(one.startdate * DAY).getUTCDay();
  switch (one.turnmode) {
    case 4:
      return (day - one.startdate) % one.interval === 0;
    case 5: {
      const week = Math.floor((day - one.startdate + sinceSunday) / 7);
      return week % one.interval === 0 && one.selectat.includes(date.getUTCDay());
    }
    case 6:
      return one.selectat.includes(date.getUTCMonth() + 1) && isMonthDay(one, date);
    default:
      return true;
  }
}

function isMonthDay({ day, week: [nth, weekday] }: Original, date: Date): boolean {
  const dayOfMonth = date.getUTCDate();
  const last = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  if (day > 0) return dayOfMonth === day;
  if (day < 0) return last - dayOfMonth === -day - 1;
  if (date.getUTCDay() !== weekday) return false;
  return nth === 0 ? dayOfMonth + 7 > last : Math.ceil(dayOfMonth / 7) === nth;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** In the years of these tests clocks change at quarters of an hour only. */
function wallAt(time: number, timeZone: string): number {
  let format = formats.get(timeZone);
  if (format === undefined) {
    const digits = { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric' } as const;
    format = new Intl.DateTimeFormat('en-US', { timeZone, hourCycle: 'h23', ...digits });
    formats.set(timeZone, format);
  }
  const [month, day, year, hour, minute] = format.format(time).match(/\d+/g)!.map(Number);
  return Date.UTC(year!, month! - 1, day, hour, minute);
}

/** The first instant at which the clock shows this time, or more where a gap skips it. */
function instantOf(wall: number, timeZone: string): number {
  const near = wall - (wallAt(wall, timeZone) - wall);
  let from = Math.floor(near / QUARTER) * QUARTER - 3 * HOUR;
  // Up to the quarter that shows it, or the last one before the gap that skips it.
  while (wallAt(from, timeZone) + QUARTER <= wall && wallAt(from + QUARTER, timeZone) <= wall) from += QUARTER;
  const within = from + (wall - wallAt(from, timeZone));
  return Math.min(within, from + QUARTER);
}

function evaluate(one: Original, timeZone: string, upTo: number): number[] {
  const found: number[] = [];
  for (let day = one.startdate; day < upTo; day++) {
    if (!isDay(one, day)) continue;
    const opening = instantOf(day * DAY + one.starttime * MINUTE, timeZone);
    if (one.turnmode > 3) {
      found.push(opening);
      continue;
    }
    const step = one.interval * [1000, MINUTE, HOUR][one.turnmode - 1]!;
    for (let time = opening; time < opening + 26 * HOUR; time += step) {
      const into = wallAt(time, timeZone) - day * DAY;
      if (into >= one.starttime * MINUTE && into <= one.endtime * MINUTE) found.push(time);
    }
  }
  return found;
}

const zones = fc.constantFrom(
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe',
  'America/Havana',
  'Asia/Kolkata',
);
const FIRST = Date.UTC(2024, 0, 1) / DAY;
const minutes = fc.integer({ min: 0, max: 1439 });
const originals = (turnmode: Original['turnmode'], interval: number): fc.Arbitrary<Original> =>
  fc.record({
    turnmode: fc.constant(turnmode),
    interval: fc.integer({ min: 1, max: interval }),
    startdate: fc.integer({ min: FIRST, max: FIRST + 4 * 366 }),
    starttime: minutes,
    endtime: minutes,
    selectat: fc.uniqueArray(fc.integer(turnmode === 5 ? { min: 0, max: 6 } : { min: 1, max: 12 }), { minLength: 1 }),
    day: fc.oneof(fc.constant(0), fc.integer({ min: -31, max: 31 })),
    week: fc.tuple(fc.integer({ min: 0, max: 4 }), fc.integer({ min: 0, max: 6 })),
  });

/** Whether the two agree from the start date on, for so many days. */
function agree(one: Original, timeZone: string, days: number): boolean {
  const startTime = new Date(instantOf(one.startdate * DAY, timeZone)).toISOString();
  const upTo = one.startdate + days;
  const wanted = evaluate(one, timeZone, upTo);
  const schedules = compileSchedules({ timeZone, schedules: [equivalent(one, startTime)] }, 'uid');
  const seen = schedules.between(0, instantOf(upTo * DAY, timeZone) - 1, 100_000).map(({ time }) => time);
  return seen.join() === wanted.join();
}

const CASES = [
  { says: 'mode 1, seconds in a window', turnmode: 1, interval: 100_000, days: 3, runs: 25 },
  { says: 'mode 2, minutes in a window', turnmode: 2, interval: 600, days: 12, runs: 25 },
  { says: 'mode 3, hours in a window', turnmode: 3, interval: 24, days: 60, runs: 25 },
  { says: 'mode 4, days', turnmode: 4, interval: 40, days: 3 * 366, runs: 25 },
  { says: 'mode 5, weeks on weekdays', turnmode: 5, interval: 9, days: 3 * 366, runs: 25 },
  { says: 'mode 6, days of months', turnmode: 6, interval: 1, days: 5 * 366, runs: 40 },
] as const;

for (const { says, turnmode, interval, days, runs } of CASES) {
  t.test(says, async () => {
    const inOrder = originals(turnmode, interval).filter((one) => turnmode > 3 || one.starttime <= one.endtime);
    // Every so many seconds is many time points: the short intervals are seen by the minute.
    const sparse = inOrder.filter((one) => turnmode !== 1 || one.interval >= 60);
    fc.assert(
      fc.property(sparse, zones, (one, timeZone) => agree(one, timeZone, days)),
      { numRuns: runs },
    );
  });
}

t.test('the grid as the original had it, counted from the first day on', async (t) => {
  const schedule = { every: '5h', anchor: '2026-01-01T00:00:00Z', window: { from: '00:00', to: '23:59' } };
  const points = compileSchedules({ schedules: [schedule] }, 'uid').between(0, Date.UTC(2026, 0, 3) - 1, 20);
  const hours = points.map(({ time }) => new Date(time).getUTCHours());
  t.strictSame(hours, [0, 5, 10, 15, 20, 1, 6, 11, 16, 21]);
});
