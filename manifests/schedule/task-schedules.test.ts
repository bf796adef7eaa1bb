import t from 'tap';
import { isCloudTaskError } from '../../base/index.js';
import { compileSchedules } from './task-schedules.js';

const at = (text: string): number => Date.parse(text);
const iso = (points: readonly { time: number }[]) => points.map(({ time }) => new Date(time).toISOString());

t.test('an interval counts from its anchor, whenever one asks', async (t) => {
  const schedules = compileSchedules({ schedules: [{ every: '90s' }] }, 'uid');
  t.equal(schedules.next(0)?.time, 90_000);
  t.equal(schedules.next(90_000 - 1)?.time, 90_000);
  t.equal(schedules.next(90_000)?.time, 180_000, 'strictly after');
  const anchored = compileSchedules({ schedules: [{ every: '1h', anchor: '2026-01-01T00:00:30Z' }] }, 'uid');
  t.equal(anchored.next(0)?.time, at('2026-01-01T00:00:30Z'), 'nothing before the anchor');
  t.equal(anchored.next(at('2026-05-05T12:00:30Z'))?.time, at('2026-05-05T13:00:30Z'));
  t.equal(schedules.next(at('2199-12-31T23:59:59Z')), undefined, 'the calendar ends with 2199');
});

t.test('one shot', async (t) => {
  const schedules = compileSchedules({ schedules: [{ at: '2026-12-24T18:00:00+01:00' }] }, 'uid');
  const time = at('2026-12-24T17:00:00Z');
  t.same(schedules.next(0), { time, schedule: 'default', startTime: time });
  t.equal(schedules.next(time - 1)?.time, time);
  t.equal(schedules.next(time), undefined);
});

t.test('several schedules: one time point per instant, named after the first', async (t) => {
  const schedules = compileSchedules(
    {
      schedules: [
        { name: 'hourly', cron: '0 * * * *' },
        { name: 'often', every: '30m' },
        { name: 'once', at: '2026-01-01T00:10:00Z' },
      ],
    },
    'uid',
  );
  const points = schedules.between(at('2026-01-01T00:00:00Z'), at('2026-01-01T01:30:00Z'), 100);
  t.strictSame(
    points.map(({ time, schedule }) => [new Date(time).toISOString().slice(11, 16), schedule]),
    [
      ['00:10', 'once'],
      ['00:30', 'often'],
      ['01:00', 'hourly'],
      ['01:30', 'often'],
    ],
  );
});

t.test('between: after is exclusive, upTo inclusive, limit kept', async (t) => {
  const schedules = compileSchedules({ schedules: [{ every: '1s' }] }, 'uid');
  t.strictSame(iso(schedules.between(1000, 3000, 10)), ['1970-01-01T00:00:02.000Z', '1970-01-01T00:00:03.000Z']);
  t.equal(schedules.between(0, 1e12, 7).length, 7);
  t.strictSame(schedules.between(3000, 3000, 7), []);
  t.strictSame(schedules.between(0, 1e12, 0), []);
});

t.test('startTime and endTime belong to the window', async (t) => {
  const schedules = compileSchedules(
    { schedules: [{ cron: '0 0 * * *', startTime: '2026-03-01T00:00:00Z', endTime: '2026-03-03T00:00:00Z' }] },
    'uid',
  );
  t.strictSame(iso(schedules.between(0, 1e14, 10)), [
    '2026-03-01T00:00:00.000Z',
    '2026-03-02T00:00:00.000Z',
    '2026-03-03T00:00:00.000Z',
  ]);
});

t.test('the zone of a schedule beats that of the task; offsets are zones', async (t) => {
  const spec = { timeZone: 'Europe/Berlin', schedules: [{ cron: '0 0 * * *' }] };
  const from = at('2026-07-01T12:00:00Z');
  t.equal(compileSchedules(spec, 'uid').next(from)?.time, at('2026-07-01T22:00:00Z'));
  const own = { ...spec, schedules: [{ cron: '0 0 * * *', timeZone: '+05:30' }] };
  t.equal(compileSchedules(own, 'uid').next(from)?.time, at('2026-07-01T18:30:00Z'));
});

t.test('jitter delays the start by a fixed part, the time point stays', async (t) => {
  const spec = { schedules: [{ cron: '0 0 * * *', jitter: '10m' }] };
  const points = compileSchedules(spec, 'uid-1').between(0, 10 * 86_400_000, 10);
  const delays = new Set(points.map(({ time, startTime }) => startTime - time));
  t.equal(delays.size, 1);
  const [delay] = delays;
  t.ok(delay! >= 0 && delay! < 600_000);
  t.strictSame(compileSchedules(spec, 'uid-1').next(0), points[0], 'the same in every process');
  const others = Array.from({ length: 100 }, (_, i) => {
    const point = compileSchedules(spec, `uid-${i}`).next(0)!;
    return point.startTime - point.time;
  });
  t.ok(new Set(others).size > 90, 'tasks are spread');
});

t.test('a task without schedules has no time points', async (t) => {
  t.equal(compileSchedules({}, 'uid').next(0), undefined);
});

t.test('what validation would have refused is refused', async (t) => {
  const bad = [
    { cron: '61 * * * *' },
    { every: 'soon' },
    { every: '0s' },
    { at: 'noon' },
    {},
    { cron: '0 0 * * *', timeZone: 'No/Where' },
  ];
  for (const schedule of bad) {
    try {
      compileSchedules({ schedules: [schedule] }, 'uid');
      t.fail(`${JSON.stringify(schedule)} must be refused`);
    } catch (error) {
      t.ok(isCloudTaskError(error, 'CT_SCHEDULE_INVALID'), JSON.stringify(schedule));
    }
  }
});

t.test('any instant may be asked about', async (t) => {
  const { next } = compileSchedules({ timeZone: 'Europe/Berlin', schedules: [{ cron: '0 0 1 1 *' }] }, 'uid');
  for (const from of [Number.NEGATIVE_INFINITY, -8.64e15, -1e12]) t.equal(next(from)?.time, at('1969-12-31T23:00:00Z'));
  for (const from of [Number.POSITIVE_INFINITY, 8.64e15, 1e13]) t.equal(next(from), undefined);
});
