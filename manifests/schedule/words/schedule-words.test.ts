// What the words say is read back by a small reader of its own, and must be what the fields are.
import fc from 'fast-check';
import t from 'tap';
import type { Schedule } from '../../kinds/task-schedule.js';
import { scheduleInWords } from './schedule-words.js';

const GOLDEN: Readonly<Record<string, string>> = {
  '* * * * *': 'every minute',
  '*/5 * * * *': 'every 5 minutes',
  '*/7 * * * *': 'every 7 minutes from minute 0 to 56 of every hour',
  '7-59/15 * * * *': 'every 15 minutes from minute 7 to 52 of every hour',
  '0 * * * *': 'every hour',
  '17 * * * *': 'every hour at minute 17',
  '0 */2 * * *': 'every 2 hours from 00:00 to 22:00',
  '0 1-23/2 * * *': 'every 2 hours from 01:00 to 23:00',
  '15 9-17 * * *': 'every hour from 09:15 to 17:15',
  '*/15 9-17 * * *': 'every 15 minutes between 09:00 and 17:59',
  '*/15 9-17 * * MON-FRI': 'every 15 minutes between 09:00 and 17:59 on Monday to Friday',
  '0 2 * * *': 'at 02:00 every day',
  '30 2,14 * * *': 'at 02:30 and 14:30 every day',
  '0 0 1 * *': 'at 00:00 on day 1 of the month',
  '0 0 1,15 * *': 'at 00:00 on days 1 and 15 of the month',
  '0 0 L * *': 'at 00:00 on the last day of the month',
  '0 0 L-2 * *': 'at 00:00 on the 3rd to last day of the month',
  '0 0 15W * *': 'at 00:00 on the workday nearest to day 15 of the month',
  '0 0 LW * *': 'at 00:00 on the last workday of the month',
  '0 9 * * 5L': 'at 09:00 on the last Friday of the month',
  '0 9 * * 1#2': 'at 09:00 on the second Monday of the month',
  '0 12 13 * 5': 'at 12:00 on day 13 of the month or on Friday',
  '0 12 13 * +5': 'at 12:00 on day 13 of the month that is also Friday',
  '0 0 1 1 *': 'at 00:00 on day 1 of the month in January',
  '0 0 29 2 *': 'at 00:00 on day 29 of the month in February',
  '@hourly': 'every hour',
  '@daily': 'at 00:00 every day',
  '@weekly': 'at 00:00 on Sunday',
  '@monthly': 'at 00:00 on day 1 of the month',
  '@yearly': 'at 00:00 on day 1 of the month in January',
  '*/10 * * * * *': 'every 10 seconds',
  '30 * * * * *': 'at second 30 of every minute',
  '0 0 0 1 1 * 2027': 'at 00:00 on day 1 of the month in January in 2027',
  '* * * * * *': 'every second',
  '5,35 * * * *': 'at minutes 5 and 35 of every hour',
  '5,6,7,40 * * * *': 'at minutes 5 to 7 and 40 of every hour',
  '0 0 */2 * *': 'at 00:00 on every 2nd day from day 1 to 31 of the month',
  '0 0 1-31/3 * *': 'at 00:00 on every 3rd day from day 1 to 31 of the month',
  '0 8 * * 1,5': 'at 08:00 on Monday and Friday',
  '0 8 * * 0,6': 'at 08:00 on Saturday and Sunday',
  '0 8 * * 1-7': 'at 08:00 on Monday to Sunday',
  '0 8 * JAN,MAR-MAY *': 'at 08:00 every day in January and March to May',
  '0 9-17 * * *': 'every hour from 09:00 to 17:00',
  '0 0,6,7,8,9,10,11 * * *': 'at 00:00, 06:00, 07:00, 08:00, 09:00, 10:00 and 11:00 every day',
  '*/20 9,12 * * *': 'at 09:00, 09:20, 09:40, 12:00, 12:20 and 12:40 every day',
  '10 30 4 * * *': 'at 04:30:10 every day',
  '30 15 * * * *': 'every hour at minute 15 and second 30',
  '0-10 3 * * *': 'every minute from minute 0 to 10 between 03:00 and 03:59',
  '0-30/10 3-5 * * *': 'every 10 minutes from minute 0 to 30 between 03:00 and 05:59',
  '*/10 5 8 * * *': 'at 08:05, 08:05:10, 08:05:20, 08:05:30, 08:05:40 and 08:05:50 every day',
  '* 9 * * *': 'every minute between 09:00 and 09:59',
  '0 0 1-7 * +MON': 'at 00:00 on days 1 to 7 of the month that is also Monday',
  '15,45 8,18 * * 1-5': 'at 08:15, 08:45, 18:15 and 18:45 on Monday to Friday',
  '0 22 * * 1-5': 'at 22:00 on Monday to Friday',
  '23 0-20/2 * * *': 'every 2 hours from 00:23 to 20:23',
  '5 4 * * sun': 'at 04:05 on Sunday',
  '0 4 8-14 * *': 'at 04:00 on days 8 to 14 of the month',
  '0 0 1,15,L * 3': 'at 00:00 on days 1 and 15 and the last day of the month or on Wednesday',
  '59 23 31 12 *': 'at 23:59 on day 31 of the month in December',
  '0 0 10,20 * 2,4L': 'at 00:00 on days 10 and 20 of the month or on Tuesday and the last Thursday of the month',
  '*/30 8-18 * * 1-5': 'every 30 minutes between 08:00 and 18:59 on Monday to Friday',
  '0 0 1 */3 *': 'at 00:00 on day 1 of the month in January, April, July and October',
  '*/7 * * * * *': 'every 7 seconds from second 0 to 56 of every minute',
  '0 0 * * 6L': 'at 00:00 on the last Saturday of the month',
  '0 6 * * 2#5': 'at 06:00 on the fifth Tuesday of the month',
  '*/5 0-6 * * *': 'every 5 minutes between 00:00 and 06:59',
  '0 3 1-7 * *': 'at 03:00 on days 1 to 7 of the month',
  '0 3 1W * *': 'at 03:00 on the workday nearest to day 1 of the month',
  '30 6 L * +5': 'at 06:30 on the last day of the month that is also Friday',
  '0 0,12 1 */2 *': 'at 00:00 and 12:00 on day 1 of the month in January, March, May, July, September and November',
  '0 */4 * * *': 'at 00:00, 04:00, 08:00, 12:00, 16:00 and 20:00 every day',
  '*/2 * * * *': 'every 2 minutes',
  '45 23 * * 6': 'at 23:45 on Saturday',
  '0 9 * * MON-FRI': 'at 09:00 on Monday to Friday',
  '5 0 * 8 *': 'at 00:05 every day in August',
  '15 14 1 * *': 'at 14:15 on day 1 of the month',
  '*/10 8-18,20 * * *': 'every 10 minutes in the hours 8 to 18 and 20',
};

