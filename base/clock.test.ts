import t from 'tap';
import { systemClock } from './clock.js';
import { FakeClock } from './fake-clock.js';

t.test('timerAt never fires early', async (t) => {
  const early: number[] = [];
  const waits = Array.from({ length: 50 }, (_, i) => {
    const at = Date.now() + 20 + i * 3;
    return new Promise<void>((resolve) =>
      systemClock.timerAt(at, () => {
        if (Date.now() < at) early.push(at);
        resolve();
      }),
    );
  });
  await Promise.all(waits);
  t.same(early, []);
});

t.test('an aborted sleep rejects with the reason', async (t) => {
  const abort = new AbortController();
  const slept = systemClock.sleep(60_000, abort.signal);
  abort.abort(new Error('enough'));
  await t.rejects(slept, { message: 'enough' });
});

t.test('the fake clock fires in order, and wall steps move wall timers only', async (t) => {
  const clock = new FakeClock(0);
  const fired: string[] = [];
  clock.timerAfter(100, () => fired.push('after 100'));
  clock.timerAt(50, () => fired.push('at 50'));
  clock.timerAt(1000, () => fired.push('at 1000'));
  await clock.advance(100);
  t.same(fired, ['at 50', 'after 100']);
  clock.stepWall(900);
  await clock.advance(0);
  t.same(fired, ['at 50', 'after 100', 'at 1000']);
});
