// Calendars against an evaluator that looks at every time point of the schedule without them, asks Intl for its date and
// compares texts.
import fc from 'fast-check';
import t from 'tap';
import type { ResolvedCalendar } from '../kinds/calendar.js';
import { WEEKDAYS } from '../kinds/calendar-words.js';
import type { Schedule } from '../kinds/task-schedule.js';
import { calendarDays, parseCalendarDates } from './calendar-days.js';
import { explainedTimes } from './explained-times.js';
import { compileSchedules, scheduleSpecOf } from './task-schedules.js';

const DAY = 86_400_000;
const at = (text: string): number => Date.parse(text);
const iso = (time: number): string => new Date(time).toISOString();

const formats = new Map<string, Intl.DateTimeFormat>();

/** The date that the clock of a zone shows, as `2026-03-29`. */
function dateIn(timeZone: string, time: number): string {
  let format = formats.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
    formats.set(timeZone, format);
  }
  return format.format(time);
}

function onCalendar({ weekdays = [], dates = [] }: ResolvedCalendar, date: string): boolean {
  const weekday = new Date(`${date}T00:00:00Z`).toUTCString().slice(0, 3);
  if (weekdays.some((day) => day === weekday)) return true;
  return dates.some((text) => {
    const [from = '', to = from] = text.split('/');
    const shown = from.length === 5 ? date.slice(5) : date;
    return from <= to ? shown >= from && shown <= to : shown >= from || shown <= to;
  });
}

const FIRST = at('2024-02-01T00:00:00Z');
const dateText = fc.integer({ min: -20, max: 420 }).map((day) => iso(FIRST + day * DAY).slice(0, 10));
const datesText = fc.oneof(
  dateText,
  dateText.map((text) => text.slice(5)),
  fc.tuple(dateText, dateText).map((both) => both.sort().join('/')),
  fc.tuple(dateText, dateText).map(([a, b]) => `${a.slice(5)}/${b.slice(5)}`),
);
/** Clock changes at two, at midnight from either side, of half an hour, and none. */
const zones = fc.constantFrom('Europe/Berlin', 'America/Havana', 'America/Asuncion', 'Australia/Lord_Howe', 'UTC');
const days = fc.record(
  {
    weekdays: fc.uniqueArray(fc.constantFrom(...WEEKDAYS), { minLength: 1, maxLength: 3 }),
    dates: fc.array(datesText, { minLength: 1, maxLength: 5 }),
    timeZone: zones,
  },
  { requiredKeys: [] },
);
const calendars = fc
  .tuple(days, days, days)
  .map((all) => all.map((one, i): ResolvedCalendar => ({ ...one, name: `c${i}` })));
const refs = fc.record(
  {
    exclude: fc.uniqueArray(fc.constantFrom('c0', 'c1'), { minLength: 1 }),
    only: fc.uniqueArray(fc.constantFrom('c1', 'c2'), { minLength: 1 }),
  },
  { requiredKeys: [] },
);
const bases: fc.Arbitrary<Schedule> = fc.oneof(
  fc.constantFrom('*/20 * * * *', '0 */3 * * *', '30 2 * * *', '0 0 * * *', '0 1 1-7 * MON').map((cron) => ({ cron })),
  fc.integer({ min: 20, max: 3000 }).map((minutes) => ({ every: `${minutes}m`, anchor: '2024-02-29T00:00:30Z' })),
  fc
    .integer({ min: 5, max: 90 })
    .map((minutes) => ({ every: `${minutes}m`, window: { from: '22:00', to: '03:00', restart: true } })),
);

t.test('the time points that are left are those on days that are admitted', async (t) => {
  let [left, all] = [0, 0];
  fc.assert(
    fc.property(bases, calendars, refs, zones, fc.integer({ min: 0, max: 380 }), (base, known, ref, timeZone, day) => {
      const from = FIRST + day * DAY;
      const to = from + 20 * DAY;
      const spec = { timeZone, calendars: known };
      const named = (names: readonly string[] = []) => known.filter(({ name }) => names.includes(name));
      const shown = (time: number) => (one: ResolvedCalendar) =>
        onCalendar(one, dateIn(one.timeZone ?? timeZone, time));
      const points = compileSchedules({ timeZone, schedules: [base] }, 'uid').between(from, to, 10_000);
      const wanted = points
        .map(({ time }) => time)
        .filter((time) => !named(ref.exclude).some(shown(time)))
        .filter((time) => ref.only === undefined || named(ref.only).some(shown(time)));
      const filtered = compileSchedules({ ...spec, schedules: [{ ...base, calendar: ref }] }, 'uid');
      const seen = filtered.between(from, to, 10_000).map(({ time }) => time);
      left += seen.length;
      all += points.length;
      return seen.join() === wanted.join();
    }),
    { numRuns: 300 },
  );
  t.ok(left > 1000 && left < all, `${left} of ${all} time points`);
});

