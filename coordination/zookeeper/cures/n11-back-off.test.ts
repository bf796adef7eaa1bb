// N11: the library waits a random time up to one fixed delay between rounds, for ever: a thousand clients of a server
// that is down knock a thousand times in each delay.
import t from 'tap';
import { systemClock } from '../../../base/index.js';
import { parseConnectString, ServerRotation } from '../server-list.js';
import { bare, Counter, ours } from './clients.js';
import { RawServer } from './raw-server.js';

async function closingServer(seen: Counter) {
  const times: number[] = [];
  const server = await RawServer.start(
    () => undefined,
    ({ socket }) => {
      times.push(systemClock.monotonic());
      seen.tick('accepted');
      socket.destroy();
    },
  );
  return { server, gaps: () => times.slice(1).map((time, i) => time - times[i]!) };
}

t.test('bare: the wait never grows', async (t) => {
  const seen = new Counter();
  const { server, gaps } = await closingServer(seen);
  t.teardown(() => server.stop());
  const spinDelay = 200;
  bare(t, server.address, 4000, spinDelay);
  await seen.until('accepted', 24);
  const last = gaps().slice(-12);
  t.ok(Math.max(...last) < 4 * spinDelay, `the last 12 waits are at most ${Math.round(Math.max(...last))} ms`);
});

t.test('cured: the wait doubles up to a quarter of the session time-out', async (t) => {
  const seen = new Counter();
  const { server, gaps } = await closingServer(seen);
  t.teardown(() => server.stop());
  ours(t, { connectString: server.address, sessionTimeoutMs: 2000, random: () => 0.999 });
  await seen.until('accepted', 6);
  for (const [i, least] of [99, 199, 399, 499, 499].entries()) t.ok(gaps()[i]! >= least, `${gaps()[i]} ≥ ${least}`);
});

t.test('cured: full jitter, so that clients do not come together', async (t) => {
  const seen = new Counter();
  const { server, gaps } = await closingServer(seen);
  t.teardown(() => server.stop());
  ours(t, { connectString: server.address, sessionTimeoutMs: 2000, random: () => 0 });
  await seen.until('accepted', 5);
  t.ok(Math.max(...gaps()) < 400, 'the lower end of the range does not grow');
});

t.test('cured: servers are shuffled, then tried in turn', async (t) => {
  const { servers, chroot } = parseConnectString('a:1,b,[::1]:3/app/x/');
  t.same(servers, [
    { host: 'a', port: 1 },
    { host: 'b', port: 2181 },
    { host: '::1', port: 3 },
  ]);
  t.equal(chroot, '/app/x');
  const rotation = new ServerRotation(servers, () => 0);
  const order = Array.from({ length: 6 }, () => rotation.next().port);
  t.not(order[0], 1, 'not the order as written');
  t.same([...new Set(order)].length, 3);
  t.same(order.slice(0, 3), order.slice(3));
  for (const wrong of ['', ',', 'a:0', 'a:b', 'a:70000']) t.throws(() => parseConnectString(wrong), TypeError);
});
