// The keys of secrets through the API: who may, what is told, what the audit says.
import t from 'tap';
import { systemClock } from '../../base/index.js';
import type { AuditEntry, SecretsKeys } from '../../manifests/index.js';
import { API, startApi } from '../../test/support/api.js';

const KEYS = `${API}/secretskeys`;

t.test('rotate and drop', async (t) => {
  const api = await startApi(t);
  t.same((await api.request('GET', KEYS)).json, { items: [], centers: [] });
  t.match(await api.request('POST', `${KEYS}/rotate`), { status: 409, text: /no secret was ever written/ });
  const metadata = { name: 'db', namespace: 'default' };
  await api.apply({
    apiVersion: 'cloudtask.dev/v1',
    kind: 'Secret',
    metadata,
    spec: { stringData: { a: 'x', b: 'y' } },
  });
  const keys = async (): Promise<SecretsKeys> => (await api.request('GET', KEYS)).json;
  const [old] = (await keys()).items;
  t.match(old, { id: /^[0-9a-f]{16}$/, state: 'Sealing', values: 2, centers: ['center'] });
  for (const [method, path] of [
    ['GET', KEYS],
    ['POST', `${KEYS}/rotate`],
    ['POST', `${KEYS}/drop`],
  ] as const) {
    t.equal((await api.request(method, path, { token: api.agentToken })).status, 403, `${method} ${path}`);
  }
  const drop = (id: unknown) => api.request('POST', `${KEYS}/drop`, { body: { id } });
  t.match(await drop(old!.id), { status: 409, text: /new values are sealed with the key/ });
  t.equal((await drop('0123456789abcdef')).status, 404);
  t.equal((await drop(7)).status, 400);
  t.equal((await api.request('POST', `${KEYS}/rotate`)).status, 200);
  const newest = (await keys()).items.find(({ state }) => state === 'Sealing')!;
  t.not(newest.id, old!.id);
  while ((await keys()).items.some(({ state }) => state === 'Opening')) await systemClock.sleep(5);
  t.match((await keys()).items, [
    { id: newest.id, values: 2 },
    { id: old!.id, state: 'Unused', values: 0 },
  ]);
  t.same((await drop(old!.id)).json.items, [{ ...newest, values: 2 }]);
  const { items } = (await api.request('GET', `${API}/auditentries`)).json as { items: AuditEntry[] };
  t.match(
    items
      .filter(({ status }) => status === 200)
      .slice(1)
      .map(({ verb, name, status, user }) => ({ verb, name, status, user })),
    [
      { verb: 'rotate', name: newest.id, status: 200, user: 'admin' },
      { verb: 'drop', name: old!.id, status: 200, user: 'admin' },
    ],
  );
});
