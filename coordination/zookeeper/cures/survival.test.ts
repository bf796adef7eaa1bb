// What must hold over many faults, whatever the defect: no outcome is invented, nothing leaks, sessions go on.
import t from 'tap';
import { FakeClock, systemClock } from '../../../base/index.js';
import { sharedZooKeeper } from '../../../test/support/shared-zookeeper.js';
import { TcpProxy } from '../../../test/support/tcp-proxy.js';
import { isCoordinationError } from '../../coordinator.js';
import { opcode } from '../protocol.js';
import { failureOf, ours, reached, turns } from './clients.js';
import { RawServer, statPayload } from './raw-server.js';

const zookeeperFor = sharedZooKeeper(t);

t.test('a claim whose reply is lost is unknown, has happened once, and is found again', async (t) => {
  const zookeeper = await zookeeperFor(t);
  if (zookeeper === undefined) return;
  const proxy = await TcpProxy.start({ port: zookeeper.port });
  t.teardown(() => proxy.stop());
  const coordinator = ours(t, { connectString: proxy.address });
  await coordinator.create('/claim', Buffer.from('free'));
  const lost = proxy.loseReply((request) => request.opcode === opcode.setData);
  const claim = () => coordinator.setData('/claim', Buffer.from('claim-1'), 0);
  t.match(await failureOf(claim()), { kind: 'unknown', path: '/claim' });
  await lost;
  t.match(await failureOf(claim()), { kind: 'badVersion' }, 'the same conditional write again (rule R3)');
  const { data, stat } = await coordinator.getData('/claim');
  t.equal(data.toString(), 'claim-1', 'it is ours');
  t.equal(stat.version, 1, 'written once');
});

t.test('the fifth of twenty pipelined writes loses its reply', async (t) => {
  const zookeeper = await zookeeperFor(t);
  if (zookeeper === undefined) return;
  const proxy = await TcpProxy.start({ port: zookeeper.port });
  t.teardown(() => proxy.stop());
  const coordinator = ours(t, { connectString: proxy.address });
  await coordinator.create('/pipeline', Buffer.from(''));
  const cut = proxy.cutAfterRequest(5);
  const writes = Array.from({ length: 20 }, (_, i) => coordinator.setData('/pipeline', Buffer.from(`${i}`), i));
  const outcomes = await Promise.allSettled(writes);
  await cut;
  const acknowledged = outcomes.filter((outcome) => outcome.status === 'fulfilled').length;
  t.ok(acknowledged <= 4, `${acknowledged} acknowledged`);
  for (const outcome of outcomes.slice(acknowledged)) {
    t.ok(outcome.status === 'rejected' && isCoordinationError(outcome.reason, 'unknown'));
  }
  const { stat } = await coordinator.getData('/pipeline');
  t.ok(stat.version >= 5, `${stat.version} happened, among them the one whose reply was lost`);
});

t.test('a thousand reconnects leave no handle and no listener behind', async (t) => {
  const server = await RawServer.start(({ connection, index, xid }) => {
    if (index === 0) connection.greet(4000);
    else connection.reply(xid, 0, statPayload());
  });
  t.teardown(() => server.stop());
  const clock = new FakeClock();
  const coordinator = ours(t, { connectString: server.address, clock });
  let after100: Record<string, number> = {};
  for (let cycle = 1; cycle <= 1000; cycle++) {
    await coordinator.exists('/a', watcher);
    server.cut();
    server.connections.length = 0;
    await reached(coordinator, 'disconnected');
    await clock.advance(100); // the wait after one failure
    await reached(coordinator, 'connected');
    if (cycle === 100) after100 = handles();
  }
  await turns();
  t.strictSame(handles(), after100, `as after the first hundred: ${JSON.stringify(after100)}`);
});

const watcher = () => undefined;

/** Handles of the event loop by kind, without those of the test runner that come and go. */
function handles(): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo()) {
    if (/TCP|Timeout|DNS|GETADDR/i.test(kind)) counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
}