t.test('a clock that goes back over midnight brings back a day', async (t) => {
  // In Newfoundland clocks went from 00:01 of 7 November 2010 back to 23:01 of the sixth.
  const spec = { timeZone: 'America/St_Johns', schedules: [{ every: '10m' }] };
  const only = { ...spec, calendar: { only: ['sixth'] }, calendars: [{ name: 'sixth', dates: ['2010-11-06'] }] };
  const [from, to] = [at('2010-11-06T00:00:00Z'), at('2010-11-08T00:00:00Z')];
  const wanted = compileSchedules(spec, '')
    .between(from, to, 1000)
    .filter(({ time }) => dateIn('America/St_Johns', time) === '2010-11-06');
  t.strictSame(compileSchedules(only, '').between(from, to, 1000), wanted);
  t.equal(wanted.length, 149, 'a day, and 59 minutes of it once more');
  const rest = {
    ...spec,
    calendar: { exclude: ['after'] },
    calendars: [{ name: 'after', dates: ['2010-11-07/2199-12-31'] }],
  };
  const before = at('2010-11-06T02:29:59Z');
  t.strictSame(compileSchedules(rest, '').between(before, to, 1000), wanted);
});

t.test('what a calendar says of dates', async (t) => {
  const has = (texts: string[], date: string): boolean =>
    calendarDays({ dates: texts }).has(Math.floor(at(`${date}T00:00:00Z`) / DAY));
  t.ok(has(['12-24/01-01'], '2031-12-31') && has(['12-24/01-01'], '2031-01-01') && !has(['12-24/01-01'], '2031-01-02'));
  t.ok(has(['02-29'], '2028-02-29') && !has(['02-29'], '2027-03-01') && !has(['02-29'], '2027-02-28'));
  t.ok(has(['2026-12-24/2027-01-01', '2026-12-30/2027-02-01'], '2027-01-20'));
  for (const wrong of ['2026-02-29', '13-01', '2026-12-24/12-31', '2027-01-01/2026-12-24', '1969-01-01', '12/25', '']) {
    t.equal(parseCalendarDates(wrong), undefined, wrong);
  }
  const days = calendarDays({ dates: ['2100-02-28', '02-29'] });
  t.equal(days.nextIn(at('2096-03-01T00:00:00Z') / DAY), at('2100-02-28T00:00:00Z') / DAY);
  t.equal(days.nextIn(at('2100-03-01T00:00:00Z') / DAY), at('2104-02-29T00:00:00Z') / DAY);
  t.equal(calendarDays({ dates: ['2026-01-01'] }).nextIn(at('2026-01-02T00:00:00Z') / DAY), undefined);
  t.equal(calendarDays({ weekdays: [...WEEKDAYS] }).nextOut(0), undefined);
  t.equal(calendarDays({ dates: ['01-01/12-31'] }).nextOut(0), undefined, 'all days of all years');
});

