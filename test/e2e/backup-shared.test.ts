// A backup of a center on PostgreSQL and Apache ZooKeeper: see backup.test.ts.
import t from 'tap';
import { backUp, begun, nothingTwice, restoreKeys, TASKS } from '../support/backup-checks.js';
import { requirePostgres, startPostgres } from '../support/postgres.js';
import { requireZooKeeper, startZooKeeper } from '../support/zookeeper.js';

t.test('ZooKeeper and PostgreSQL: both are lost, the agent lives on', { timeout: 240_000 }, async (t) => {
  if (!requireZooKeeper(t) || !requirePostgres(t)) return;
  const first = await startZooKeeper({ tickMs: 500 });
  t.teardown(() => first.stop());
  const postgres = await startPostgres();
  t.teardown(() => postgres.stop());
  const places = (url: string) => ['--store', url, '--zookeeper', first.connectString];
  const lost = places(await postgres.createDatabase());
  const found = places(await postgres.createDatabase());
  const world = await begun(t, { places: lost, zookeeper: first.connectString });
  await backUp(world, ...lost, '--data-dir', world.path('center'));
  await world.more(TASKS, 3);
  await first.kill();
  await world.destroyCenter('center');
  const second = await startZooKeeper({ tickMs: 500, port: first.port });
  t.teardown(() => second.stop());
  restoreKeys(world, 'center-2');
  await world.user.ok(['restore', ...found, '--data-dir', world.path('center-2'), '-f', world.path('all.tar')]);
  await world.startCenter('center-2', found);
  await world.settled();
  await world.more(TASKS, 3);
  await nothingTwice(t, world);
});
