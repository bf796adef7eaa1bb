import t from 'tap';
import { explainedTimes } from './explained-times.js';
import type { ScheduleSpec } from './task-schedules.js';

const MINUTE = /T(\d\d:\d\d)/;

function rows(spec: ScheduleSpec, from: string, count: number, excluded = false): string[] {
  const { times } = explainedTimes(spec, 'uid', { from: Date.parse(from), count, excluded });
  return times.map(({ time, note = '', excluded: cause = '' }) =>
    [new Date(time).toISOString().slice(0, 10), MINUTE.exec(new Date(time).toISOString())![1], cause, note]
      .join(' ')
      .replace(/ +/g, ' ')
      .trim(),
  );
}

const timeZone = 'Europe/Berlin';

t.test('what clock changes do is said', async (t) => {
  const nightly: ScheduleSpec = { timeZone, schedules: [{ cron: '30 2 * * *' }] };
  t.strictSame(rows(nightly, '2026-03-28T00:00:00Z', 3), [
    '2026-03-28 01:30',
    '2026-03-29 01:00 02:30 does not exist: clocks go from 02:00 to 03:00',
    '2026-03-30 00:30',
  ]);
  t.strictSame(rows({ ...nightly, dst: { gap: 'Skip' } }, '2026-03-28T00:00:00Z', 2, true), [
    '2026-03-28 01:30',
    '2026-03-29 01:00 ClockChange 02:30 does not exist: clocks go from 02:00 to 03:00; left out by dst',
    '2026-03-30 00:30 clocks have gone forward by 1h',
  ]);
  t.strictSame(rows({ ...nightly, dst: { overlap: 'Both' } }, '2026-10-24T12:00:00Z', 3), [
    '2026-10-25 00:30 02:30 for the first of two times: clocks go back',
    '2026-10-25 01:30 02:30 for the second time: clocks have gone back',
    '2026-10-26 01:30',
  ]);
  const quarters: ScheduleSpec = { timeZone, schedules: [{ cron: '*/30 * * * *' }] };
  t.strictSame(rows(quarters, '2026-03-29T00:00:00Z', 2), [
    '2026-03-29 00:30',
    '2026-03-29 01:00 clocks have gone forward by 1h',
  ]);
});

t.test('a time point at the end of a gap that is due anyway', async (t) => {
  const both: ScheduleSpec = { timeZone, schedules: [{ cron: '0,30 2,3 * * *' }] };
  t.strictSame(rows(both, '2026-03-28T23:00:00Z', 1), ['2026-03-29 01:00']);
});

t.test('what window and interval leave out', async (t) => {
  const schedule = {
    cron: '0 */6 * * *',
    window: { from: '06:00', to: '12:00' },
    interval: { days: 2, from: '2026-01-01' },
  };
  t.strictSame(rows({ schedules: [schedule] }, '2026-01-01T06:00:00Z', 2, true), [
    '2026-01-01 12:00',
    '2026-01-01 18:00 Window outside of the window 06:00 to 12:00',
    '2026-01-02 00:00 Window outside of the window 06:00 to 12:00',
    '2026-01-02 06:00 Interval not counted by the interval',
    '2026-01-02 12:00 Interval not counted by the interval',
    '2026-01-02 18:00 Window outside of the window 06:00 to 12:00',
    '2026-01-03 00:00 Window outside of the window 06:00 to 12:00',
    '2026-01-03 06:00',
  ]);
});

t.test('what is left out has a limit, and says so', async (t) => {
  const schedules = [{ every: '1s', window: { from: '09:00', to: '09:00' } }];
  const query = { from: Date.parse('2026-01-01T09:00:58Z'), count: 3, excluded: true };
  const { times, cut } = explainedTimes({ schedules }, 'uid', query);
  t.equal(cut, true);
  t.equal(times.filter(({ excluded }) => excluded === 'Window').length, 1000);
  t.equal(times.filter(({ excluded }) => excluded === undefined).length, 3);
  const over = explainedTimes({ schedules: [{ at: '2026-01-01T00:00:00Z' }] }, 'uid', query);
  t.strictSame(over, { times: [], cut: false });
});
