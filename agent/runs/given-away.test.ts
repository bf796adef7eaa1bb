import t from 'tap';
import { GivenAway } from './given-away.js';

t.test('the center is asked when a slot comes back, once, and not before it knows of the run', async (t) => {
  const ours = new Set<string>();
  const unreported = new Set(['r2']);
  let asked = 0;
  const given = new GivenAway({
    isOurs: (slotKey) => ours.has(slotKey),
    isUnreported: (runUid) => unreported.has(runUid),
    ask: () => {
      asked += 1;
    },
  });
  given.note('r1', 's1');
  given.note('r2', 's2');
  given.note('r3', 's3');
  given.look();
  t.equal(asked, 0, 'no slot is here');
  ours.add('s1').add('s2');
  given.look();
  given.look();
  t.equal(asked, 1);
  given.reported('r9');
  t.equal(asked, 1, 'another run');
  unreported.clear();
  given.reported('r2');
  t.equal(asked, 2);
});
