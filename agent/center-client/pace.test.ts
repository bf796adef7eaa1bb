import t from 'tap';
import { FakeClock } from '../../base/index.js';
import { Pace } from './pace.js';

t.test('the first request goes at once, the next ones keep their distance', async (t) => {
  const clock = new FakeClock(0);
  const pace = new Pace({ clock, gapMs: 50, startsWait: () => false });
  const { signal } = new AbortController();
  await pace.turn(signal);
  const times: number[] = [];
  const second = pace.turn(signal).then(() => times.push(clock.monotonic()));
  await clock.advance(49);
  t.same(times, []);
  await clock.advance(1);
  await second;
  t.same(times, [50]);
  await clock.advance(1000);
  await pace.turn(signal);
  t.equal(clock.monotonic(), 1050, 'after a pause there is nothing to wait for');
});

t.test('an abort ends the wait', async (t) => {
  const clock = new FakeClock(0);
  const pace = new Pace({ clock, gapMs: 50, startsWait: () => false });
  const abort = new AbortController();
  await pace.turn(abort.signal);
  const turn = pace.turn(abort.signal);
  abort.abort();
  await turn;
  t.equal(clock.monotonic(), 0);
});

t.test('starts that wait go first, but not for ever', async (t) => {
  const clock = new FakeClock(0);
  let waiting = true;
  const pace = new Pace({ clock, gapMs: 50, startsWait: () => waiting });
  const { signal } = new AbortController();
  const times: number[] = [];
  const first = pace.turn(signal).then(() => times.push(clock.monotonic()));
  await new Promise<void>((resolve) => setImmediate(resolve));
  await clock.advance(40);
  t.same(times, []);
  waiting = false;
  await clock.advance(10);
  await first;
  t.same(times, [50]);
  waiting = true;
  const second = pace.turn(signal).then(() => times.push(clock.monotonic()));
  await clock.advance(6000);
  await second;
  t.same(times, [50, 5100]);
});
