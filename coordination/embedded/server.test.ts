import { once } from 'node:events';
import { connect } from 'node:net';
import t, { type Test } from 'tap';
import { FakeClock, systemClock } from '../../base/index.js';
import { RawClient } from '../conformance/raw-client.js';
import { create, exists, getData, setData, unknownOperation } from '../conformance/shapes.js';
import { ErrorNumber } from '../jute/codes.js';
import { startServerProcess } from './fixtures/start-process.js';
import { unsupported } from './messages/bindings.js';
import { type EmbeddedServer, type EmbeddedServerOptions, startEmbeddedServer } from './server.js';

async function started(t: Test, options: Partial<EmbeddedServerOptions> = {}): Promise<EmbeddedServer> {
  const server = await startEmbeddedServer({
    dataDir: t.testdir(),
    host: '127.0.0.1',
    port: 0,
    tickMs: 1000,
    ...options,
  });
  t.teardown(() => server.stop());
  return server;
}

async function connected(t: Test, port: number, options = {}): Promise<RawClient> {
  const client = await RawClient.connect(port, options);
  if (client === undefined) throw new Error('refused');
  t.teardown(() => client.drop());
  return client;
}

t.test('expiry follows the clock that was handed in', async (t) => {
  const clock = new FakeClock();
  const server = await started(t, { clock });
  const client = await connected(t, server.port, { timeoutMs: 4000 });
  await client.request(create('/e', { flags: 1 }));
  const expired = server.events.next('session:expired');
  for (let i = 0; i < 4; i++) await clock.advance(1000);
  t.same(server.sessions, [client.sessionId], 'not before its time-out');
  await clock.advance(1000);
  t.equal((await expired).session, client.sessionId);
  await client.closed;
  t.same(server.sessions, []);
});

t.test('a stall of the server is no silence of its clients', async (t) => {
  const server = await startServerProcess(t.testdir(), { tickMs: 200 });
  t.teardown(() => server.kill());
  const client = await connected(t, server.port, { timeoutMs: 400 });
  await client.request(create('/e', { flags: 1 }));
  server.child.kill('SIGSTOP');
  const answered = client.ping();
  // The one wait for time in this file: the stall itself has to last longer than the session would.
  await systemClock.sleep(1500);
  server.child.kill('SIGCONT');
  t.equal((await answered).error, 0);
  t.equal((await client.request(exists('/e'))).error, 0, 'its session and its ephemeral node live on');
});

t.test('expireSession ends a session now', async (t) => {
  const server = await started(t);
  const [client, other] = [await connected(t, server.port), await connected(t, server.port)];
  await client.request(create('/e', { flags: 1 }));
  await other.request(exists('/e', true));
  t.ok(server.expireSession(client.sessionId));
  await client.closed;
  t.same(await other.takeEvents(1), [{ type: 2, path: '/e' }]);
  t.notOk(server.expireSession(client.sessionId));
});

t.test('dropConnections keeps sessions', async (t) => {
  const server = await started(t);
  const client = await connected(t, server.port);
  await client.request(create('/e', { flags: 1 }));
  server.dropConnections();
  await client.closed;
  const { sessionId } = client;
  const again = await connected(t, server.port, { sessionId, password: client.response.password });
  t.equal((await again.request(exists('/e'))).body?.stat.ephemeralOwner, sessionId);
});

t.test('pauseReplies: the write happens, the answer is kept back, pings are answered', async (t) => {
  const server = await started(t);
  const client = await connected(t, server.port);
  await client.request(create('/a'));
  const resume = server.pauseReplies();
  let answered = false;
  const written = client.request(setData('/a', 'x')).then((reply) => {
    answered = true;
    return reply;
  });
  t.equal((await client.ping()).error, 0);
  t.equal(answered, false);
  resume();
  t.equal((await written).error, 0);
  t.equal(String((await client.request(getData('/a'))).body?.data), 'x');
});

t.test('answers that pile up stop the reading, and end no session', async (t) => {
  const clock = new FakeClock();
  const server = await started(t, { clock });
  const client = await connected(t, server.port, { timeoutMs: 4000 });
  await client.request(create('/big', { data: 'x'.repeat(1_000_000) }));
  const resume = server.pauseReplies();
  const asked = Array.from({ length: 100 }, () => client.request(getData('/big')));
  for (let i = 0; i < 10; i++) await clock.advance(1000);
  t.same(server.sessions, [client.sessionId], 'what it sent is still unread');
  resume();
  const replies = await Promise.all(asked);
  t.ok(replies.every((reply) => reply.error === 0));
  t.equal((await client.request(exists('/big'))).error, 0);
});

t.test('what ZooKeeper has and this server lacks is answered as unimplemented, and the connection stays', async (t) => {
  const server = await started(t);
  const client = await connected(t, server.port);
  for (const type of unsupported) {
    t.equal((await client.request(unknownOperation(type))).error, ErrorNumber.unimplemented, `operation ${type}`);
  }
  t.equal((await client.request(exists('/'))).error, 0);
});

t.test('bytes that are no protocol end that connection only', async (t) => {
  const server = await started(t);
  const client = await connected(t, server.port);
  for (const bytes of ['GET / HTTP/1.1\r\n\r\n', '\0\0\0\x04abcd', '\xff\xff\xff\xff']) {
    const socket = connect(server.port, '127.0.0.1', () => socket.write(bytes, 'latin1'));
    socket.resume();
    await once(socket, 'close');
  }
  t.equal((await client.request(exists('/'))).error, 0);
});

t.test('a wrong password does not disturb the owner of the session', async (t) => {
  const server = await started(t);
  const client = await connected(t, server.port);
  const { sessionId } = client;
  const thief = await connected(t, server.port, { sessionId, password: Buffer.alloc(16) });
  t.equal(thief.sessionId, 0n);
  t.equal((await client.request(exists('/'))).error, 0);
});

t.test('a renegotiated time-out survives a restart', async (t) => {
  const dataDir = t.testdir();
  const clock = new FakeClock();
  const first = await startEmbeddedServer({ dataDir, host: '127.0.0.1', port: 0, tickMs: 1000, clock });
  const client = await connected(t, first.port, { timeoutMs: 4000 });
  const { sessionId } = client;
  const identity = { sessionId, password: client.response.password };
  const again = await connected(t, first.port, { ...identity, timeoutMs: 12_000 });
  await again.request(setData('/', 'x'));
  await first.stop();
  const second = await startEmbeddedServer({ dataDir, host: '127.0.0.1', port: 0, tickMs: 1000, clock });
  t.teardown(() => second.stop());
  for (let i = 0; i < 12; i++) await clock.advance(1000);
  t.same(second.sessions, [sessionId]);
  await clock.advance(1000);
  t.same(second.sessions, []);
});
