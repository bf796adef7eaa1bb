import t from 'tap';
import { FakeClock, within } from './index.js';

t.test('work that takes too long is aborted, and other work is not', async (t) => {
  const clock = new FakeClock(0);
  const late = within(clock, 500, (signal) => clock.sleep(1000, signal));
  const rejected = t.rejects(late, { message: 'not done within 500 ms' });
  await clock.advance(500);
  await rejected;

  let seen: AbortSignal | undefined;
  const value = await within(clock, 500, async (signal) => {
    seen = signal;
    return 7;
  });
  t.equal(value, 7);
  await clock.advance(1000);
  t.equal(seen?.aborted, false, 'its timer is gone');
  await t.rejects(
    within(clock, 500, () => Promise.reject(new Error('no'))),
    { message: 'no' },
  );
});
