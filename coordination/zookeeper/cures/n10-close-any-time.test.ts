// N10: close() in the library's 'disconnected' event is overwritten by the connect() that follows it: the client that was
// closed lives on, and whoever makes a new one on each disconnect ends with hundreds of connections.
import t from 'tap';
import { FakeClock } from '../../../base/index.js';
import { opcode } from '../protocol.js';
import { bare, Counter, failureOf, ours, reached, turns } from './clients.js';
import { RawServer } from './raw-server.js';

async function plainServer(seen: Counter, closeReplies = true) {
  return RawServer.start(
    ({ connection, index, xid, opcode: op }) => {
      if (index === 0) connection.greet(4000);
      else if (op === opcode.closeSession) {
        seen.tick('close asked');
        if (closeReplies) connection.reply(xid);
      } else connection.reply(xid, -101);
    },
    () => seen.tick('accepted'),
  );
}

t.test('bare: closed in the disconnected event, it connects again', async (t) => {
  const seen = new Counter();
  const server = await plainServer(seen);
  t.teardown(() => server.stop());
  const client = bare(t, server.address);
  client.on('connected', () => seen.tick('connected'));
  client.on('disconnected', () => client.close());
  await seen.until('connected');
  server.cut();
  await seen.until('accepted', 2);
  t.pass('a second connection of a closed client');
});

t.test('cured: closed in the disconnected event, it stays closed', async (t) => {
  const seen = new Counter();
  const server = await plainServer(seen);
  t.teardown(() => server.stop());
  const clock = new FakeClock();
  const coordinator = ours(t, { connectString: server.address, clock });
  coordinator.onState((state) => {
    if (state === 'disconnected') void coordinator.close();
  });
  await coordinator.connected();
  server.cut();
  await reached(coordinator, 'closed');
  await clock.advance(60_000);
  await turns();
  t.equal(server.connections.length, 1, 'a minute later nothing has dialled');
});

t.test('cured: close while connecting, twice, and after the end', async (t) => {
  const server = await RawServer.start(() => undefined);
  t.teardown(() => server.stop());
  const coordinator = ours(t, { connectString: server.address });
  const waiting = failureOf(coordinator.connected()).then((error) => t.match(error, { kind: 'closed' }));
  const queued = failureOf(coordinator.getData('/a')).then((error) => t.match(error, { kind: 'closed' }));
  await Promise.all([coordinator.close(), coordinator.close(), waiting, queued]);
  await coordinator.close();
  t.equal(coordinator.state, 'closed');
});

t.test('cured: close answers what was sent, ends the session and calls watchers', async (t) => {
  const seen = new Counter();
  const server = await plainServer(seen);
  t.teardown(() => server.stop());
  const coordinator = ours(t, { connectString: server.address });
  await coordinator.connected();
  let watched = 0;
  t.equal(await coordinator.exists('/a', () => (watched += 1)), undefined);
  const sent = coordinator.exists('/b');
  await coordinator.close();
  t.equal(await sent, undefined, 'a reply before that of close counts');
  t.equal(seen.count('close asked'), 1);
  t.equal(watched, 1);
  t.match(await failureOf(coordinator.exists('/c')), { kind: 'closed' });
});

t.test('cured: a server that does not answer close is waited for half the session time-out', async (t) => {
  const seen = new Counter();
  const server = await plainServer(seen, false);
  t.teardown(() => server.stop());
  const clock = new FakeClock();
  const coordinator = ours(t, { connectString: server.address, clock });
  await coordinator.connected();
  const closed = coordinator.close();
  await seen.until('close asked');
  await clock.advance(1_999);
  t.equal(coordinator.state, 'connected');
  await clock.advance(1);
  await closed;
  t.equal(coordinator.state, 'closed');
});

t.test('cured: detach drops the connection and closes no session', async (t) => {
  const seen = new Counter();
  const server = await plainServer(seen);
  t.teardown(() => server.stop());
  const coordinator = ours(t, { connectString: server.address });
  await coordinator.connected();
  await coordinator.detach();
  t.equal(coordinator.state, 'closed');
  t.equal(coordinator.session?.id, 7n, 'its identity can still be kept');
  t.equal(seen.count('close asked'), 0);
});
