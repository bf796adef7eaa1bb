// N4: the library answers the requests that were sent when a session expires, but never those that were still queued:
// promises hang for ever.
import t from 'tap';
import { isCoordinationError, type WatchEvent } from '../../coordinator.js';
import { bare, Counter, failureOf, ours, reached, turns } from './clients.js';
import { RawServer, statPayload } from './raw-server.js';

/** The first connection is greeted and cut; the second learns, when it is told to, that the session has expired. */
async function expiringServer(seen: Counter) {
  let tellExpiry: () => void = () => undefined;
  const server = await RawServer.start(({ connection, index, xid }) => {
    if (connection.number === 0) {
      if (index === 0) connection.greet(4000);
      else connection.reply(xid, 0, statPayload());
    } else if (index === 0) {
      tellExpiry = () => connection.greet(0);
      seen.tick('asked again');
    }
  });
  return { server, tellExpiry: () => tellExpiry() };
}

t.test('bare: a queued request never gets its callback', async (t) => {
  const seen = new Counter();
  const { server, tellExpiry } = await expiringServer(seen);
  t.teardown(() => server.stop());
  const client = bare(t, server.address);
  client.on('connected', () => seen.tick('connected'));
  client.on('disconnected', () => seen.tick('disconnected'));
  client.on('expired', () => seen.tick('expired'));
  await seen.until('connected');
  server.cut();
  await seen.until('asked again');
  client.getData('/queued', () => seen.tick('called back'));
  tellExpiry();
  await seen.until('expired');
  server.cut();
  await seen.until('disconnected');
  await turns();
  t.equal(seen.count('called back'), 0);
  t.equal(client.connectionManager.packetQueue.queue.length, 1, 'it stays in the queue');
});

t.test('cured: expiry rejects what was queued, calls watchers and is final', async (t) => {
  const seen = new Counter();
  const { server, tellExpiry } = await expiringServer(seen);
  t.teardown(() => server.stop());
  const coordinator = ours(t, { connectString: server.address });
  const events: (WatchEvent | undefined)[] = [];
  await coordinator.exists('/watched', (event) => events.push(event));
  server.cut();
  await seen.until('asked again');
  const queued = Array.from({ length: 100 }, (_, i) => coordinator.getData(`/queued-${i}`));
  const auth = coordinator.addAuth('digest', Buffer.from('a:b'));
  const ended = Promise.allSettled([...queued, auth]);
  tellExpiry();
  const outcomes = await ended;
  t.ok(
    outcomes.every((o) => o.status === 'rejected' && isCoordinationError(o.reason, 'expired')),
    'every promise is rejected with expired',
  );
  t.equal(coordinator.state, 'expired');
  t.same(events, [undefined], 'the watcher was called once');
  t.match(await failureOf(coordinator.getData('/later')), { kind: 'expired' });
  t.match(await failureOf(coordinator.connected()), { kind: 'expired' });
  await coordinator.close();
  t.equal(coordinator.state, 'expired', 'closing an expired coordinator changes nothing');
  t.equal(server.connections.length, 2, 'no further connection is made');
});

t.test('cured: a request that no server can take is given up after the session time-out', async (t) => {
  const server = await RawServer.start(({ connection }) => connection.socket.destroy());
  t.teardown(() => server.stop());
  const coordinator = ours(t, { connectString: server.address, sessionTimeoutMs: 300 });
  t.match(await failureOf(coordinator.getData('/a')), { kind: 'unknown' });
  t.equal(coordinator.state, 'connecting');
});

t.test('cured: what was sent is unknown at once when the connection is lost, and is not sent again', async (t) => {
  const seen = new Counter();
  const server = await RawServer.start(({ connection, index, xid, opcode }) => {
    if (index === 0) connection.greet(4000);
    else if (opcode === 5) {
      seen.tick('setData');
      connection.socket.destroy();
    } else connection.reply(xid, 0, statPayload());
  });
  t.teardown(() => server.stop());
  const coordinator = ours(t, { connectString: server.address });
  await coordinator.connected();
  t.match(await failureOf(coordinator.setData('/a', Buffer.from('x'), 3)), { kind: 'unknown', path: '/a' });
  await reached(coordinator, 'connected');
  await coordinator.exists('/after');
  t.equal(seen.count('setData'), 1, 'N13: never retried');
});
