import t from 'tap';
import { Steady } from './steady.js';

const nothing = { raised: [], over: [] };

/** Tells what is due, as a look does. */
function tell(steady: Steady, now: number) {
  const due = steady.due(now);
  steady.wasTold(due, now);
  return due;
}

t.test('what lasts is told once, and over when it was absent as long', async (t) => {
  const steady = new Steady(60);
  steady.saw('a', true, 0);
  t.same(tell(steady, 59), nothing);
  t.same(steady.due(60), { raised: ['a'], over: [] });
  t.same(tell(steady, 61), { raised: ['a'], over: [] }, 'it could not be told');
  t.same(tell(steady, 500), nothing);
  steady.saw('a', false, 500);
  t.same(tell(steady, 559), nothing);
  t.same(tell(steady, 560), { raised: [], over: ['a'] });
  t.same(tell(steady, 1_000), nothing);
});

t.test('what flaps is one alarm, or none', async (t) => {
  const told = new Steady(60);
  const untold = new Steady(60);
  told.stands('a', 0);
  for (let now = 0; now < 1_000; now += 50) {
    told.saw('a', now % 100 === 0, now);
    untold.saw('a', now % 100 === 0, now);
    t.same([tell(told, now), tell(untold, now)], [nothing, nothing]);
  }
  t.same(tell(told, 1_060), { raised: [], over: ['a'] });
});

t.test('what cannot be seen is neither raised nor over', async (t) => {
  const steady = new Steady(60);
  steady.stands('told', 0);
  steady.saw('told', false, 0);
  steady.saw('untold', true, 0);
  for (const key of ['told', 'untold']) steady.lostSight(key, 50);
  t.same(tell(steady, 100), nothing);
  steady.saw('told', false, 200);
  steady.saw('untold', true, 200);
  t.same(tell(steady, 259), nothing, 'both begin anew');
  t.same(tell(steady, 260), { raised: ['untold'], over: ['told'] });
});

t.test('it is confirmed for as long as it lasts', async (t) => {
  const steady = new Steady(60, 1_000);
  steady.saw('a', true, 0);
  t.same(tell(steady, 60), { raised: ['a'], over: [] });
  t.same(tell(steady, 1_059), nothing);
  t.same(tell(steady, 1_060), { raised: ['a'], over: [] });
  t.equal(steady.foundFor('a', 1_060), 1_060);
  steady.saw('a', false, 1_100);
  t.equal(steady.foundFor('a', 1_100), 0);
  t.same(tell(steady, 2_500), { raised: [], over: ['a'] });
  t.same(tell(steady, 9_000), nothing);
});

t.test('what somebody else has ended is told anew, should it last', async (t) => {
  const steady = new Steady(60);
  steady.saw('a', true, 0);
  t.same(tell(steady, 60).raised, ['a']);
  steady.endedElsewhere('a');
  t.same(tell(steady, 61).raised, ['a']);
  t.same(tell(steady, 62).raised, []);
  steady.endedElsewhere('unknown');
  t.same(steady.keys, ['a']);
});