t.test('expressions that people write', async (t) => {
  for (const [cron, words] of Object.entries(GOLDEN)) t.equal(scheduleInWords({ cron }), words, cron);
  t.ok(Object.keys(GOLDEN).length >= 60);
});

t.test('intervals, instants, windows and what else a schedule says', async (t) => {
  const cases: readonly [Schedule, string][] = [
    [{ every: '90s' }, 'every 1 minute 30 seconds'],
    [{ every: '1h' }, 'every hour'],
    [{ every: '24h', anchor: '2026-01-01T06:00:00Z' }, 'every 24 hours, counted from 2026-01-01T06:00:00Z'],
    [{ at: '2026-12-24T18:00:00+01:00' }, 'once at 2026-12-24T18:00:00+01:00'],
    [
      { every: '7m', window: { from: '09:00', to: '17:30', weekdays: ['Mon', 'Fri'], restart: true } },
      'every 7 minutes, only from 09:00 to 17:30 on Monday and Friday, counted from each opening (UTC)',
    ],
    [
      { cron: '0 8 * * MON,FRI', interval: { weeks: 2, from: '2026-01-05' }, jitter: '5m', timeZone: '+05:30' },
      'at 08:00 on Monday and Friday, only every 2nd week counted from 2026-01-05, started up to 5m later (+05:30)',
    ],
    [
      { cron: '0 8 * * *', interval: { days: 1, from: '2026-01-05' }, endTime: '2027-01-01T00:00:00Z' },
      'at 08:00 every day, from 2026-01-05 on, until 2027-01-01T00:00:00Z (UTC)',
    ],
    [
      { cron: '0 * * * *', window: { from: '22:00', to: '06:00' } },
      'every hour, only from 22:00 to 06:00 of the next day (UTC)',
    ],
    [{ cron: 'H 2 * * *' }, 'H 2 * * * (UTC)'],
    [
      { cron: '0 8 * * *', calendar: { exclude: ['holidays', 'closures'], only: ['workdays'] } },
      'at 08:00 every day, only on days of calendar workdays, not on days of calendars holidays or closures (UTC)',
    ],
    [{ every: '1h', calendar: {}, suspend: true }, 'every hour, suspended (UTC)'],
  ];
  for (const [schedule, words] of cases) t.equal(scheduleInWords(schedule, 'UTC'), words);
});

