import t from 'tap';
import { FakeClock, silentLogger } from '../../../base/index.js';
import { DelayingQueue } from './delaying-queue.js';
import { Queue } from './queue.js';
import { RateLimitedQueue } from './rate-limited-queue.js';
import { againIn, done, ReconcileLoop, TerminalError } from './reconcile-loop.js';

t.test('a key in hand is not given out again, and comes back when it was added meanwhile', async (t) => {
  const queue = new Queue();
  queue.add('a');
  queue.add('a');
  t.equal(queue.length, 1);
  t.equal(await queue.take(), 'a');
  queue.add('a');
  t.equal(queue.tryTake(), undefined, 'a is being processed');
  queue.done('a');
  t.equal(queue.tryTake(), 'a');
  queue.done('a');
  t.equal(queue.tryTake(), undefined);
});

t.test('keeps order over many keys', async (t) => {
  const queue = new Queue();
  const keys = Array.from({ length: 5000 }, (_, i) => `k${i}`);
  for (const key of keys) queue.add(key);
  const taken = keys.map(() => queue.tryTake());
  t.same(taken, keys);
});

t.test('close lets those who wait go', async (t) => {
  const queue = new Queue();
  const waiting = queue.take();
  queue.close();
  t.equal(await waiting, undefined);
});

t.test('addAfter keeps the earlier of two times', async (t) => {
  const clock = new FakeClock();
  const queue = new DelayingQueue(clock);
  queue.addAfter('a', 1000);
  queue.addAfter('a', 5000);
  queue.addAfter('b', 3000);
  queue.addAfter('b', 2000);
  await clock.advance(999);
  t.equal(queue.tryTake(), undefined);
  await clock.advance(1);
  t.equal(queue.tryTake(), 'a');
  await clock.advance(1000);
  t.equal(queue.tryTake(), 'b');
  await clock.advance(10_000);
  t.equal(queue.length, 0);
  t.equal(queue.delayed, 0);
});

t.test('waits grow with failures until the key is forgotten', (t) => {
  const queue = new RateLimitedQueue(new FakeClock(), () => 0.999999);
  const waits = [1, 2, 3].map(() => Math.round(queue.addRateLimited('a')));
  t.same(waits, [50, 100, 200]);
  queue.forget('a');
  t.equal(Math.round(queue.addRateLimited('a')), 50);
  t.end();
});

t.test('the grammar of reconcile', async (t) => {
  const clock = new FakeClock();
  const seen: string[] = [];
  const loop = new ReconcileLoop({
    name: 'test',
    clock,
    log: silentLogger,
    workers: 2,
    async reconcile(key) {
      seen.push(key);
      if (key === 'again' && seen.filter((k) => k === key).length < 3) return againIn(1000);
      if (key === 'fails' && seen.filter((k) => k === key).length < 3) throw new Error('not yet');
      if (key === 'terminal') throw new TerminalError('never');
      return done;
    },
  });
  loop.start();
  for (const key of ['done', 'again', 'fails', 'terminal']) loop.queue.add(key);
  await clock.advance(60_000);
  const count = (key: string) => seen.filter((k) => k === key).length;
  t.same(
    { done: count('done'), again: count('again'), fails: count('fails'), terminal: count('terminal') },
    {
      done: 1,
      again: 3,
      fails: 3,
      terminal: 1,
    },
  );
  t.same(loop.counters, { reconciled: 5, failed: 2, terminal: 1 });
  await loop.stop();
});

t.test('a queue that is closed waits for nothing any more', async (t) => {
  const clock = new FakeClock();
  const queue = new DelayingQueue(clock);
  queue.addAfter('a', 1000);
  queue.close();
  queue.addAfter('b', 1000);
  t.equal(queue.delayed, 0);
  await clock.advance(2000);
  t.equal(await queue.take(), undefined);
});
