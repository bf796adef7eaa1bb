// What one center takes away is of no use at another one.
import { copyFile, readFile } from 'node:fs/promises';
import t from 'tap';
import { silentLogger, systemClock } from '../base/index.js';
import { requirePostgres, startPostgres } from '../test/support/postgres.js';
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
});
