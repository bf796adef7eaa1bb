import t from 'tap';
import { iso } from './iso-time.js';

t.test('writes what Date.toISOString writes', async (t) => {
  const instants = [
    0, -1, 1, 59_999, 86_399_999, 86_400_000, -86_400_000, -86_400_001, 8.64e15, -8.64e15, 253402300800000,
  ];
  for (let i = 0; i < 2000; i++)
    instants.push(Math.floor((Math.random() - 0.3) * 4e12), Date.UTC(2026, 0, 1) + i * 7919);
  for (const instant of instants) {
    if (iso(instant) !== new Date(instant).toISOString()) t.equal(iso(instant), new Date(instant).toISOString());
  }
  t.equal(iso(1_767_225_600_123.9), '2026-01-01T00:00:00.123Z');
  t.throws(() => iso(Number.NaN), RangeError);
  t.throws(() => iso(9e15), RangeError);
});