const values = (text: string, value: (word: string) => number = Number): number[] =>
  text.split(/, | and /).flatMap((part) => {
    const [low, high = low] = part.split(' to ').map(value);
    return Array.from({ length: high! - low! + 1 }, (_, i) => low! + i);
  });

const secondOf = (time: string): number => {
  const [hour = 0, minute = 0, second = 0] = time.split(':').map(Number);
  return hour * 3600 + minute * 60 + second;
};

function stepped(first: number, last: number, step: number): number[] {
  return Array.from({ length: Math.floor((last - first) / step) + 1 }, (_, i) => first + i * step);
}

/** `every 10 minutes from minute 0 to 30`, `at seconds 5 and 10 of every minute`. */
function readSixtieths(words: string): number[] {
  const plain = words.replace(/ of every (hour|minute)$/, '');
  const every = /^every (?:(\d+) )?(?:second|minute)s?(?: from (?:second|minute) (\d+) to (\d+))?$/.exec(plain);
  if (every !== null) return stepped(Number(every[2] ?? 0), Number(every[3] ?? 59), Number(every[1] ?? 1));
  const at = /^at (?:second|minute)s? (.*)$/.exec(plain);
  if (at === null) throw new Error(`not understood: ${words}`);
  return values(at[1]!);
}

/** The seconds of the day that the words name. */
function readTimes(words: string): number[] {
  const listed = /^at (\d\d:.*?)(?: every day)?$/.exec(words);
  if (listed !== null) return listed[1]!.split(/, | and /).map(secondOf);
  const hourly = /^every hour(?: at minute (\d+))?(?: and second (\d+))?$/.exec(words);
  if (hourly !== null) return stepped(Number(hourly[1] ?? 0) * 60 + Number(hourly[2] ?? 0), 86_399, 3600);
  const hours = /^every (?:(\d+) )?hours? from (\S+) to (\S+)$/.exec(words);
  if (hours !== null) return stepped(secondOf(hours[2]!), secondOf(hours[3]!), 3600 * Number(hours[1] ?? 1));
  const [, inner = '', from, to, list] = /^(.*?)(?: between (\d\d):00 and (\d\d):59| in the hours (.*))?$/.exec(words)!;
  const inHours = list === undefined ? stepped(Number(from ?? 0), Number(to ?? 23), 1) : values(list);
  const parts = inner.split(/, (?=every |at )/);
  const ofMinutes = parts.find((part) => /^(at|every) (\d+ )?minute/.test(part));
  const ofSeconds = parts.find((part) => /^(at|every) (\d+ )?second/.test(part));
  const inMinutes = ofMinutes === undefined ? stepped(0, 59, 1) : readSixtieths(ofMinutes);
  const inSeconds = ofSeconds === undefined ? [0] : readSixtieths(ofSeconds);
  return inHours.flatMap((h) => inMinutes.flatMap((m) => inSeconds.map((s) => h * 3600 + m * 60 + s)));
}

