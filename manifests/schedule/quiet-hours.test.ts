import t from 'tap';
import type { QuietHours } from '../kinds/notifier.js';
import { loudSince, quietAt } from './quiet-hours.js';

const at = (text: string) => Date.parse(text);
const until = (hours: readonly QuietHours[], text: string) => {
  const quiet = quietAt(hours, at(text));
  return quiet && new Date(quiet.until).toISOString().slice(0, 16);
};
const night = { from: '22:00', to: '07:00' };

t.test('from its first minute to the one before its last', async (t) => {
  t.equal(until([night], '2026-01-05T21:59:59Z'), undefined);
  t.equal(until([night], '2026-01-05T22:00Z'), '2026-01-06T07:00');
  t.equal(until([night], '2026-01-06T06:59:59Z'), '2026-01-06T07:00');
  t.equal(until([night], '2026-01-06T07:00Z'), undefined);
  const lunch = [{ from: '12:00', to: '13:00' }];
  t.equal(until(lunch, '2026-01-06T12:30Z'), '2026-01-06T13:00');
  t.equal(until(lunch, '2026-01-06T13:00Z'), undefined);
  t.equal(until([{ from: '08:00', to: '08:00' }], '2026-01-06T07:00Z'), '2026-01-06T08:00', 'all day');
  t.equal(quietAt([], 0), undefined);
});

t.test('by the day on which it begins', async (t) => {
  const friday: QuietHours = { ...night, weekdays: ['Fri'] };
  t.equal(until([friday], '2026-01-09T06:00Z'), undefined, 'Thursday night');
  t.equal(until([friday], '2026-01-09T23:00Z'), '2026-01-10T07:00');
  t.equal(until([friday], '2026-01-10T06:00Z'), '2026-01-10T07:00');
  t.equal(until([friday], '2026-01-10T23:00Z'), undefined);
});

t.test('on the clock of its zone, also when that changes', async (t) => {
  const berlin = [{ ...night, timeZone: 'Europe/Berlin' }];
  t.equal(until(berlin, '2026-01-05T21:00Z'), '2026-01-06T06:00');
  t.equal(until(berlin, '2026-07-05T20:00Z'), '2026-07-06T05:00');
  // 29 March, 02:00 becomes 03:00; 25 October, 03:00 becomes 02:00: looked at again then.
  t.equal(until(berlin, '2026-03-28T22:00Z'), '2026-03-29T01:00');
  t.equal(until(berlin, '2026-03-29T01:00Z'), '2026-03-29T05:00');
  const early = [{ from: '00:00', to: '02:30', timeZone: 'Europe/Berlin' }];
  t.equal(until(early, '2026-03-29T00:30Z'), '2026-03-29T01:00', 'its end is never shown');
  t.equal(until(early, '2026-03-29T01:00Z'), undefined);
  t.equal(until(early, '2026-10-25T00:00Z'), '2026-10-25T00:30', 'its end is shown twice');
  t.equal(until(early, '2026-10-25T00:45Z'), undefined);
  t.equal(until(early, '2026-10-25T01:15Z'), '2026-10-25T01:30');
});

t.test('of several windows each must let an event pass', async (t) => {
  const both: QuietHours[] = [
    { ...night, except: ['Lost', 'Missed'] },
    { from: '05:00', to: '06:00', except: ['Lost'] },
  ];
  t.same(quietAt(both, at('2026-01-06T04:00Z'))?.except, ['Lost', 'Missed']);
  t.same(quietAt(both, at('2026-01-06T05:00Z')), { until: at('2026-01-06T06:00Z'), except: ['Lost'] });
});

t.test('time that was not quiet, counted back', async (t) => {
  const now = at('2026-01-06T12:00Z');
  const day = 86_400_000;
  t.equal(loudSince([], now, day), now - day);
  t.equal(loudSince([night], now, day), at('2026-01-04T18:00Z'));
  t.equal(loudSince([{ from: '00:00', to: '00:00' }], now, day), now - 14 * day, 'always quiet');
});
