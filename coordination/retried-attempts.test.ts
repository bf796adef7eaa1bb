import fc from 'fast-check';
import t from 'tap';
import { latestClaimedAttempt, type RetriedAttempts, withClaimedAttempt } from './retried-attempts.js';

t.test('a record without retries knows that none was claimed', async (t) => {
  t.equal(latestClaimedAttempt({}, 1000), 1);
  const retried = withClaimedAttempt({}, 1000, 2);
  t.equal(latestClaimedAttempt({ retried }, 1000), 2);
  t.equal(latestClaimedAttempt({ retried }, 2000), 1);
  t.equal(latestClaimedAttempt({ retried: withClaimedAttempt({ retried }, 1000, 3) }, 1000), 3);
});

t.test('whatever is claimed, it never says that a claimed attempt was not', async () => {
  const claim = fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 2, max: 5 }));
  fc.assert(
    fc.property(fc.array(claim, { maxLength: 80 }), (claims) => {
      const truth = new Map<number, number>();
      let retried: RetriedAttempts | undefined;
      for (const [point, attempt] of claims) {
        retried = withClaimedAttempt({ retried }, point, attempt);
        truth.set(point, Math.max(attempt, truth.get(point) ?? 1));
      }
      return [...truth].every(([point, attempt]) => {
        const known = latestClaimedAttempt({ retried }, point);
        return known === undefined || known >= attempt;
      });
    }),
  );
});

t.test('of many only the youngest are remembered, and it knows what it forgot', async (t) => {
  let retried: RetriedAttempts | undefined;
  for (let point = 1; point <= 20; point++) retried = withClaimedAttempt({ retried }, point, 2);
  t.equal(retried?.latest.length, 16);
  t.equal(latestClaimedAttempt({ retried }, 4), undefined);
  t.equal(latestClaimedAttempt({ retried }, 5), 2);
  t.equal(latestClaimedAttempt({ retried }, 21), 1);
});