interface Field {
  readonly text: string;
  readonly values: readonly number[];
}

const field = (min: number, max: number): fc.Arbitrary<Field> => {
  const value = fc.integer({ min, max });
  const steps = fc.integer({ min: 1, max: Math.min(20, max - min + 1) });
  const range = fc.tuple(value, value, steps).map(([a, b, step]) => {
    const [low, high] = [Math.min(a, b), Math.max(a, b)];
    return { text: `${low}-${high}/${step}`, values: stepped(low, high, step) };
  });
  const all = steps.map((step) => ({ text: `*/${step}`, values: stepped(min, max, step) }));
  const item = fc.oneof(
    value.map((one) => ({ text: String(one), values: [one] })),
    range,
  );
  const list = fc.array(item, { minLength: 1, maxLength: 3 }).map((items) => ({
    text: items.map(({ text }) => text).join(),
    values: [...new Set(items.flatMap((each) => each.values))].sort((a, b) => a - b),
  }));
  return fc.oneof(fc.constant({ text: '*', values: stepped(min, max, 1) }), all, range, list);
};

t.test('the times that are said are the times that are meant', async () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.constant({ text: '0', values: [0] }), field(0, 59)),
      field(0, 59),
      field(0, 23),
      (second, minute, hour) => {
        const words = scheduleInWords({ cron: `${second.text} ${minute.text} ${hour.text} * * *` });
        const meant = hour.values.flatMap((h) =>
          minute.values.flatMap((m) => second.values.map((s) => h * 3600 + m * 60 + s)),
        );
        return readTimes(words).join() === meant.join();
      },
    ),
    { numRuns: 300 },
  );
});

const MONTHS = 'January February March April May June July August September October November December'.split(' ');
const WEEKDAYS = 'Monday Tuesday Wednesday Thursday Friday Saturday Sunday'.split(' ');

t.test('the days that are said are the days that are meant', async () => {
  fc.assert(
    fc.property(field(1, 31), field(1, 12), field(0, 6), fc.boolean(), fc.boolean(), (day, month, week, days, both) => {
      const inMonth = days ? day.text.replace(/^\*\//, '1-31/') : '*';
      const inWeek = days && !both ? '*' : week.text.replace(/^\*/, '0-6');
      const words = scheduleInWords({ cron: `0 0 ${inMonth} ${month.text} ${inWeek}` });
      const [, said = ''] = /^at 00:00 ?(.*)$/.exec(words)!;
      const months = / ?in ([A-Z].*)$/.exec(said);
      const named = months === null ? stepped(1, 12, 1) : values(months[1]!, (name) => MONTHS.indexOf(name) + 1);
      const rest = said.replace(/ ?in [A-Z].*$/, '');
      const [ofMonth, ofWeek] =
        rest.startsWith('on day') || rest.startsWith('on every') ? rest.split(' or on ') : ['', rest];
      return (
        named.join() === month.values.join() &&
        (inMonth === '*' || readDays(ofMonth!).join() === day.values.join()) &&
        (inWeek === '*' || readWeekdays(ofWeek!).join() === fromMonday(week.values).join())
      );
    }),
    { numRuns: 300 },
  );
});

const fromMonday = (weekdays: readonly number[]): number[] =>
  weekdays.map((weekday) => (weekday + 6) % 7).sort((a, b) => a - b);

function readWeekdays(words: string): number[] {
  return values(words.replace(/^on /, ''), (name) => WEEKDAYS.indexOf(name));
}

function readDays(words: string): number[] {
  const every = /^on every (\d+).. day from day (\d+) to (\d+) of the month$/.exec(words);
  if (every !== null) return stepped(Number(every[2]), Number(every[3]), Number(every[1]));
  return values(/^on days? (.*) of the month$/.exec(words)![1]!);
}
