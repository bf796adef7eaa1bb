// After any history, with snapshots taken in the middle of it, a restart gives back exactly the same tree.
import t from 'tap';
import { Random } from '../conformance/random.js';
import { RawClient } from '../conformance/raw-client.js';
import {
  create,
  getAcl,
  getChildren,
  getData,
  item,
  multi,
  OPEN,
  remove,
  setAcl,
  setData,
} from '../conformance/shapes.js';
import { startEmbeddedServer } from './server.js';
import { listFiles } from './store/files.js';

const NAMES = ['a', 'b', 'c', 'd', 'e'];
const STEPS = 1500;
const PIPELINE = 25;

t.setTimeout(110_000);

async function connected(port: number, options = {}): Promise<RawClient> {
  const client = await RawClient.connect(port, { timeoutMs: 20_000, ...options });
  if (client === undefined) throw new Error('refused');
  return client;
}

/** Everything that a client can see of the nodes, by path. */
async function dump(client: RawClient, path = '/', into: Record<string, unknown> = {}): Promise<typeof into> {
  const data = (await client.request(getData(path))).body;
  const acl = (await client.request(getAcl(path))).body?.acl;
  into[path] = { data: data?.data && String(data.data), stat: data?.stat, acl };
  for (const name of (await client.request(getChildren(path))).body?.children ?? []) {
    await dump(client, `${path === '/' ? '' : path}/${name}`, into);
  }
  return into;
}

function randomRequest(random: Random) {
  const depth = 1 + random.below(3);
  const path = Array.from({ length: depth }, () => `/${random.pick(NAMES)}`).join('');
  const data = 'x'.repeat(random.below(30));
  const flags = (random.chance(25) ? 1 : 0) | (random.chance(15) ? 2 : 0);
  const dice = random.below(10);
  if (dice < 4) return create(path, { data, flags });
  if (dice < 6) return remove(path);
  if (dice < 8) return setData(path, data);
  if (dice < 9) return multi(item.setData(`/${random.pick(NAMES)}`, data), item.create(path, { data }));
  return setAcl(path, random.chance(50) ? OPEN : [{ permissions: 31, scheme: 'digest', id: 'x:y' }, ...OPEN]);
}

for (const seed of [1, 2, 3]) {
  t.test(`history ${seed}`, async (t) => {
    const dataDir = t.testdir();
    const random = new Random(seed);
    const start = () =>
      startEmbeddedServer({ dataDir, host: '127.0.0.1', port: 0, tickMs: 1000, snapshotAfterBytes: 4000 });
    const first = await start();
    let snapshots = 0;
    first.events.on('snapshot:written', () => snapshots++);
    const [client, passing] = [await connected(first.port), await connected(first.port)];
    for (let step = 0; step < STEPS; step += PIPELINE) {
      const asked = Array.from({ length: PIPELINE }, () =>
        (random.chance(80) ? client : passing).request<unknown>(randomRequest(random)),
      );
      await Promise.all(asked);
    }
    await passing.closeSession();
    const before = await dump(client);
    await first.stop();
    t.ok(snapshots > 3, `${snapshots} snapshots were written meanwhile`);
    t.ok((await listFiles(dataDir, 'snapshot')).length <= 2, 'old ones are deleted');

    const second = await start();
    t.same(second.sessions, [client.sessionId]);
    const again = await connected(second.port, { sessionId: client.sessionId, password: client.response.password });
    t.same(await dump(again), before);
    t.ok(Object.keys(before).length > 20);
    await again.drop();
    await second.stop();
  });
}
