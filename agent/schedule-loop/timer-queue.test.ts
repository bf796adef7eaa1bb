import t from 'tap';
import { FakeClock, systemClock } from '../../base/index.js';
import { TimerQueue } from './timer-queue.js';

t.test('fires in order of time, then of arrival, never early', async (t) => {
  const clock = new FakeClock(0);
  const queue = new TimerQueue(clock);
  const fired: string[] = [];
  const add = (at: number, name: string) =>
    queue.add(at, () => {
      t.ok(clock.now() >= at, `${name} is not early`);
      fired.push(name);
    });
  add(30, 'c');
  add(10, 'a');
  add(20, 'b1');
  add(20, 'b2');
  await clock.advance(9);
  t.strictSame(fired, []);
  await clock.advance(11);
  t.strictSame(fired, ['a', 'b1', 'b2']);
  add(5, 'past');
  await clock.advance(1);
  t.strictSame(fired, ['a', 'b1', 'b2', 'past'], 'what is overdue fires at once');
  await clock.advance(20);
  t.strictSame(fired.at(-1), 'c');
  t.equal(queue.size, 0);
});

t.test('random adds and cancels keep the order', async (t) => {
  const clock = new FakeClock(0);
  const queue = new TimerQueue(clock);
  const fired: number[] = [];
  let seed = 7;
  const random = (below: number) => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return seed % below;
  };
  const wakes = Array.from({ length: 2000 }, () => {
    const at = random(500);
    return { at, wake: queue.add(at, () => void fired.push(at)) };
  });
  const cancelled = wakes.filter(() => random(3) === 0);
  for (const { wake } of cancelled) {
    queue.cancel(wake);
    queue.cancel(wake);
  }
  await clock.advance(600);
  t.strictSame(
    fired,
    [...fired].sort((a, b) => a - b),
  );
  t.equal(fired.length, 2000 - cancelled.length);
});

t.test('a herd is worked off in slices: others get their turn', async (t) => {
  const queue = new TimerQueue(systemClock);
  t.teardown(() => queue.stop());
  let left = 200;
  let turns = 0;
  const others = setInterval(() => {
    turns += 1;
  }, 1);
  const now = systemClock.now();
  await new Promise<void>((resolve) => {
    for (let i = 0; i < 200; i++) {
      queue.add(now, () => {
        const end = systemClock.monotonic() + 0.5;
        while (systemClock.monotonic() < end); // work that cannot be interrupted
        left -= 1;
        if (left === 0) resolve();
      });
    }
  });
  clearInterval(others);
  t.ok(turns >= 5, `others had ${turns} turns within 100 ms of work`);
});

t.test('a callback may add and cancel; stop silences all', async (t) => {
  const clock = new FakeClock(0);
  const queue = new TimerQueue(clock);
  const fired: string[] = [];
  const second = queue.add(2, () => void fired.push('second'));
  queue.add(1, () => {
    fired.push('first');
    queue.cancel(second);
    queue.add(1, () => void fired.push('added'));
  });
  await clock.advance(3);
  t.strictSame(fired, ['first', 'added']);
  queue.add(10, () => void fired.push('never'));
  queue.stop();
  await clock.advance(20);
  t.strictSame(fired, ['first', 'added']);
});
