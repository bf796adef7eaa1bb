import t from 'tap';
import { requireZooKeeper, startZooKeeper } from './zookeeper.js';

t.test('starts, answers and stops', async (t) => {
  if (!requireZooKeeper(t)) return;
  const server = await startZooKeeper({ tickMs: 500 });
  t.match(server.connectString, /^127\.0\.0\.1:\d+$/);
  t.ok(server.pid > 0);
  server.pause();
  server.resume();
  await server.stop();
  t.throws(() => process.kill(server.pid, 0), { code: 'ESRCH' });
});
