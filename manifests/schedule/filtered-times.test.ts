// Windows and intervals against an evaluator that looks at every time point of the schedule without them, and asks Intl what
// the wall clock shows there.
import fc from 'fast-check';
import t from 'tap';
import { WEEKDAYS } from '../kinds/calendar-words.js';
import type { Schedule } from '../kinds/task-schedule.js';
import { compileSchedules } from './task-schedules.js';

const MINUTE = 60_000;
const DAY = 86_400_000;

const at = (text: string): number => Date.parse(text);
const pad = (value: number): string => String(value).padStart(2, '0');
const clockText = (minutes: number): string => `${pad(Math.floor(minutes / 60))}:${pad(minutes % 60)}`;

const QUARTER = 15 * MINUTE;
const offsets = new Map<string, number>();

/** The wall clock as a UTC date. In the years of these tests clocks change at quarters of an hour only. */
function wallOf(time: number, timeZone: string): Date {
  const quarter = Math.floor(time / QUARTER) * QUARTER;
  const key = `${timeZone} ${quarter}`;
  let offset = offsets.get(key);
  if (offset === undefined) {
    offset = shown(quarter, timeZone) - quarter;
    offsets.set(key, offset);
  }
  return new Date(time + offset);
}

const formats = new Map<string, Intl.DateTimeFormat>();

function shown(time: number, timeZone: string): number {
  let format = formats.get(timeZone);
  if (format === undefined) {
    const digits = { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric' } as const;
    format = new Intl.DateTimeFormat('en-US', { timeZone, hourCycle: 'h23', ...digits });
    formats.set(timeZone, format);
  }
  const [month, day, year, hour, minute] = format.format(time).match(/\d+/g)!.map(Number);
  return Date.UTC(year!, month! - 1, day, hour, minute);
}

const dateOf = (wall: Date): number => Math.floor(wall.getTime() / DAY);
const minuteOf = (wall: Date): number => wall.getUTCHours() * 60 + wall.getUTCMinutes();

/** The date whose window shows this wall time, in days since 1970; undefined when it is outside. */
function windowDate({ window }: Schedule, wall: Date): number | undefined {
  if (window === undefined) return dateOf(wall);
  const [from, to] = [window.from, window.to].map((text) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3)));
  const minute = minuteOf(wall);
  if (from! <= to!) return minute >= from! && minute <= to! ? dateOf(wall) : undefined;
  if (minute >= from!) return dateOf(wall);
  return minute <= to! ? dateOf(wall) - 1 : undefined;
}

function admits(schedule: Schedule, wall: Date): boolean {
  const date = windowDate(schedule, wall);
  if (date === undefined) return false;
  const opened = new Date(date * DAY);
  const { window, interval } = schedule;
  const weekday = opened.toUTCString().slice(0, 3);
  if (window?.weekdays !== undefined && !window.weekdays.some((day) => day === weekday)) return false;
  if (interval === undefined) return true;
  const first = new Date(`${interval.from}T00:00:00Z`);
  const days = date - first.getTime() / DAY;
  if (days < 0) return false;
  if (interval.days !== undefined) return days % interval.days === 0;
  if (interval.weeks !== undefined) return Math.floor(days / 7) % interval.weeks === 0;
  const months = (opened.getUTCFullYear() - first.getUTCFullYear()) * 12 + opened.getUTCMonth() - first.getUTCMonth();
  return months % interval.months! === 0;
}

const timeOfDay = fc.integer({ min: 0, max: 1439 }).map(clockText);
const windows = fc.record<NonNullable<Schedule['window']>>(
  { from: timeOfDay, to: timeOfDay, weekdays: fc.uniqueArray(fc.constantFrom(...WEEKDAYS), { minLength: 1 }) },
  { requiredKeys: ['from', 'to'] },
);
const intervals = fc
  .tuple(fc.constantFrom('days', 'weeks', 'months'), fc.integer({ min: 1, max: 5 }), fc.integer({ min: 0, max: 400 }))
  .map(([unit, count, day]) => ({
    [unit]: count,
    from: new Date(at('2024-01-01T00:00:00Z') + day * DAY).toISOString().slice(0, 10),
  })) as fc.Arbitrary<NonNullable<Schedule['interval']>>;
const filters = fc.record({ window: windows, interval: intervals }, { requiredKeys: [] });
const bases: fc.Arbitrary<Schedule> = fc.oneof(
  fc
    .constantFrom('*/20 * * * *', '0 */3 * * *', '30 2 * * *', '5,35 0,23 * * *', '0 1 1-7 * MON')
    .map((cron) => ({ cron })),
  fc.integer({ min: 5, max: 300 }).map((minutes) => ({ every: `${minutes}m`, anchor: '2024-02-29T00:00:30Z' })),
);
/** Clock changes at two, at midnight from either side, of half an hour, and none. */
const zones = fc.constantFrom('Europe/Berlin', 'America/Havana', 'America/Asuncion', 'Australia/Lord_Howe', 'UTC');

t.test('a filtered schedule has the admitted ones of its time points', async (t) => {
  let points = 0;
  fc.assert(
    fc.property(bases, filters, zones, fc.integer({ min: 0, max: 700 }), (base, filter, timeZone, day) => {
      // A skipped time of day that fires after the gap has two wall times; it has a test of its own.
      const rest = { timeZone, dst: { gap: 'Skip' as const } };
      const from = at('2024-02-01T00:00:00Z') + day * DAY;
      const to = from + 12 * DAY;
      const all = compileSchedules({ ...rest, schedules: [base] }, 'uid').between(from, to, 10_000);
      const wanted = all.map(({ time }) => time).filter((time) => admits(filter, wallOf(time, timeZone)));
      const filtered = compileSchedules({ ...rest, schedules: [{ ...base, ...filter }] }, 'uid');
      const seen = filtered.between(from, to, 10_000).map(({ time }) => time);
      points += seen.length;
      return seen.join() === wanted.join();
    }),
    { numRuns: 100 },
  );
  t.ok(points > 500, `${points} time points`);
});

