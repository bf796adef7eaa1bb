import t from 'tap';
import { derivedSuffix, newUid, randomSuffix } from './ids.js';

t.test('suffixes are label-safe; derived ones are a function of their text', async (t) => {
  t.match(randomSuffix(), /^[0-9b-z]{5}$/);
  t.equal(derivedSuffix('a', 10), derivedSuffix('a', 10));
  t.not(derivedSuffix('a', 10), derivedSuffix('b', 10));
  t.equal(derivedSuffix('a', 10).length, 10);
  t.not(newUid(), newUid());
});

t.test('200,000 derived suffixes of one task do not collide', async (t) => {
  const seen = new Set<string>();
  for (let i = 0; i < 200_000; i++) seen.add(derivedSuffix(`u//${i * 1000}`, 10));
  t.equal(seen.size, 200_000);
});
