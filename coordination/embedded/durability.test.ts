// What was acknowledged survives kill -9, whatever the server was doing.
import t from 'tap';
import { RawClient } from '../conformance/raw-client.js';
import { create, exists, getData, item, multi, setData } from '../conformance/shapes.js';
import { startServerProcess } from './fixtures/start-process.js';
import { startEmbeddedServer } from './server.js';
import { listFiles } from './store/files.js';

const ROUNDS = process.env.CTASK_TEST_LONG === '1' ? 40 : 6;
const NODES = 8;
/** So small that snapshots are being written all the time. */
const SNAPSHOT_AFTER_BYTES = 20_000;

t.setTimeout(110_000);

async function connected(port: number, options = {}): Promise<RawClient> {
  const client = await RawClient.connect(port, options);
  if (client === undefined) throw new Error('refused');
  return client;
}

t.test('every acknowledged write is there after kill -9 in the middle of writes', async (t) => {
  const dataDir = t.testdir();
  const acknowledged = new Map<string, number>();
  let pairs = 0;
  let lastZxid = 0n;
  for (let round = 0; round < ROUNDS; round++) {
    const server = await startServerProcess(dataDir, { snapshotAfterBytes: SNAPSHOT_AFTER_BYTES });
    const client = await connected(server.port, { lastZxidSeen: lastZxid });
    for (let i = 0; i < NODES; i++) {
      const reply = await client.request(getData(`/n${i}`));
      if (round === 0) await client.request(create(`/n${i}`, { data: '0' }));
      else t.ok(Number(reply.body?.data) >= acknowledged.get(`/n${i}`)!, `/n${i} in round ${round}`);
    }
    if (round === 0) await client.request(create('/left', { data: '0' }));
    if (round === 0) await client.request(create('/right', { data: '0' }));
    const [left, right] = [await client.request(getData('/left')), await client.request(getData('/right'))];
    t.equal(String(left.body?.data), String(right.body?.data), 'a multi is whole or not there');
    t.ok(Number(left.body?.data) >= pairs);

    let writes = 0;
    const enough = 200 + 137 * round;
    await new Promise<void>((resolve) => {
      const keepWriting = async (path: string) => {
        for (let value = (acknowledged.get(path) ?? 0) + 1000; ; value++) {
          const reply = await client.request(setData(path, String(value)));
          acknowledged.set(path, value);
          if (reply.zxid > lastZxid) lastZxid = reply.zxid;
          if (++writes === enough) resolve();
        }
      };
      const keepPairing = async () => {
        for (let value = pairs + 1000; ; value++) {
          await client.request(multi(item.setData('/left', String(value)), item.setData('/right', String(value))));
          pairs = value;
        }
      };
      // Each ends with the connection.
      for (let i = 0; i < NODES; i++) keepWriting(`/n${i}`).catch(() => undefined);
      keepPairing().catch(() => undefined);
    });
    await server.kill();
    await client.closed;
  }
  const snapshots = await listFiles(dataDir, 'snapshot');
  t.ok(snapshots.length > 0, 'snapshots were written meanwhile');
});

t.test('sessions, their ephemeral nodes and their passwords survive, with the full time-out', async (t) => {
  const dataDir = t.testdir();
  const first = await startServerProcess(dataDir);
  const client = await connected(first.port, { timeoutMs: 2000 });
  await client.request(create('/e', { flags: 1 }));
  await client.request(create('/s-', { flags: 2 }));
  await first.kill();
  const second = await startServerProcess(dataDir);
  const { sessionId } = client;
  const again = await connected(second.port, { sessionId, password: client.response.password, timeoutMs: 2000 });
  t.equal(again.sessionId, sessionId);
  t.equal((await again.request(exists('/e'))).body?.stat.ephemeralOwner, sessionId);
  t.equal((await again.request(create('/s-', { flags: 2 }))).body?.path, '/s-0000000002');
  const other = await connected(second.port);
  t.ok(other.sessionId > sessionId, 'session ids are not used again');
  await second.kill();
});

t.test('stop keeps sessions too', async (t) => {
  const dataDir = t.testdir();
  const start = () => startEmbeddedServer({ dataDir, host: '127.0.0.1', port: 0, tickMs: 1000 });
  const first = await start();
  const client = await connected(first.port);
  await client.request(create('/e', { flags: 1 }));
  await first.stop();
  await client.closed;
  const second = await start();
  t.same(second.sessions, [client.sessionId]);
  const again = await connected(second.port, { sessionId: client.sessionId, password: client.response.password });
  t.equal((await again.request(exists('/e'))).error, 0);
  await second.stop();
});

t.test('one process per data directory', async (t) => {
  const dataDir = t.testdir();
  const server = await startEmbeddedServer({ dataDir, host: '127.0.0.1', port: 0, tickMs: 1000 });
  await t.rejects(startEmbeddedServer({ dataDir, host: '127.0.0.1', port: 0, tickMs: 1000 }), { code: 'CT_LOCKED' });
  await server.stop();
});
