// N6: the library re-registers all watches in one packet. Above 1 MB the server drops the connection for it, again and
// again: a client with many watches never comes back from its first reconnect.
import t from 'tap';
import { TcpProxy } from '../../../test/support/tcp-proxy.js';
import { requireZooKeeper, startZooKeeper } from '../../../test/support/zookeeper.js';
import { opcode } from '../protocol.js';
import { SET_WATCHES_MAX_BYTES } from '../watch-table.js';
import { bare, Counter, ours, reached } from './clients.js';
import { RawServer } from './raw-server.js';

const WATCHES = 3_000;
/** So many requests at once take their time on a busy machine. */
const SESSION_MS = 20_000;
const pathOf = (i: number) => `/watch-${'x'.repeat(390)}-${i}`; // 1.2 MB together

/** Answers every read with NoNode, so that each leaves a watch, and notes the sizes of the packets with watches. */
async function watchServer(seen: Counter) {
  const sizes: number[] = [];
  const server = await RawServer.start(({ connection, index, xid, opcode: op, bytes }) => {
    if (index === 0) connection.greet(SESSION_MS);
    else if (op === opcode.setWatches) {
      sizes.push(bytes.length);
      connection.reply(-8);
      seen.tick('setWatches');
    } else connection.reply(xid, -101);
  });
  return { server, sizes };
}

t.test('bare: one packet that no server accepts', async (t) => {
  const seen = new Counter();
  const { server, sizes } = await watchServer(seen);
  t.teardown(() => server.stop());
  const client = bare(t, server.address, SESSION_MS);
  for (let i = 0; i < WATCHES; i++) {
    client.exists(
      pathOf(i),
      () => undefined,
      () => seen.tick('read'),
    );
  }
  await seen.until('read', WATCHES);
  server.cut();
  await seen.until('setWatches');
  t.equal(sizes.length, 1);
  t.ok(sizes[0]! > 0xfffff, `${sizes[0]} bytes`);
});

t.test('cured: parts that every server accepts, complete and without repetition', async (t) => {
  const seen = new Counter();
  const { server, sizes } = await watchServer(seen);
  t.teardown(() => server.stop());
  const coordinator = ours(t, { connectString: server.address, sessionTimeoutMs: SESSION_MS });
  await Promise.all(Array.from({ length: WATCHES }, (_, i) => coordinator.exists(pathOf(i), () => undefined)));
  server.cut();
  await reached(coordinator, 'disconnected');
  await coordinator.exists('/fence');
  t.ok(Math.max(...sizes) <= SET_WATCHES_MAX_BYTES + 100, `at most ${Math.max(...sizes)} bytes`);
  const paths = Array.from({ length: WATCHES }, (_, i) => 4 + pathOf(i).length).reduce((a, b) => a + b, 0);
  const overhead = 8 + 8 + 12; // header, zxid, three lengths
  t.equal(
    sizes.reduce((a, b) => a + b - overhead, 0),
    paths,
  );
});

t.test('cured: 1.2 MB of watches survive kill -9 and restart of Apache ZooKeeper', { timeout: 100_000 }, async (t) => {
  if (!requireZooKeeper(t)) return;
  const dataDir = t.testdir({});
  const first = await startZooKeeper({ tickMs: 1000, dataDir });
  t.teardown(() => first.kill());
  const proxy = await TcpProxy.start({ port: first.port });
  t.teardown(() => proxy.stop());
  const seen = new Counter();
  const coordinator = ours(t, { connectString: proxy.address, sessionTimeoutMs: SESSION_MS });
  await Promise.all(
    Array.from({ length: WATCHES }, (_, i) =>
      coordinator.exists(pathOf(i), (event) => seen.tick(event?.type ?? 'end')),
    ),
  );
  const { session } = coordinator;
  proxy.refuse(true);
  await first.kill();
  await reached(coordinator, 'disconnected');
  const again = await startZooKeeper({ tickMs: 1000, dataDir, port: first.port });
  t.teardown(() => again.kill());
  const other = ours(t, { connectString: again.connectString, sessionTimeoutMs: SESSION_MS });
  await other.create(pathOf(1), Buffer.from('created while away'));
  proxy.refuse(false);
  await reached(coordinator, 'connected');
  t.equal(coordinator.session?.id, session?.id, 'the same session');
  await seen.until('created');
  await other.create(pathOf(WATCHES - 1), Buffer.from('created afterwards'));
  await seen.until('created', 2);
  t.equal(seen.count('created'), 2);
  t.equal(coordinator.state, 'connected');
});
