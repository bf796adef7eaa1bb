import t from 'tap';
import { BusyStretches } from './busy-stretches.js';
import type { OpenRun } from './open-run.js';

const run = (startAt: number, concurrencyPolicy = 'Forbid') =>
  ({ slotKey: 's', startAt, task: { policy: { concurrencyPolicy } } }) as unknown as OpenRun;

t.test('runs that were due before the one before them ended make one stretch', async (t) => {
  const busy = new BusyStretches();
  const [first, second, third] = [run(1000), run(2000), run(9500)];
  busy.begin(first, 5000);
  t.match(busy.of('s'), { since: 5000, until: Number.POSITIVE_INFINITY });
  busy.end(first, 6500);
  t.match(busy.of('s'), { since: 5000, until: 6500 });
  busy.begin(second, 6600);
  t.match(busy.of('s'), { since: 5000, until: Number.POSITIVE_INFINITY });
  busy.end(second, 8000);
  busy.begin(third, 9500);
  t.match(busy.of('s'), { since: 9500, until: Number.POSITIVE_INFINITY }, 'it came after a pause');
});

t.test('attempts of one run belong together; other policies do not skip', async (t) => {
  const busy = new BusyStretches();
  const retried = run(1000);
  busy.begin(retried, 1000);
  retried.startAt = 60_000;
  busy.begin(retried, 60_000);
  t.match(busy.of('s'), { since: 1000 });
  busy.forget('s');
  t.match(busy.of('s'), { since: 1000 }, 'while it is open');
  busy.end(retried, 61_000);
  busy.forget('s');
  t.equal(busy.of('s'), undefined);
  busy.begin(run(1000, 'Queue'), 1000);
  t.equal(busy.of('s'), undefined);
});
