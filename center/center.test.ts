import { once } from 'node:events';
import { readFile, rename, stat } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import t from 'tap';
import { silentLogger, systemClock } from '../base/index.js';
import { createCoordinationSession, Layout, startEmbeddedServer } from '../coordination/index.js';
import { createCenter } from './index.js';

const options = (dataDir: string, extra: object = {}) => ({
  ...{ dataDir, host: '127.0.0.1', port: 0, clock: systemClock, log: silentLogger, centerId: 'c1' },
  // Nothing listens on port 1: coordination is away.
  coordination: { connectString: '127.0.0.1:1', sessionTimeoutMs: 4000, root: '/cloudtask' },
  ...extra,
});
const { signal } = new AbortController();

t.test('without ZooKeeper people can look and apply; only readiness says that it is away', async (t) => {
  const dataDir = t.testdir();
  const center = createCenter(options(dataDir));
  await center.start(signal);
  t.teardown(() => center.stop());
  t.equal((await stat(center.adminTokenFile)).mode & 0o777, 0o600);
  t.equal((await stat(`${dataDir}/store.db`)).mode & 0o777, 0o600);
  const token = (await readFile(center.adminTokenFile, 'utf8')).trim();
  t.match(token, /^ct_[\w-]{43}$/);
  t.notMatch(await readFile(`${dataDir}/store.db-wal`, 'latin1'), token, 'the store knows only its hash');
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  t.equal((await fetch(`${center.url}/livez`)).status, 200);
  t.match(await (await fetch(`${center.url}/readyz`)).json(), { code: 503, message: /coordination is/ });
  const body = JSON.stringify({
    apiVersion: 'cloudtask.dev/v1',
    ...{ kind: 'Task', metadata: { name: 'a' }, spec: { run: { command: ['true'] } } },
  });
  const tasks = `${center.url}/apis/cloudtask.dev/v1/namespaces/default/tasks`;
  t.equal((await fetch(tasks, { method: 'POST', headers, body })).status, 201);
  await center.stop();

  const again = createCenter(options(dataDir));
  await again.start(signal);
  const same = await fetch(`${again.url}/apis/cloudtask.dev/v1/namespaces/default/tasks/a`, { headers });
  t.equal(same.status, 200, 'the task and the token are still there');
  await again.stop();
});

t.test('refuses to start unsafely', async (t) => {
  const open = createCenter(options(t.testdir(), { host: '0.0.0.0' }));
  await t.rejects(open.start(signal), { code: 'CT_CONFIG_INVALID', details: { hint: /--insecure/ } });
  const empty = createCenter(options(t.testdir({ 'admin.token': '\n' })));
  await t.rejects(empty.start(signal), { code: 'CT_CONFIG_INVALID', details: { detail: 'the token file is empty' } });
  const noCertificate = options(t.testdir(), { tls: { given: { certFile: '/nowhere.pem', keyFile: '/nowhere.pem' } } });
  await t.rejects(createCenter(noCertificate).start(signal), { code: 'CT_CONFIG_INVALID' });
});

t.test('the authority of a store is one, and is not made anew', async (t) => {
  const dataDir = t.testdir();
  const tls = { authority: { names: [], agentCertificateMs: 86_400_000 } };
  const center = createCenter(options(dataDir, { tls }));
  await center.start(signal);
  t.match(center.url, /^https:/);
  const { file, pin } = center.authority!;
  t.match(pin, /^[0-9a-f]{64}$/);
  await center.stop();
  await rename(`${dataDir}/tls`, `${dataDir}/gone`);
  const without = createCenter(options(dataDir, { tls }));
  await t.rejects(without.start(signal), { code: 'CT_CONFIG_INVALID', details: { subject: file, hint: /copy/ } });
  const elsewhere = t.testdirName.concat('/other');
  const other = createCenter(options(elsewhere, { tls }));
  await other.start(signal);
  await other.stop();
  await rename(`${elsewhere}/tls`, `${dataDir}/tls`);
  const foreign = createCenter(options(dataDir, { tls }));
  await t.rejects(foreign.start(signal), { code: 'CT_CONFIG_INVALID', message: /know another authority/ });
});

t.test('a port that is in use is said in words, and such a center never leads', async (t) => {
  const server = await startEmbeddedServer({ dataDir: t.testdir(), host: '127.0.0.1', port: 0, tickMs: 500 });
  t.teardown(() => server.stop());
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  t.teardown(() => other.close());
  const { port } = other.address() as AddressInfo;
  const coordination = { connectString: server.connectString, sessionTimeoutMs: 4000, root: '/cloudtask' };
  const second = createCenter(options(`${t.testdirName}/center`, { port, coordination }));
  await t.rejects(second.start(signal), {
    code: 'CT_CONFIG_INVALID',
    message: `port ${port} of 127.0.0.1 is in use already`,
    details: { hint: /--port/ },
  });
  const session = createCoordinationSession({
    ...{ connectString: server.connectString, sessionTimeoutMs: 4000, clock: systemClock, log: silentLogger },
  });
  await session.start(signal);
  t.teardown(() => session.stop());
  t.equal(await session.current.exists(new Layout().election), undefined, 'it has not stood for election');
});
