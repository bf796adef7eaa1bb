import t from 'tap';
import { FakeClock } from '../../../base/index.js';
import { SuspensionEnds } from './suspension-ends.js';

t.test('each end is told once, the latest that was said of a task', async (t) => {
  const clock = new FakeClock();
  const start = clock.now();
  const told: string[] = [];
  const ends = new SuspensionEnds(clock, (uid) => told.push(`${uid} ${clock.now() - start}`));
  ends.watch('late', start + 90_000);
  ends.watch('early', start + 1_000);
  ends.watch('moved', start + 2_000);
  ends.watch('moved', start + 3_000);
  ends.watch('resumed', start + 2_500);
  ends.watch('resumed', undefined);
  ends.watch('past', start - 1);
  await clock.advance(60_000);
  t.same(told, ['early 1000', 'moved 3000']);
  await clock.advance(60_000);
  t.same(told.slice(2), ['late 90000']);
  ends.watch('stopped', clock.now() + 10);
  ends.stop();
  await clock.advance(60_000);
  t.equal(told.length, 3);
});
