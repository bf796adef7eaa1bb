import { Cron } from 'croner';
import fc from 'fast-check';
import t from 'tap';
import { civilFromDays, daysFromCivil } from './civil.js';
import { compileCron } from './cron-pattern.js';
import { nextTimes } from './next-times.js';

const list = (min: number, max: number) =>
  fc.uniqueArray(fc.integer({ min, max }), { minLength: 1, maxLength: 4 }).map((values) => values.join(','));
const range = (min: number, max: number) =>
  fc.tuple(fc.integer({ min, max }), fc.integer({ min, max })).map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`);
const stepped = (min: number, max: number) =>
  fc.tuple(range(min, max), fc.integer({ min: 1, max: 9 })).map(([base, step]) => `${base}/${step}`);
const field = (min: number, max: number) =>
  fc.oneof(
    fc.constant('*'),
    fc.integer({ min: 2, max: Math.floor((max - min + 1) / 2) }).map((step) => `*/${step}`),
    list(min, max),
    range(min, max),
    stepped(min, max),
  );
const dayOfMonth = fc.oneof(
  fc.constant('*'),
  list(1, 31),
  range(1, 31),
  fc.constantFrom('L', 'LW', '1W', '15W', '31W', '5,L', '3W,20'),
);
const dayOfWeek = fc.oneof(
  fc.constant('*'),
  list(0, 7),
  range(0, 6),
  fc.constantFrom('MON-FRI', 'SUN', '5L', '1#5', 'FRI#2', 'MON,3L', '0#1,6'),
);
const expression = fc
  .tuple(field(0, 59), field(0, 59), field(0, 23), dayOfMonth, field(1, 12), fc.constantFrom('', '+'), dayOfWeek)
  .map(([second, minute, hour, day, month, both, weekday]) => {
    // croner reads "+*" as nothing special, and so do we; it says nothing about both days.
    return `${second} ${minute} ${hour} ${day} ${month} ${weekday === '*' ? '' : both}${weekday}`;
  });
const instant = fc.integer({ min: Date.UTC(1990, 0, 1), max: Date.UTC(2090, 0, 1) });

t.test('without clock changes the answer is that of croner', { timeout: 1_200_000 }, async () => {
  fc.assert(
    fc.property(expression, instant, (cron, from) => {
      const job = new Cron(cron, { timezone: 'UTC', mode: '6-part', paused: true });
      const wanted: number[] = [];
      let match = job.nextRun(new Date(from));
      while (match !== null && wanted.length < 4) {
        wanted.push(match.getTime());
        match = job.nextRun(match);
      }
      const got = nextTimes({ cron, from, count: Math.max(1, wanted.length) });
      if (wanted.join() !== got.join()) {
        const iso = (times: number[]) => times.map((time) => new Date(time).toISOString()).join();
        throw new Error(`${cron} from ${new Date(from).toISOString()}: ${iso(got)} instead of ${iso(wanted)}`);
      }
    }),
    { numRuns: process.env.CTASK_TEST_LONG === '1' ? 20_000 : 400 },
  );
});

t.test('dates count as Date counts them', async () => {
  fc.assert(
    fc.property(fc.integer({ min: -200_000, max: 200_000 }), (days) => {
      const date = new Date(days * 86_400_000);
      const { year, month, day } = civilFromDays(days);
      return (
        year === date.getUTCFullYear() &&
        month === date.getUTCMonth() + 1 &&
        day === date.getUTCDate() &&
        daysFromCivil(year, month, day) === days
      );
    }),
  );
});

t.test('impossible dates are known as such, rare ones are found', async (t) => {
  for (const cron of ['0 0 30 2 *', '0 0 31 4,6,9,11 *', '0 0 0 29 2 * 2027', '0 0 29 2 +1#1', '0 0 L-30 2 *']) {
    t.equal(compileCron(cron).never, true, cron);
    t.strictSame(nextTimes({ cron, from: 0, count: 3 }), [], cron);
  }
  const from = Date.parse('2096-03-01T00:00:00Z');
  t.strictSame(
    nextTimes({ cron: '0 0 29 2 *', from, count: 2 }).map((time) => new Date(time).getUTCFullYear()),
    [2104, 2108],
    'the leap day that 2100 does not have',
  );
});

t.test('the calendar ends with 2199', async (t) => {
  const last = Date.parse('2199-12-31T23:59:59Z');
  t.strictSame(nextTimes({ cron: '* * * * * *', from: last - 1000, count: 5 }), [last]);
  t.strictSame(nextTimes({ cron: '* * * * * *', from: last + 1e12, count: 5 }), []);
  t.strictSame(nextTimes({ cron: '0 0 1 1 *', from: -1e15, count: 1 }), [0], 'and begins with 1970');
});

t.test('the same expression is compiled once', async (t) => {
  t.equal(compileCron('7 7 * * *'), compileCron('7 7 * * *'));
});
