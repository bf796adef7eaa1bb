// N2: the library sends pings and never looks whether they are answered. Against a server that was stopped, or a link
// that swallows everything, it stays connected until the kernel gives up: a quarter of an hour, or for ever.
import t from 'tap';
import { systemClock } from '../../../base/index.js';
import { sharedZooKeeper } from '../../../test/support/shared-zookeeper.js';
import { TcpProxy } from '../../../test/support/tcp-proxy.js';
import { bare, Counter, failureOf, ours, reached } from './clients.js';

const T = 4000;
/** Timers and the machine are not exact. */
const SLACK_MS = 1000;

const zookeeperFor = sharedZooKeeper(t);

/** Waits until ours noticed, and then until a whole time-out has passed, which the bare library must not have noticed. */
async function whoNotices(t: Tap, address: string, silence: () => void) {
  const seen = new Counter();
  const client = bare(t, address, T);
  client.on('connected', () => seen.tick('connected'));
  const coordinator = ours(t, { connectString: address, sessionTimeoutMs: T });
  await Promise.all([seen.until('connected'), coordinator.connected()]);
  await coordinator.exists('/'); // the last sign of life
  const from = systemClock.monotonic();
  silence();
  const unanswered = failureOf(coordinator.exists('/unanswered'));
  await reached(coordinator, 'disconnected');
  const noticedMs = systemClock.monotonic() - from;
  t.match(await unanswered, { kind: 'unknown' });
  await systemClock.sleep(T - noticedMs);
  return { noticedMs, bareState: client.getState().name };
}
type Tap = typeof t;

t.test('a server that is stopped (SIGSTOP)', async (t) => {
  const zookeeper = await zookeeperFor(t);
  if (zookeeper === undefined) return;
  const { noticedMs, bareState } = await whoNotices(t as Tap, zookeeper.connectString, () => {
    zookeeper.pause();
  });
  zookeeper.resume();
  t.ok(noticedMs <= (T * 2) / 3 + SLACK_MS, `cured: noticed after ${Math.round(noticedMs)} ms of ${T}`);
  t.equal(bareState, 'SYNC_CONNECTED', 'bare: not noticed after the whole session time-out');
});

t.test('a link that swallows everything', async (t) => {
  const zookeeper = await zookeeperFor(t);
  if (zookeeper === undefined) return;
  const proxy = await TcpProxy.start({ port: zookeeper.port });
  t.teardown(() => proxy.stop());
  const { noticedMs, bareState } = await whoNotices(t as Tap, proxy.address, () => proxy.blackHole(true));
  t.ok(noticedMs <= (T * 2) / 3 + SLACK_MS, `cured: noticed after ${Math.round(noticedMs)} ms of ${T}`);
  t.equal(bareState, 'SYNC_CONNECTED');
});

t.test('cured: one direction is enough, and idle is noticed as well', async (t) => {
  const zookeeper = await zookeeperFor(t);
  if (zookeeper === undefined) return;
  for (const direction of ['toServer', 'toClient'] as const) {
    const proxy = await TcpProxy.start({ port: zookeeper.port });
    t.teardown(() => proxy.stop());
    const coordinator = ours(t, { connectString: proxy.address, sessionTimeoutMs: T });
    await coordinator.exists('/');
    const from = systemClock.monotonic();
    proxy.drop(direction, true);
    await reached(coordinator, 'disconnected');
    const noticedMs = systemClock.monotonic() - from;
    t.ok(noticedMs <= (T * 2) / 3 + SLACK_MS, `${direction}: noticed after ${Math.round(noticedMs)} ms of ${T}`);
  }
});

t.test('cured: the session moves to another server before it expires', async (t) => {
  const zookeeper = await zookeeperFor(t);
  if (zookeeper === undefined) return;
  const first = await TcpProxy.start({ port: zookeeper.port });
  const second = await TcpProxy.start({ port: zookeeper.port });
  t.teardown(() => Promise.all([first.stop(), second.stop()]));
  const coordinator = ours(t, {
    connectString: `${first.address},${second.address}`,
    sessionTimeoutMs: T,
    random: () => 0.999, // leaves the order of servers as written
  });
  await coordinator.create('/moving', Buffer.from(''), 'ephemeral');
  const { session } = coordinator;
  first.blackHole(true);
  await reached(coordinator, 'disconnected');
  await coordinator.connected();
  const stat = await coordinator.exists('/moving');
  t.equal(stat?.ephemeralOwner, session?.id, 'the ephemeral node is still there');
  t.equal(coordinator.session?.id, session?.id);
  t.equal(second.accepted, 1);
});

t.test('cured: a blocked event loop does not blame the server', async (t) => {
  const zookeeper = await zookeeperFor(t);
  if (zookeeper === undefined) return;
  const coordinator = ours(t, { connectString: zookeeper.connectString, sessionTimeoutMs: T });
  await coordinator.exists('/');
  const states: string[] = [];
  coordinator.onState((state) => states.push(state));
  const until = systemClock.monotonic() + T * 0.8;
  while (systemClock.monotonic() < until); // as a long garbage collection would
  await coordinator.exists('/');
  t.same(states, []);
});
