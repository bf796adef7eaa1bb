import t from 'tap';
import { Journal } from './journal.js';

t.test('what changed since a version', async (t) => {
  const journal = new Journal();
  t.same(journal.since(0), []);
  journal.one('a');
  journal.one('b');
  t.same([journal.since(0), journal.since(1), journal.since(2)], [['a', 'b'], ['b'], []]);
  t.equal(journal.since(3), undefined, 'a version of another journal');
  journal.all();
  t.same([journal.version, journal.since(2), journal.since(3)], [3, undefined, []]);
});

t.test('what is long ago is forgotten', async (t) => {
  const journal = new Journal();
  for (let i = 0; i < 10_000; i += 1) journal.one(String(i));
  t.equal(journal.since(0), undefined);
  t.same(journal.since(9_998), ['9998', '9999']);
  t.equal(journal.since(9_000)?.length, 1_000);
});
