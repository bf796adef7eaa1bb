import t from 'tap';
import { retryDelayMs } from './retry-delay.js';

const policy = { limit: 9, initialMs: 10_000, maxMs: 300_000, factor: 2, jitter: 0 };

t.test('waits grow by the factor up to the longest one', async (t) => {
  const waits = (factor: number) => [1, 2, 3, 9].map((attempt) => retryDelayMs('a', attempt, { ...policy, factor }));
  t.strictSame(waits(2), [10_000, 20_000, 40_000, 300_000]);
  t.strictSame(waits(1), [10_000, 10_000, 10_000, 10_000]);
  t.strictSame(waits(1.5), [10_000, 15_000, 22_500, 256_289]);
});

t.test(
  'jitter shortens a wait by at most its share, the same whoever computes it, and differently for each attempt',
  async (t) => {
    const waits = Array.from({ length: 200 }, (_, run) => retryDelayMs(`run-${run}`, 1, { ...policy, jitter: 0.25 }));
    t.ok(waits.every((wait) => wait > 7500 && wait <= 10_000));
    t.ok(Math.min(...waits) < 7700 && Math.max(...waits) > 9800, 'it uses the whole share');
    t.ok(new Set(waits).size > 150, 'runs that failed together are not tried again together');
    t.equal(retryDelayMs('run-7', 1, { ...policy, jitter: 0.25 }), waits[7]);
    t.not(retryDelayMs('run-7', 2, { ...policy, factor: 1, jitter: 0.25 }), waits[7]);
  },
);

t.test('no wait is shorter than the least one', async (t) => {
  const waits = [1, 2].map((attempt) => retryDelayMs('a', attempt, { ...policy, initialMs: 3000, minMs: 5000 }));
  t.strictSame(waits, [5000, 6000]);
});

t.test('a wait may shrink to nothing, never below', async (t) => {
  for (let run = 0; run < 50; run++) {
    t.ok(retryDelayMs(`run-${run}`, 1, { ...policy, initialMs: 3, jitter: 1 }) >= 0);
  }
});
