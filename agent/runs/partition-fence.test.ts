import t, { type Test } from 'tap';
import { FakeClock } from '../../base/index.js';
import type { CoordinationSession, Coordinator } from '../../coordination/index.js';
import { PartitionFence } from './partition-fence.js';

type Listener = Parameters<CoordinationSession['follow']>[0];

function fenceAt(t: Test) {
  const clock = new FakeClock();
  let listener: Listener | undefined;
  const closings: number[] = [];
  const fence = new PartitionFence({
    clock,
    session: {
      follow: (given) => {
        listener = given;
        return () => undefined;
      },
    },
    sessionTimeoutMs: 10_000,
    close: (graceMs) => void closings.push(graceMs),
  });
  t.teardown(() => fence.stop());
  fence.start();
  const written = (at: number, sessionTimeoutMs = 10_000) =>
    listener?.established({ lastAcknowledgedWrite: at, sessionTimeoutMs } as Coordinator, false);
  return { clock, fence, closings, written, lost: () => listener?.lost() };
}

t.test('without an acknowledged write it closes before another agent could be the owner', async (t) => {
  const { clock, fence, closings, written } = fenceAt(t);
  written(0);
  await clock.advance(6999);
  t.notOk(fence.isClosed);
  t.strictSame(closings, []);
  await clock.advance(1);
  t.ok(fence.isClosed);
  t.strictSame(closings, [1500], 'and everything has ended after 85 % of the time-out');
  await clock.advance(60_000);
  t.strictSame(closings, [1500], 'once');
});

t.test('each acknowledged write counts from its sending, by the time-out that the server granted', async (t) => {
  const { clock, fence, closings, written } = fenceAt(t);
  await clock.advance(5000);
  written(4000, 4000);
  await clock.advance(1799);
  t.notOk(fence.isClosed);
  await clock.advance(1);
  t.ok(fence.isClosed);
  await clock.advance(2200); // the timer was set by what was known before
  t.strictSame(closings, [600]);
});

t.test('it opens with the next acknowledged write, and closes again', async (t) => {
  const { clock, fence, closings, written } = fenceAt(t);
  await clock.advance(8000);
  t.strictSame(closings, [1500]);
  written(7900);
  await clock.advance(1250);
  t.notOk(fence.isClosed);
  await clock.advance(20_000);
  t.strictSame(closings, [1500, 1500]);
});

t.test('an expired session closes it at once, whatever its clock says', async (t) => {
  const { clock, fence, closings, written, lost } = fenceAt(t);
  await clock.advance(100);
  written(50);
  lost();
  t.strictSame(closings, [1500]);
  t.ok(fence.isClosed);
  await clock.advance(3000);
  t.ok(fence.isClosed, 'the write was one of the old session');
  written(3000);
  await clock.advance(1250);
  t.notOk(fence.isClosed);
});
