// What one center takes away is of no use at another one.
import { generateKeyPairSync } from 'node:crypto';
import { copyFile, mkdir, readFile } from 'node:fs/promises';
import t from 'tap';
import { certificateRequest } from '../agent/join/certificate-request.js';
import { silentLogger, systemClock } from '../base/index.js';
import { parseJoinToken } from '../manifests/index.js';
import { requirePostgres, startPostgres } from '../test/support/postgres.js';
import { askTls, type Shown } from '../test/support/tls-ask.js';
import { createCenter } from './index.js';

const { signal } = new AbortController();
const API = 'apis/cloudtask.dev/v1';

t.test('users of two centers', async (t) => {
  if (!requirePostgres(t)) return;
  const server = await startPostgres();
  t.teardown(() => server.stop());
  const url = await server.createDatabase();
  const dir = t.testdir({ a: {}, b: {} });
  const start = async (id: string) => {
    const center = createCenter({
      ...{ dataDir: `${dir}/${id}`, host: '127.0.0.1', port: 0, clock: systemClock, log: silentLogger, centerId: id },
      // Nothing listens on port 1: this is about the API.
      ...{ store: { url }, coordination: { connectString: '127.0.0.1:1', sessionTimeoutMs: 4000, root: '/cloudtask' } },
    });
    await center.start(signal);
    t.teardown(() => center.stop());
    return center;
  };
  const a = await start('a');
  for (const file of ['admin.token', 'agent.token']) await copyFile(`${dir}/a/${file}`, `${dir}/b/${file}`);
  const b = await start('b');
  t.ok(a.setUpFile, 'the first center makes the first user');
  t.equal(b.setUpFile, undefined, 'and the second one does not');

  const admin = (await readFile(a.adminTokenFile, 'utf8')).trim();
  const ask = (of: { url: string }, method: string, path: string, token: string, body?: object) =>
    fetch(`${of.url}/${API}/${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  const object = (kind: string, name: string, spec: object) => ({
    ...{ apiVersion: 'cloudtask.dev/v1', kind, spec },
    metadata: { name },
  });
  const binding = { role: 'viewer', subjects: [{ kind: 'User', name: 'ann' }] };
  const objects = [object('User', 'ann', {}), object('ClusterRoleBinding', 'ann', binding)];
  t.equal((await ask(a, 'POST', 'apply', admin, { objects })).status, 200);
  const token = async () => {
    const made = await ask(a, 'POST', 'tokens', admin, { owner: { kind: 'User', name: 'ann' } });
    return ((await made.json()) as { token: string }).token;
  };
  const ann = await token();
  const status = async (of: { url: string }, with_: string) => (await ask(of, 'GET', 'tasks', with_)).status;

  // Roles are told by the changes, which the watch waits for.
  const watching = new AbortController();
  t.teardown(() => watching.abort());
  const watch = await fetch(`${b.url}/${API}/clusterrolebindings?watch=1&fieldSelector=metadata.name=ann`, {
    headers: { authorization: `Bearer ${admin}` },
    signal: watching.signal,
  });
  const lines = watch.body!.pipeThrough(new TextDecoderStream()).getReader();
  t.match((await lines.read()).value, /^\{"type":"ADDED"/);
  t.equal(await status(b, ann), 200);
  await ask(a, 'DELETE', 'clusterrolebindings/ann', admin);
  t.match((await lines.read()).value, /^\{"type":"DELETED"/);
  t.equal(await status(b, ann), 403, 'a role that was taken away');

  // Users, tokens and sessions are asked for: nothing has to arrive first.
  const logIn = await fetch(`${a.url}/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token: ann }),
  });
  const cookie = logIn.headers.getSetCookie()[0]!.split(';', 1)[0]!;
  const session = async () => (await fetch(`${b.url}/auth/session`, { headers: { cookie } })).status;
  t.equal(await session(), 200, 'a session is of all centers');
  const second = await token();
  t.equal(await status(b, second), 403, 'known, without a role');
  await ask(a, 'DELETE', 'users/ann', admin);
  t.same([await status(b, second), await session()], [401, 401], 'a user who is gone');

  const guess = async (of: { url: string }) => {
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify({ username: 'ben', password: 'guess' });
    return (await fetch(`${of.url}/auth/login`, { method: 'POST', headers, body })).status;
  };
  // Each waits twice as long as the one before, in the end longer than a busy machine takes for a password.
  const guesses: number[] = [];
  while (guesses.length < 24 && guesses.slice(-2).join() !== '429,429')
    guesses.push(await guess(guesses.length % 2 === 0 ? a : b));
  t.same(guesses.slice(0, 5), [401, 401, 401, 401, 401]);
  t.same(guesses.slice(-2), [429, 429], `failed log-ins count together: ${guesses}`);
});

t.test('agents of two centers', async (t) => {
  if (!requirePostgres(t)) return;
  const server = await startPostgres();
  t.teardown(() => server.stop());
  const url = await server.createDatabase();
  const dir = t.testdir({ a: {}, b: {} });
  const tls = { authority: { names: [], agentCertificateMs: 86_400_000 } };
  const make = (id: string) =>
    createCenter({
      ...{ dataDir: `${dir}/${id}`, host: '127.0.0.1', port: 0, clock: systemClock, log: silentLogger, centerId: id },
      ...{ store: { url }, coordination: { connectString: '127.0.0.1:1', sessionTimeoutMs: 4000, root: '/cloudtask' } },
      tls,
    });
  const start = async (id: string) => {
    const center = make(id);
    await center.start(signal);
    t.teardown(() => center.stop());
    return center;
  };
  const a = await start('a');
  for (const file of ['admin.token', 'agent.token']) await copyFile(`${dir}/a/${file}`, `${dir}/b/${file}`);
  await t.rejects(make('b').start(signal), { code: 'CT_CONFIG_INVALID', details: { hint: /authority/ } });
  await mkdir(`${dir}/b/tls`);
  for (const file of ['ca.crt', 'ca.key']) await copyFile(`${dir}/a/tls/${file}`, `${dir}/b/tls/${file}`);
  const b = await start('b');

  const admin = { token: (await readFile(a.adminTokenFile, 'utf8')).trim() };
  const ask = (of: { url: string }, method: string, path: string, shown: Shown, body?: object) =>
    askTls({ url: of.url, caFile: `${dir}/a/tls/ca.crt`, shown, method, path, body });
  const made = await ask(a, 'POST', 'tokens', admin, { owner: { kind: 'Agents', name: 'default' } });
  const { credential } = parseJoinToken(made.json.token)!;
  const join = async (of: { url: string }, name: string) => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    const body = { token: credential, cluster: 'default', request: await certificateRequest(privateKey) };
    const answer = await ask(of, 'POST', `agents/${name}/join`, {}, body);
    const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    return { status: answer.status, shown: { key, cert: answer.json.certificate as string } };
  };
  const { status, shown } = await join(b, 'x');
  t.equal(status, 200, 'a token of one center is good at the other one');
  t.equal((await join(a, 'y')).status, 401, 'and used up at both');
  const beat = { cluster: 'default', labels: {} };
  t.equal((await ask(a, 'PUT', 'agents/x/status', shown, beat)).status, 200);
  t.equal((await ask(a, 'POST', 'agents/x/tasks', shown, { uids: ['nobody'] })).status, 503, 'ZooKeeper is away');
  t.equal((await ask(b, 'DELETE', 'agents/x', admin)).status, 200);
  t.equal(
    (await ask(a, 'PUT', 'agents/x/status', shown, beat)).status,
    401,
    'what one deletes is out at the other one',
  );
});
