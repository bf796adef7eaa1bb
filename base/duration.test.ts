import fc from 'fast-check';
import t from 'tap';
import { formatDuration, parseDuration } from './duration.js';

t.test('durations', async (t) => {
  const cases: [string, number | undefined][] = [
    ['90s', 90_000],
    ['5m', 300_000],
    ['1h30m', 5_400_000],
    ['250ms', 250],
    ['1s500ms', 1500],
    ['2d', 172_800_000],
    ['0s', 0],
    ['', undefined],
    ['5', undefined],
    ['m5', undefined],
    ['30m1h', undefined],
    ['-5s', undefined],
    ['1.5s', undefined],
  ];
  for (const [text, ms] of cases) t.equal(parseDuration(text), ms, JSON.stringify(text));
});

t.test('what is formatted parses back', async () => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 10 ** 12 }), (ms) => parseDuration(formatDuration(ms)) === ms));
});