t.test('a session taken up by another process expires in the first as soon as that one closes it', async (t) => {
  const zookeeper = await zookeeperFor(t);
  if (zookeeper === undefined) return;
  const first = ours(t, { connectString: zookeeper.connectString });
  await first.create('/held', Buffer.from(''), 'ephemeral');
  const events: unknown[] = [];
  await first.getData('/held', (event) => events.push(event));
  const second = ours(t, { connectString: zookeeper.connectString, resume: first.session! });
  await second.connected();
  t.equal((await second.exists('/held'))?.ephemeralOwner, first.session?.id, 'the same session');
  await second.close();
  await reached(first, 'expired');
  t.ok(events.length === 1, 'its watcher was called once');
  t.equal(await ours(t, { connectString: zookeeper.connectString }).exists('/held'), undefined);
});

t.test(
  'detach keeps ephemeral nodes; a later process goes on, and reads nothing older than the first did',
  async (t) => {
    const zookeeper = await zookeeperFor(t);
    if (zookeeper === undefined) return;
    const first = ours(t, { connectString: zookeeper.connectString });
    await first.create('/kept', Buffer.from(''), 'ephemeral');
    await first.detach();
    const identity = first.session!;
    t.ok(identity.zxid > 0n && identity.password.length === 16);
    const second = ours(t, { connectString: zookeeper.connectString, resume: identity });
    t.equal((await second.exists('/kept'))?.ephemeralOwner, identity.id);
    await second.close();
    const third = ours(t, { connectString: zookeeper.connectString, resume: identity });
    t.match(await failureOf(third.connected()), { kind: 'expired' });
    const wrong = { ...identity, id: identity.id + 1n };
    t.match(await failureOf(ours(t, { connectString: zookeeper.connectString, resume: wrong }).connected()), {
      kind: 'expired',
    });
  },
);

t.test('a session that expires while cut off: nothing pending is left open', async (t) => {
  const zookeeper = await zookeeperFor(t);
  if (zookeeper === undefined) return;
  const proxy = await TcpProxy.start({ port: zookeeper.port });
  t.teardown(() => proxy.stop());
  const T = 2000;
  const coordinator = ours(t, { connectString: proxy.address, sessionTimeoutMs: T });
  await coordinator.create('/gone', Buffer.from(''), 'ephemeral');
  t.equal(coordinator.sessionTimeoutMs, T);
  proxy.blackHole(true);
  const sent = Array.from({ length: 50 }, () => failureOf(coordinator.exists('/gone')));
  await reached(coordinator, 'disconnected');
  for (const error of await Promise.all(sent)) t.match(error, { kind: 'unknown' });
  const observer = ours(t, { connectString: zookeeper.connectString });
  const expired = new Promise<void>((resolve) => void observer.exists('/gone', () => resolve()));
  await expired;
  const queued = Array.from({ length: 50 }, () => failureOf(coordinator.exists('/gone')));
  proxy.cut();
  proxy.blackHole(false);
  await reached(coordinator, 'expired');
  for (const error of await Promise.all(queued)) t.match(error, { kind: 'expired' });
});

t.test('acknowledged times are those of sending, and pings count only for reading', async (t) => {
  const zookeeper = await zookeeperFor(t);
  if (zookeeper === undefined) return;
  const proxy = await TcpProxy.start({ port: zookeeper.port });
  t.teardown(() => proxy.stop());
  const coordinator = ours(t, { connectString: proxy.address, sessionTimeoutMs: 8000 });
  t.equal(coordinator.lastAcknowledged, Number.NEGATIVE_INFINITY);
  await coordinator.connected();
  t.equal(coordinator.lastAcknowledgedWrite, Number.NEGATIVE_INFINITY);
  proxy.delay(100);
  const calledAt = systemClock.monotonic();
  await coordinator.create('/time', Buffer.from(''));
  const answeredAt = systemClock.monotonic();
  t.ok(coordinator.lastAcknowledgedWrite >= calledAt);
  t.ok(coordinator.lastAcknowledgedWrite <= answeredAt - 190, 'not the time of the answer, 100 ms each way');
  const write = coordinator.lastAcknowledgedWrite;
  await failureOf(coordinator.setData('/time', Buffer.from(''), 7));
  t.equal(coordinator.lastAcknowledgedWrite, write, 'a refused write proves nothing');
  t.ok(coordinator.lastAcknowledged > write);
});
