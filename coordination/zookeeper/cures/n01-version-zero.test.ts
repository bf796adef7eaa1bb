// N1: the library's Transaction turns version 0 into "any version": the compare-and-set of every fresh node becomes
// unconditional, and with it the one guarantee that a time point starts once.
import t from 'tap';
import { sharedZooKeeper } from '../../../test/support/shared-zookeeper.js';
import { bare, failureOf, ours } from './clients.js';

const zookeeperFor = sharedZooKeeper(t);

t.test('bare: a write for version 0 goes through at version 1', async (t) => {
  const zookeeper = await zookeeperFor(t);
  if (zookeeper === undefined) return;
  const coordinator = ours(t, { connectString: zookeeper.connectString });
  await coordinator.create('/bare', Buffer.from('fresh'));
  await coordinator.setData('/bare', Buffer.from('claimed by a'), 0);
  const client = bare(t, zookeeper.connectString);
  const commit = (build: (transaction: ReturnType<typeof client.transaction>) => void) =>
    new Promise((resolve) => {
      const transaction = client.transaction();
      build(transaction);
      transaction.commit((error) => resolve(error ?? undefined));
    });
  t.equal(await commit((x) => x.setData('/bare', Buffer.from('claimed by b'), 0)), undefined);
  t.equal((await coordinator.getData('/bare')).data.toString(), 'claimed by b', 'the first claim is overwritten');
  t.equal(await commit((x) => x.check('/bare', 0)), undefined);
  t.equal(await commit((x) => x.remove('/bare', 0)), undefined);
  t.equal(await coordinator.exists('/bare'), undefined);
});

t.test('cured: version 0 means 0, alone and in a multi', async (t) => {
  const zookeeper = await zookeeperFor(t);
  if (zookeeper === undefined) return;
  const coordinator = ours(t, { connectString: zookeeper.connectString });
  const data = Buffer.from('b');
  await coordinator.create('/ours', Buffer.from('fresh'));
  await coordinator.create('/other', Buffer.from('fresh'));
  t.equal((await coordinator.multi([{ op: 'setData', path: '/ours', data, version: 0 }])).length, 1);
  t.match(await failureOf(coordinator.setData('/ours', data, 0)), { kind: 'badVersion', serverCode: -103 });
  t.match(await failureOf(coordinator.delete('/ours', 0)), { kind: 'badVersion' });
  for (const second of [
    { op: 'setData', path: '/ours', data, version: 0 },
    { op: 'check', path: '/ours', version: 0 },
    { op: 'delete', path: '/ours', version: 0 },
  ] as const) {
    const operations = [{ op: 'setData', path: '/other', data, version: 0 } as const, second];
    t.match(await failureOf(coordinator.multi(operations)), { kind: 'badVersion', path: '/ours', failedIndex: 1 });
  }
  t.equal((await coordinator.getData('/other')).stat.version, 0, 'nothing of a failed multi happened');
});

t.test('cured: an unconditional write cannot be asked for', async (t) => {
  const zookeeper = await zookeeperFor(t);
  if (zookeeper === undefined) return;
  const coordinator = ours(t, { connectString: zookeeper.connectString });
  const data = Buffer.from('x');
  t.match(await failureOf(coordinator.setData('/ours', data, -1)), { kind: 'badArguments' });
  const operations = [
    { op: 'check', path: '/ours', version: -1 },
    { op: 'setData', path: '/ours', data, version: -1 },
  ] as const;
  t.match(await failureOf(coordinator.multi(operations)), { kind: 'badArguments', failedIndex: 1 });
});
