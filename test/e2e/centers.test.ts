// More than one center, as processes of their own.
import { join } from 'node:path';
import t from 'tap';
import { silentLogger, systemClock } from '../../base/index.js';
import { startEmbeddedServer } from '../../coordination/index.js';
import { User } from '../support/ctask.js';

t.setTimeout(120_000);

t.test('centers with different stores refuse to share a root', async (t) => {
  const user = new User();
  t.teardown(() => user.go());
  const options = { host: '127.0.0.1', port: 0, tickMs: 200, clock: systemClock, log: silentLogger };
  const server = await startEmbeddedServer({ dataDir: join(user.home, 'coordination'), ...options });
  t.teardown(() => server.stop());
  const zookeeper = `127.0.0.1:${server.port}`;
  const center = (store: string, root: string) =>
    user.start(['center', '--data-dir', join(user.home, store), '--port', '0', '--zookeeper', `${zookeeper}${root}`]);
  const first = center('a', '');
  await first.until(({ stderr }) => stderr.includes('center is ready'), 'the first center is ready');
  const stranger = await center('b', '').done;
  t.equal(stranger.code, 2);
  t.match(stranger.stderr, /belongs to another store \([0-9a-f]{12}\); this center has the store [0-9a-f]{12}/);
  t.match(stranger.stderr, 'hint: give all centers of an installation one store');
  t.notMatch(stranger.stderr, 'center is ready', 'it never served anybody');
  const elsewhere = center('b', '/other');
  await elsewhere.until(({ stderr }) => stderr.includes('center is ready'), 'under a root of its own it is welcome');
  await Promise.all([first.end('SIGTERM'), elsewhere.end('SIGTERM')]);
  const again = center('a', '');
  await again.until(({ stderr }) => stderr.includes('center is ready'), 'the first one comes back');
  await again.end('SIGTERM');
});
