// N8: the library counts requests without end; after 2^31 of them writing the number throws, in whoever asked.
import t from 'tap';
import { sharedZooKeeper } from '../../../test/support/shared-zookeeper.js';
import { bare, Counter, ours } from './clients.js';
import { RawServer, statPayload } from './raw-server.js';

const zookeeperFor = sharedZooKeeper(t);

const LAST = 2 ** 31 - 1;

t.test('bare: the request after the last number throws', async (t) => {
  const server = await RawServer.start(({ connection, index, xid }) => {
    if (index === 0) connection.greet(4000);
    else connection.reply(xid, 0, statPayload());
  });
  t.teardown(() => server.stop());
  const seen = new Counter();
  const client = bare(t, server.address);
  client.on('connected', () => seen.tick('connected'));
  await seen.until('connected');
  client.connectionManager.xid = LAST;
  client.exists('/a', () => seen.tick('read'));
  await seen.until('read');
  t.throws(() => client.exists('/b', () => undefined), { code: 'ERR_OUT_OF_RANGE' });
});

t.test('cured: numbers begin again', async (t) => {
  const numbers: number[] = [];
  const server = await RawServer.start(({ connection, index, xid }) => {
    if (index === 0) return connection.greet(4000);
    numbers.push(xid);
    connection.reply(xid, 0, statPayload());
  });
  t.teardown(() => server.stop());
  const coordinator = ours(t, { connectString: server.address, firstXid: LAST - 2 });
  await Promise.all(Array.from({ length: 5 }, () => coordinator.exists('/a')));
  t.same(numbers, [LAST - 2, LAST - 1, LAST, 1, 2]);
});

t.test('cured: Apache ZooKeeper answers across the end of the numbers', async (t) => {
  const zookeeper = await zookeeperFor(t);
  if (zookeeper === undefined) return;
  const coordinator = ours(t, { connectString: zookeeper.connectString, firstXid: LAST - 5 });
  await coordinator.create('/wrap', Buffer.from('0'));
  const written = Array.from({ length: 20 }, (_, i) => coordinator.setData('/wrap', Buffer.from(`${i}`), i));
  t.same(
    (await Promise.all(written)).map((stat) => stat.version),
    [...Array(20).keys()].map((i) => i + 1),
  );
});