t.test('with restart, every day begins a grid of its own', async (t) => {
  let points = 0;
  const hours = fc.record({ window: windows, interval: intervals }, { requiredKeys: ['window'] });
  const spans = fc.oneof(fc.integer({ min: 0, max: 700 }), fc.constantFrom(57, 58, 268, 246, 64, 275));
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 400 }), hours, zones, spans, (every, filter, timeZone, day) => {
      const from = at('2024-02-01T00:00:00Z') + day * DAY;
      const to = from + 4 * DAY;
      const wanted: number[] = [];
      const begun = new Map<number, number>();
      const opening = filter.window!.from;
      for (let time = from - 3 * DAY; time <= to; time += MINUTE) {
        const wall = wallOf(time, timeZone);
        // The beginning of each date's grid: the clock shows the opening or, after a gap, more.
        const reached = dateOf(wall) - (clockText(minuteOf(wall)) >= opening ? 0 : 1);
        if (!begun.has(reached)) begun.set(reached, time);
        const date = windowDate(filter, wall);
        if (date === undefined || time <= from || !admits(filter, wall)) continue;
        if ((time - begun.get(date)!) % (every * MINUTE) === 0) wanted.push(time);
      }
      const schedule = { every: `${every}m`, ...filter, window: { ...filter.window!, restart: true } };
      const seen = compileSchedules({ timeZone, schedules: [schedule] }, 'uid').between(from, to, 10_000);
      points += seen.length;
      return seen.map(({ time }) => time).join() === wanted.join();
    }),
    { numRuns: 30 },
  );
  t.ok(points > 500, `${points} time points`);
});

const texts = (schedule: Schedule, timeZone: string, from: string, count: number, dst = {}): string[] =>
  compileSchedules({ timeZone, dst, schedules: [schedule] }, 'uid')
    .between(at(from) - 1, Number.POSITIVE_INFINITY, count)
    .map(({ time }) => wallOf(time, timeZone).toISOString().slice(0, 16));

t.test('the last minute belongs to the window, all of it', async (t) => {
  const schedule = { every: '20s', window: { from: '09:00', to: '09:00' } };
  const points = compileSchedules({ schedules: [schedule] }, 'uid').between(at('2026-01-01T00:00:00Z'), 1e13, 4);
  t.strictSame(
    points.map(({ time }) => new Date(time).toISOString().slice(8, 19)),
    ['01T09:00:00', '01T09:00:20', '01T09:00:40', '02T09:00:00'],
  );
});

t.test('after midnight a window belongs to the day on which it opened', async (t) => {
  const window = { from: '22:00', to: '06:00', weekdays: ['Fri' as const] };
  const wanted = ['2026-01-09T22:30', '2026-01-10T00:30', '2026-01-10T02:30', '2026-01-10T04:30', '2026-01-16T22:30'];
  t.strictSame(texts({ cron: '30 */2 * * *', window }, 'Europe/Berlin', '2026-01-04T00:00:00Z', 5), wanted);
});

t.test('a time of day that a clock change moves out of the window does not fire', async (t) => {
  const from = '2026-03-28T00:00:00Z';
  const cron = '30 2 * * *';
  const narrow = texts({ cron, window: { from: '02:00', to: '02:45' } }, 'Europe/Berlin', from, 2);
  t.strictSame(narrow, ['2026-03-28T02:30', '2026-03-30T02:30']);
  const wide = texts({ cron, window: { from: '02:00', to: '03:00' } }, 'Europe/Berlin', from, 2);
  t.strictSame(wide, ['2026-03-28T02:30', '2026-03-29T03:00']);
  const elsewhere = { cron, window: { from: '03:00', to: '04:00' } };
  t.strictSame(texts(elsewhere, 'Europe/Berlin', from, 1), [], 'none is moved into it either');
});

t.test('what is far away costs no more than what is near', async (t) => {
  const schedules: Schedule[] = [
    {
      every: '1s',
      window: { from: '09:00', to: '09:00', weekdays: ['Mon'] },
      interval: { weeks: 1000, from: '2026-01-05' },
    },
    { cron: '* * * * * *', interval: { months: 1000, from: '2026-01-05' } },
    {
      every: '1s',
      window: { from: '09:00', to: '09:00', restart: true },
      interval: { days: 1000, from: '2026-01-05' },
    },
  ];
  const seen = schedules.map((schedule) => texts(schedule, 'UTC', '2026-02-01T00:00:00Z', 1)[0]);
  t.strictSame(seen, ['2045-03-06T09:00', '2109-05-01T00:00', '2028-10-01T09:00']);
});

t.test('nothing that is admitted', async (t) => {
  const never: Schedule[] = [
    { cron: '30 3 * * *', window: { from: '09:00', to: '17:00' } },
    { cron: '0 8 * * MON', interval: { days: 7, from: '2026-01-06' } },
    { cron: '0 8 * 2 *', interval: { months: 2, from: '2026-01-01' } },
    { every: '24h', window: { from: '09:00', to: '17:00' } },
    {
      every: '1h',
      window: { from: '09:00', to: '17:00', weekdays: ['Mon'] },
      interval: { days: 14, from: '2026-01-06' },
    },
  ];
  for (const schedule of never)
    t.strictSame(texts(schedule, 'UTC', '1970-01-01T00:00:00Z', 1), [], JSON.stringify(schedule));
});