t.test('a task and its schedules', async (t) => {
  const calendars = [
    { name: 'holidays', dates: ['12-25'] },
    { name: 'weekend', weekdays: ['Sat', 'Sun'] as ('Sat' | 'Sun')[] },
  ];
  const metadata = { name: 'x', namespace: 'default' };
  const times = (spec: Parameters<typeof scheduleSpecOf>[0]['spec'], count: number): string[] =>
    compileSchedules(scheduleSpecOf({ metadata, spec: { calendars, ...spec } }), '')
      .between(at('2026-12-24T00:00:00Z'), Number.POSITIVE_INFINITY, count)
      .map(({ time, schedule }) => `${schedule} ${iso(time).slice(0, 10)}`);
  const daily = { name: 'daily', cron: '0 8 * * *' };
  t.strictSame(
    times({ schedules: [daily], calendar: { exclude: ['holidays', 'weekend'] } }, 2),
    ['daily 2026-12-24', 'daily 2026-12-28'],
    'that of the task is for all schedules',
  );
  t.strictSame(
    times({ schedules: [{ ...daily, calendar: {} }], calendar: { exclude: ['holidays'] } }, 2),
    ['daily 2026-12-24', 'daily 2026-12-25'],
    'a schedule may say otherwise',
  );
  t.strictSame(
    times(
      {
        schedules: [
          { ...daily, suspend: true },
          { name: 'noon', cron: '0 12 * * *' },
        ],
      },
      2,
    ),
    ['noon 2026-12-24', 'noon 2026-12-25'],
    'a suspended schedule is as if it were not there',
  );
  t.strictSame(times({ schedules: [{ at: '2026-12-25T00:00:00Z', calendar: { exclude: ['holidays'] } }] }, 1), []);
  t.throws(() => times({ schedules: [daily], calendar: { exclude: ['nights'] } }, 1), {
    code: 'CT_SCHEDULE_INVALID',
    message: /schedule "daily": the days of calendar "nights" are not known here/,
  });
});

t.test('a calendar that leaves nothing ends', async (t) => {
  const spec = {
    schedules: [{ cron: '0 0 * * SAT' }],
    calendar: { exclude: ['weekend'] },
    calendars: [{ name: 'weekend', weekdays: ['Sat', 'Sun'] as ('Sat' | 'Sun')[] }],
    timeZone: 'Europe/Berlin',
  };
  const next = (from: string, dst = {}) => compileSchedules({ ...spec, dst }, '').next(at(from));
  t.equal(next('2026-01-01T00:00:00Z'), undefined);
  t.equal(next('2020-01-01T00:00:00Z'), undefined, 'what is known of later times says nothing of earlier ones');
  const workdays = [{ name: 'weekend', dates: ['2026-01-03/2199-12-31'] }];
  const until = compileSchedules({ ...spec, calendars: workdays }, '');
  t.equal(until.next(at('2026-01-04T00:00:00Z')), undefined);
  t.equal(until.next(at('2025-12-26T00:00:00Z'))?.time, at('2025-12-26T23:00:00Z'), 'the same schedule, asked earlier');
  const again = compileSchedules({ ...spec, calendars: workdays }, '');
  t.equal(again.next(at('2025-12-26T00:00:00Z'))?.time, at('2025-12-26T23:00:00Z'), 'and one compiled anew');
});

t.test('who leaves out a time point is told', async (t) => {
  const spec = {
    schedules: [{ cron: '0 8 * * *', calendar: { exclude: ['holidays', 'closures'], only: ['workdays'] } }],
    calendars: [
      { name: 'holidays', dates: ['2026-12-25'] },
      { name: 'closures', dates: ['2026-12-24/2026-12-25'] },
      { name: 'workdays', weekdays: ['Mon', 'Tue', 'Wed', 'Thu', 'Fri'] as const satisfies readonly string[] },
    ].map((one) => ({ ...one }) as ResolvedCalendar),
  };
  const { times } = explainedTimes(spec, '', { from: at('2026-12-24T00:00:00Z'), count: 1, excluded: true });
  t.strictSame(
    times.map(({ time, excluded, note }) => [iso(time).slice(0, 10), excluded, note]),
    [
      ['2026-12-24', 'Calendar', 'on a day of calendar closures'],
      ['2026-12-25', 'Calendar', 'on a day of calendars holidays, closures'],
      ['2026-12-26', 'Calendar', 'on no day of calendar workdays'],
      ['2026-12-27', 'Calendar', 'on no day of calendar workdays'],
      ['2026-12-28', undefined, undefined],
    ],
  );
  const counted = {
    ...spec,
    schedules: [
      { every: '12h', window: { from: '08:00', to: '08:00', restart: true }, calendar: { exclude: ['holidays'] } },
    ],
  };
  const restarted = explainedTimes(counted, '', { from: at('2026-12-25T00:00:00Z'), count: 1, excluded: true }).times;
  t.strictSame(
    restarted.map(({ excluded }) => excluded),
    ['Calendar', undefined],
  );
});
