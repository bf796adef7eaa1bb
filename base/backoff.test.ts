import t from 'tap';
import { Backoff } from './backoff.js';

t.test('waits double up to the maximum, with jitter, and start over after a success', async (t) => {
  const highest = new Backoff({ initialMs: 100, maxMs: 500, random: () => 0.999999 });
  t.same([highest.next(), highest.next(), highest.next(), highest.next()].map(Math.round), [100, 200, 400, 500]);
  highest.reset();
  t.equal(Math.round(highest.next()), 100);
  const lowest = new Backoff({ initialMs: 100, maxMs: 500, random: () => 0 });
  t.same([lowest.next(), lowest.next(), lowest.next()], [50, 50, 50]);
});
