import t from 'tap';
import { requireZooKeeper } from './zookeeper.js';
import { Ensemble } from './zookeeper-ensemble.js';

t.test('an ensemble has one leader, and another one when that is killed', async (t) => {
  if (!requireZooKeeper(t)) return;
  const ensemble = new Ensemble({ directory: t.testdir(), servers: 3, tickMs: 500 });
  t.teardown(() => ensemble.stop());
  await ensemble.start();
  const first = (await ensemble.leader())!;
  t.ok(first >= 0 && first < 3);
  await ensemble.servers[first]!.kill();
  let next: number | undefined;
  while (next === undefined) next = await ensemble.leader();
  t.not(next, first);
  await ensemble.startServer(first);
  t.equal(await ensemble.leader(), next, 'the one that comes back follows');
});
