// Who may write below the root of an installation, on both servers.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { silentLogger, systemClock } from '../base/index.js';
import { requireZooKeeper, startZooKeeper } from '../test/support/zookeeper.js';
import {
  askServers,
  type Coordinator,
  closeToOthers,
  createCoordinationSession,
  Layout,
  lookAtAcls,
  startEmbeddedServer,
} from './index.js';

const layout = new Layout('/cloudtask');
const auth = (credential: string) => [{ scheme: 'digest', credential: Buffer.from(credential) }];

t.test('embedded', async (t) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'acl-'));
  const server = await startEmbeddedServer({ dataDir, host: '127.0.0.1', port: 0, tickMs: 500 });
  t.teardown(async () => {
    await server.stop();
    rmSync(dataDir, { recursive: true });
  });
  const [answer] = await askServers(server.connectString);
  t.strictSame(answer, { address: server.connectString, withoutQuorum: false }, 'it does not say what it is');
  await t.rejects(askServers('a:b'), TypeError);
  await suite(t, server.connectString);
});

t.test('Apache ZooKeeper', async (t) => {
  if (!requireZooKeeper(t)) return;
  const server = await startZooKeeper({ tickMs: 500 });
  t.teardown(() => server.stop());
  t.match(await askServers(`${server.connectString},127.0.0.1:1/chroot`), [
    { address: server.connectString, version: /^3\.\d+\.\d+/, mode: 'standalone', withoutQuorum: false },
    { address: '127.0.0.1:1', refused: 'ECONNREFUSED', withoutQuorum: false },
  ]);
  await suite(t, server.connectString);
});

async function suite(t: Test, connectString: string): Promise<void> {
  const connect = async (credential?: string, chroot = '') => {
    const session = createCoordinationSession({
      ...{ connectString: connectString + chroot, sessionTimeoutMs: 4000, clock: systemClock, log: silentLogger },
      ...(credential === undefined ? {} : { auth: auth(credential) }),
    });
    await session.start(new AbortController().signal);
    t.teardown(() => session.stop());
    return session.current;
  };
  const own = await connect('ctask:secret');
  const outsider = await connect();
  const other = await connect('other:secret');
  const data = Buffer.from('x');

  await t.test('what is created with credentials is closed to all others', async (t) => {
    await own.ensurePath('/cloudtask/triggers/00');
    await own.multi([{ op: 'create', path: '/cloudtask/triggers/00/a', data }]);
    await own.create('/cloudtask/agents', data);
    await own.create('/cloudtask/agents/a1', data, 'ephemeral');
    t.match(await closeToOthers(own, layout), { looked: 6, closed: [], foreign: [] });
    for (const path of ['/cloudtask', '/cloudtask/triggers', '/cloudtask/triggers/00/a', '/cloudtask/agents/a1']) {
      for (const somebody of [outsider, other]) {
        const tries: Promise<unknown>[] = [
          ...[somebody.getData(path), somebody.setData(path, data, 0), somebody.getChildren(path)],
          somebody.setAcl(path, [{ permissions: 31, scheme: 'world', id: 'anyone' }], 0),
        ];
        for (const attempt of tries) t.match(await errorOf(attempt), { kind: 'noAuth' }, path);
      }
    }
    t.match(await errorOf(outsider.create('/cloudtask/x', data)), { kind: 'noAuth' });
    t.match(await errorOf(outsider.delete('/cloudtask/triggers/00/a', -1)), { kind: 'noAuth' });
    t.equal((await own.setData('/cloudtask/triggers/00/a', Buffer.from('y'), 0)).version, 1);
  });

  await t.test('what others could write is closed, what they may read stays, what is theirs is told', async (t) => {
    const open = [{ permissions: 31, scheme: 'world', id: 'anyone' }];
    const reader = { permissions: 1, scheme: 'world', id: 'anyone' };
    const mine = (await own.getAcl('/cloudtask')).acl;
    await own.create('/cloudtask/open', data, 'persistent', open);
    await outsider.create('/cloudtask/open/below', data, 'persistent', open);
    await own.create('/cloudtask/write-only', data, 'persistent', [...mine, { ...reader, permissions: 2 }]);
    await own.create('/cloudtask/half', data, 'persistent', [{ ...mine[0]!, permissions: 17 }, reader]);
    await own.create('/cloudtask/monitored', data, 'persistent', [...mine, reader]);
    await other.create('/cloudtask/open/theirs', data);
    t.match(await lookAtAcls(own, layout), {
      looked: 12,
      open: ['/cloudtask/open', '/cloudtask/open/below', '/cloudtask/write-only'],
      closedToUs: ['/cloudtask/open/theirs'],
    });
    t.match(await lookAtAcls(outsider, layout), { open: [], closedToUs: ['/cloudtask'] }, 'it gets no further');
    t.match(await lookAtAcls(own, layout), { open: { length: 3 } }, 'looking closes nothing');
    const found = await closeToOthers(own, layout);
    t.same(found.closed, ['/cloudtask/half', '/cloudtask/open', '/cloudtask/open/below', '/cloudtask/write-only']);
    t.same(found.foreign, ['/cloudtask/open/theirs']);
    t.same((await own.getAcl('/cloudtask/half')).acl, [...mine, reader]);
    t.equal(String((await outsider.getData('/cloudtask/monitored')).data), 'x', 'whoever watches may go on');
    t.match(await errorOf(outsider.setData('/cloudtask/open/below', data, 0)), { kind: 'noAuth' });
    t.match(await closeToOthers(own, layout), { closed: [], foreign: ['/cloudtask/open/theirs'] }, 'and so it stays');
    await remove(other, '/cloudtask/open/theirs');
    t.match(await closeToOthers(own, layout), { closed: [], foreign: [] });
  });

  await t.test('a chroot is closed, and what it is in is not', async (t) => {
    const inside = await connect('ctask:secret', '/home/one');
    await inside.ensurePath('/cloudtask');
    t.match(await errorOf(outsider.create('/home/one/x', data)), { kind: 'noAuth' });
    t.equal(await outsider.create('/home/two', data), '/home/two');
    t.match(await closeToOthers(inside, layout), { closed: [], foreign: [] });
  });

  await t.test('a root that is closed to us says so', async (t) => {
    t.match(await errorOf(closeToOthers(other, layout)), { kind: 'noAuth' });
    t.match(await errorOf(closeToOthers(outsider, layout)), { kind: /noAuth|invalidAcl/ });
  });
}

/** Whoever closed the parent must help. */
async function remove(owner: Coordinator, path: string): Promise<void> {
  await owner.setAcl(path, [{ permissions: 31, scheme: 'world', id: 'anyone' }], 0);
}

const errorOf = (attempt: Promise<unknown>) => attempt.catch((error: unknown) => error);
