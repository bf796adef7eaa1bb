// Two centers on one PostgreSQL database: any of them answers any request.
import { copyFile, readFile } from 'node:fs/promises';
import t from 'tap';
import { silentLogger, systemClock } from '../base/index.js';
import { requirePostgres, startPostgres } from '../test/support/postgres.js';
import { createCenter } from './index.js';

const { signal } = new AbortController();
const API = 'apis/cloudtask.dev/v1';

t.test('two centers on one PostgreSQL database', async (t) => {
  if (!requirePostgres(t)) return;
  const server = await startPostgres();
  t.teardown(() => server.stop());
  const url = await server.createDatabase();
  const dir = t.testdir({ a: {}, b: {} });
  const center = (id: string, dataDir: string) =>
    createCenter({
      ...{ dataDir, host: '127.0.0.1', port: 0, clock: systemClock, log: silentLogger, centerId: id, store: { url } },
      // Nothing listens on port 1: this is about the API.
      coordination: { connectString: '127.0.0.1:1', sessionTimeoutMs: 4000, root: '/cloudtask' },
    });
  const a = center('a', `${dir}/a`);
  await a.start(signal);
  t.teardown(() => a.stop());
  await t.rejects(center('b', `${dir}/b`).start(signal), {
    code: 'CT_CONFIG_INVALID',
    details: { hint: /copy admin.token/ },
  });
  for (const file of ['admin.token', 'agent.token']) await copyFile(`${dir}/a/${file}`, `${dir}/b/${file}`);
  const b = center('b', `${dir}/b`);
  await b.start(signal);
  t.teardown(() => b.stop());

  const token = (await readFile(a.adminTokenFile, 'utf8')).trim();
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const tasks = (of: { url: string }) => `${of.url}/${API}/namespaces/default/tasks`;
  const { metadata } = (await (await fetch(tasks(b), { headers })).json()) as { metadata: { resourceVersion: string } };
  const watching = new AbortController();
  t.teardown(() => watching.abort());
  const watch = await fetch(`${tasks(b)}?watch=true&resourceVersion=${metadata.resourceVersion}`, {
    headers,
    signal: watching.signal,
  });
  const lines = watch.body!.pipeThrough(new TextDecoderStream()).getReader();

  const manifest = { apiVersion: 'cloudtask.dev/v1', kind: 'Task', metadata: { name: 'x' } };
  const body = JSON.stringify({ ...manifest, spec: { run: { command: ['true'] } } });
  const created = await fetch(tasks(a), { method: 'POST', headers, body });
  t.equal(created.status, 201);
  const { value } = await lines.read();
  t.match(JSON.parse(value!), { type: 'ADDED', object: { metadata: { name: 'x' } } }, 'watched through the other');
  t.same(
    await (await fetch(`${tasks(b)}/x`, { headers })).json(),
    await (await fetch(`${tasks(a)}/x`, { headers })).json(),
  );

  let refused: Response | undefined;
  await server.restart(async () => {
    refused = await fetch(`${tasks(b)}/x`, { headers });
  });
  t.equal(refused?.status, 503);
  const answer = await refused!.text();
  t.match(JSON.parse(answer), { kind: 'Status', reason: 'ServiceUnavailable' });
  t.notMatch(answer, 'secret-word');
  const again = await fetch(tasks(a), { method: 'POST', headers, body: body.replace('"x"', '"y"') });
  t.equal(again.status, 201, 'it goes on by itself');
  t.match(JSON.parse((await lines.read()).value!), { type: 'ADDED', object: { metadata: { name: 'y' } } });

  // Others commit ten changes, and all but the last are gone before these two have read them.
  const { default: pg } = await import('pg');
  const other = new pg.Client(url);
  await other.connect();
  await other.query("update counters set value = value + 10 where name = 'resource_version'");
  await other.query(
    "insert into change_log select value, 0, 'ADDED', 'Task', '{}', null from counters where name = 'resource_version'",
  );
  await other.end();
  for (const { failed } of [a, b]) t.match(await failed, { code: 'CT_STORE', message: /was away .* too long/ });
});
