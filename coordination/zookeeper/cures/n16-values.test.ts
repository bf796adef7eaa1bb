// N16: the library gives 64-bit numbers as Buffers and throws TypeError on empty data. N14: it has no sync.
import t from 'tap';
import { systemClock } from '../../../base/index.js';
import { sharedZooKeeper } from '../../../test/support/shared-zookeeper.js';
import { bare, Counter, failureOf, ours } from './clients.js';
import { RawServer, statPayload } from './raw-server.js';

const zookeeperFor = sharedZooKeeper(t);

t.test('bare: no data is a TypeError, zxids are Buffers, sync is missing', async (t) => {
  const zookeeper = await zookeeperFor(t);
  if (zookeeper === undefined) return;
  const seen = new Counter();
  const client = bare(t, zookeeper.connectString);
  client.on('connected', () => seen.tick('connected'));
  await seen.until('connected');
  t.throws(() => client.setData('/', null, 0, () => undefined), TypeError);
  let stat: unknown;
  client.exists('/', (_, found) => {
    stat = found;
    seen.tick('read');
  });
  await seen.until('read');
  t.ok(Buffer.isBuffer((stat as { czxid: unknown }).czxid));
  t.notOk('sync' in client);
});

t.test('cured: values of every operation', async (t) => {
  const zookeeper = await zookeeperFor(t);
  if (zookeeper === undefined) return;
  const coordinator = ours(t, { connectString: zookeeper.connectString });
  const before = systemClock.now() - 5_000;
  t.equal(await coordinator.create('/values', new Uint8Array(0)), '/values');
  const { data, stat } = await coordinator.getData('/values');
  t.equal(data.length, 0);
  t.match(stat, { version: 0, cversion: 0, ephemeralOwner: 0n, dataLength: 0, numChildren: 0 });
  t.ok(stat.czxid > 0n && stat.czxid === stat.mzxid);
  t.ok(stat.ctime > before && stat.mtime === stat.ctime);
  const written = await coordinator.setData('/values', null as unknown as Uint8Array, 0);
  t.equal(written.version, 1);
  t.ok(written.mzxid > written.czxid);
  const name = await coordinator.create('/values/n-', Buffer.from('e'), 'ephemeralSequential');
  t.match(name, /^\/values\/n-\d{10}$/);
  t.equal((await coordinator.exists(name))?.ephemeralOwner, coordinator.session?.id);
  t.same((await coordinator.getChildren('/values')).children, [name.slice('/values/'.length)]);
  t.match(await failureOf(coordinator.delete('/values', 1)), { kind: 'notEmpty' });
  t.match(await failureOf(coordinator.create(`${name}/x`, data)), { kind: 'noChildrenForEphemerals' });
  t.match(await failureOf(coordinator.create('/values', data)), { kind: 'nodeExists', path: '/values' });
  t.match(await failureOf(coordinator.getData('/none')), { kind: 'noNode', serverCode: -101 });
  await coordinator.sync('/values');
  t.same(await coordinator.multi([]), [], 'an empty multi');
  const [created] = await coordinator.multi([{ op: 'create', path: '/values/s-', data, mode: 'persistentSequential' }]);
  t.match(created, { op: 'create', path: /^\/values\/s-\d{10}$/ });
});

t.test('cured: what cannot be a request is refused here', async (t) => {
  const server = await RawServer.start(({ connection, index, xid }) => {
    if (index === 0) connection.greet(4000);
    else connection.reply(xid, 0, statPayload());
  });
  t.teardown(() => server.stop());
  const coordinator = ours(t, { connectString: server.address });
  for (const path of ['', 'a', '/a/', '/a//b', '/a/../b']) {
    t.match(await failureOf(coordinator.exists(path)), { kind: 'badArguments', path });
  }
  t.match(await failureOf(coordinator.setData('/a', Buffer.alloc(1024 * 1024), 0)), { kind: 'tooLarge' });
  t.ok(await coordinator.exists('/a'), 'the connection is unharmed');
  t.equal(server.connections.length, 1);
});

t.test('cured: a chroot is created, and is seen by nobody', async (t) => {
  const zookeeper = await zookeeperFor(t);
  if (zookeeper === undefined) return;
  const rooted = ours(t, { connectString: `${zookeeper.connectString}/one/two` });
  const plain = ours(t, { connectString: zookeeper.connectString });
  await rooted.ensurePath('/a/b');
  await rooted.ensurePath('/a/b');
  t.ok(await plain.exists('/one/two/a/b'));
  t.equal(await rooted.create('/a/c', Buffer.from('')), '/a/c');
  t.same((await rooted.getChildren('/')).children, ['a']);
  const events: unknown[] = [];
  await rooted.getData('/a/c', (event) => events.push(event));
  await rooted.getChildren('/', (event) => events.push(event));
  await plain.setData('/one/two/a/c', Buffer.from('x'), 0);
  await plain.create('/one/two/d', Buffer.from(''));
  await rooted.sync('/');
  await rooted.exists('/');
  t.same(events, [
    { type: 'dataChanged', path: '/a/c' },
    { type: 'childrenChanged', path: '/' },
  ]);
  const multi = rooted.multi([
    { op: 'create', path: '/a/e', data: Buffer.from('') },
    { op: 'check', path: '/a/none', version: 0 },
  ]);
  t.match(await failureOf(multi), { kind: 'noNode', path: '/a/none', failedIndex: 1 });
  t.same(await rooted.multi([{ op: 'create', path: '/a/e', data: Buffer.from('') }]), [{ op: 'create', path: '/a/e' }]);
});

t.test('cured: credentials open what is closed to others', async (t) => {
  const zookeeper = await zookeeperFor(t);
  if (zookeeper === undefined) return;
  const auth = [{ scheme: 'digest', credential: Buffer.from('agent:secret') }];
  const known = ours(t, { connectString: zookeeper.connectString, auth });
  const stranger = ours(t, { connectString: zookeeper.connectString });
  await known.create('/closed', Buffer.from('x'), 'persistent', [{ permissions: 31, scheme: 'auth', id: '' }]);
  t.match(await failureOf(stranger.getData('/closed')), { kind: 'noAuth' });
  await stranger.addAuth('digest', Buffer.from('agent:secret'));
  t.equal((await stranger.getData('/closed')).data.toString(), 'x');
  t.match(
    await failureOf(known.create('/wrong', Buffer.from(''), 'persistent', [{ permissions: 1, scheme: 'no', id: 'x' }])),
    { kind: 'invalidAcl' },
  );
});
