import t from 'tap';
import { course, FAULT_KINDS } from './faults.js';
import { seededRandom } from './random.js';

const options = (seed: number) => ({
  random: seededRandom(seed),
  lengthMs: 600_000,
  agents: ['a1', 'a2', 'a3', 'a4', 'a5'],
  centers: ['c1'],
  kinds: FAULT_KINDS,
});

t.test('a seed is a course', async (t) => {
  t.same(course(options(1)), course(options(1)));
  t.notSame(course(options(1)), course(options(2)));
});

t.test('every kind occurs, ends in time, and hits no target twice at once', async (t) => {
  const seen = new Set<string>();
  for (let seed = 0; seed < 20; seed++) {
    const faults = course(options(seed));
    t.ok(faults.length > 40, `${faults.length} faults`);
    for (const [i, fault] of faults.entries()) {
      seen.add(fault.kind);
      const busy = faults.slice(0, i).filter(({ at, forMs }) => at + forMs > fault.at);
      if (busy.some(({ target }) => target === fault.target)) t.fail(`two faults of ${fault.target} at once`);
      if (fault.at + fault.forMs > 600_000) t.fail('a fault outlives the course');
    }
  }
  t.same(seen, new Set(FAULT_KINDS));
});
