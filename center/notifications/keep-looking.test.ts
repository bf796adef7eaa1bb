import t from 'tap';
import { FakeClock } from '../../base/fake-clock.js';
import { silentLogger } from '../../base/index.js';
import { keepLooking } from './keep-looking.js';

const AGAIN_MS = 100;
const RETRY_MS = 1_000;

function pending() {
  let resolve!: (againInMs: number) => void;
  let reject!: (error: Error) => void;
  const promise = new Promise<number>((...both) => {
    [resolve, reject] = both;
  });
  return { promise, resolve, reject };
}

function started(look: (n: number) => Promise<number>) {
  const clock = new FakeClock();
  const begun: number[] = [];
  const failures: unknown[] = [];
  const over = new AbortController();
  const stop = keepLooking(
    () => {
      begun.push(clock.monotonic());
      return look(begun.length);
    },
    {
      ...{ clock, log: silentLogger, signal: over.signal, complaint: 'it failed', retryMs: RETRY_MS },
      failed: (error) => failures.push(error),
    },
  );
  return { clock, begun, failures, over, stop };
}

t.test('a look begins at once, and again when the last one says; one that failed later', async (t) => {
  const error = new Error('no');
  const { clock, begun, failures, stop } = started(async (n) => {
    if (n === 2) throw error;
    return AGAIN_MS;
  });
  await clock.advance(1_250);
  t.same(begun, [0, 100, 1_100, 1_200]);
  t.same(failures, [error]);
  await stop();
  await clock.advance(10_000);
  t.equal(begun.length, 4);
});

t.test('stopped while it looks, it waits for that look and begins no other', async (t) => {
  const look = pending();
  const { clock, begun, stop } = started(() => look.promise);
  let ended = false;
  const ending = stop().then(() => {
    ended = true;
  });
  await clock.advance(10_000);
  t.equal(ended, false);
  look.resolve(AGAIN_MS);
  await ending;
  await clock.advance(10_000);
  t.same(begun, [0]);
});

t.test('when its time is over a look that fails is no news', async (t) => {
  const look = pending();
  const { clock, begun, failures, over } = started(() => look.promise);
  over.abort();
  look.reject(new Error('cut off'));
  await clock.advance(10_000);
  t.same([begun, failures], [[0], []]);
});
