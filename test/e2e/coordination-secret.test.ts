// Coordination is closed to whoever has not the secret of the installation: a center and an agent as they are installed, against
// Apache ZooKeeper.
import { copyFileSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { silentLogger, systemClock } from '../../base/index.js';
import { type Coordinator, createCoordinationSession } from '../../coordination/index.js';
import { coordinationAuth } from '../support/coordination-auth.js';
import { type Running, User } from '../support/ctask.js';
import { requireZooKeeper, startZooKeeper } from '../support/zookeeper.js';

const OPEN = [{ permissions: 31, scheme: 'world', id: 'anyone' }];

t.test(
  'abuse: nobody else reads or writes what an installation keeps in ZooKeeper',
  { timeout: 180_000 },
  async (t) => {
    if (!requireZooKeeper(t)) return;
    const zookeeper = await startZooKeeper({ tickMs: 1000 });
    t.teardown(() => zookeeper.stop());
    const user = new User();
    t.teardown(() => user.go());
    const connect = async (auth: Parameters<typeof createCoordinationSession>[0]['auth'] = []) => {
      const { connectString } = zookeeper;
      const session = createCoordinationSession({
        ...{ connectString, sessionTimeoutMs: 10_000, clock: systemClock, log: silentLogger, auth },
      });
      await session.start(new AbortController().signal);
      t.teardown(() => session.stop());
      return session.current;
    };
    // Somebody was here before, or ran a version that left it open.
    const outsider = await connect();
    await outsider.create('/cloudtask', Buffer.alloc(0), 'persistent', OPEN);
    await outsider.create('/cloudtask/triggers', Buffer.alloc(0), 'persistent', OPEN);
    const stranger = await connect([{ scheme: 'digest', credential: Buffer.from('stranger:secret') }]);
    await stranger.create('/cloudtask/theirs', Buffer.from('x'));

    const dataDir = join(user.home, 'c1');
    const toZooKeeper = ['--zookeeper', zookeeper.connectString];
    const startCenter = (name: string, more: string[] = []) =>
      user.start(['center', '--data-dir', join(user.home, name), '--port', '0', ...toZooKeeper, ...more]);
    const center = startCenter('c1');
    const said = async (running: Running, words: string) =>
      running.until(({ stderr }) => stderr.includes(words), words, 60_000);
    await said(center, 'coordination is closed to others');
    t.match(center.stderr, /others could write these nodes of coordination; they are closed now/);
    t.match(center.stderr, /"nodes":\["\/cloudtask","\/cloudtask\/triggers"\]/);
    t.match(center.stderr, /"nodes":\["\/cloudtask\/theirs"\].*these nodes of coordination belong to somebody else/);
    t.equal(statSync(join(dataDir, 'coordination.secret')).mode & 0o777, 0o600);
    await said(center, 'center is ready');
    const url = /"url":"([^"]+)"/.exec(center.stderr)![1]!;
    Object.assign(user.env, { CTASK_SERVER: url, CTASK_TOKEN_FILE: join(dataDir, 'admin.token') });

    const agentArgs = (name: string, tokenFile: string) => [
      ...['agent', '--name', name, '--data-dir', join(user.home, 'agents', name), '--center', url, ...toZooKeeper],
      ...['--token-file', tokenFile],
    ];
    const agent = user.start(agentArgs('a1', join(dataDir, 'agent.token')));
    await said(agent, 'agent is ready');
    await user.ok(['create', 'task', 'hello', '--', 'echo', 'hello']);
    t.match(await user.ctask(['run', 'hello', '-f']), { code: 0, stdout: /hello/ });

    await t.test('every node is closed', async (t) => {
      const own = await connect(coordinationAuth(dataDir));
      const paths = (await treeOf(own, '/cloudtask')).filter((path) => path !== '/cloudtask/theirs');
      t.ok(paths.length > 8, `${paths.length} nodes`);
      for (const path of paths) {
        const { acl } = await own.getAcl(path);
        t.match(acl, [{ permissions: 31, scheme: 'digest', id: /^ctask:/ }], path);
        t.equal(acl.length, 1);
        for (const somebody of [outsider, stranger]) {
          const tries = [
            somebody.getData(path),
            somebody.setData(path, Buffer.from('x'), 0),
            somebody.delete(path, -1),
          ];
          const ends = await Promise.allSettled<unknown>([...tries, somebody.create(`${path}/x`, Buffer.from('x'))]);
          const kinds = ends.map((end) => (end.status === 'rejected' ? (end.reason as { kind: string }).kind : 'done'));
          // Ephemeral nodes have no children, whoever asks; nor may a node go that has some.
          t.notOk(kinds.includes('done'), `${path}: ${kinds}`);
        }
      }
    });

    await t.test('who lacks the secret is told so', async (t) => {
      mkdirSync(join(user.home, 'elsewhere'));
      const copy = join(user.home, 'elsewhere', 'agent.token');
      copyFileSync(join(dataDir, 'agent.token'), copy);
      const without = user.start(agentArgs('a2', copy));
      await said(without, 'coordination refuses this process: its secret is not that of the installation');
      await without.end('SIGINT');
      writeFileSync(join(user.home, 'elsewhere', 'coordination.secret'), '\n');
      t.match(await user.ctask(agentArgs('a2', copy)), { code: 2, stderr: /coordination\.secret.*the file is empty/ });
      t.match(await user.ctask([...agentArgs('a2', copy), '--coordination-secret-file', '/nope']), {
        code: 2,
        stderr: /\/nope.*the file is not there/,
      });
      const second = await startCenter('c2').done;
      t.equal(second.code, 2, second.stderr);
      t.match(
        second.stderr,
        /closed to this center: it was made with another coordination secret.*\n?.*copy coordination\.secret/,
      );
    });
  },
);

async function treeOf(coordinator: Coordinator, path: string): Promise<string[]> {
  const children = await coordinator.getChildren(path).then(
    ({ children }) => children,
    () => [],
  );
  return [path, ...(await Promise.all(children.map((name) => treeOf(coordinator, `${path}/${name}`)))).flat()];
}
