// Who wrote what, as whom, and who was refused (A-34, C-80), through the API.
import { createHash } from 'node:crypto';
import t from 'tap';
import { FakeClock, silentLogger, systemClock } from '../../base/index.js';
import { AuditChain, type AuditEntry, type Task } from '../../manifests/index.js';
import { API, reportOf, startApi, type TestApi, taskManifest } from '../../test/support/api.js';
import { Authenticator } from '../auth/index.js';
import { isWrite } from './audit-refusal.js';
import { createApi } from './index.js';
import { REFUSALS_PER_WINDOW, WINDOW_MS } from './refusals.js';

const TASKS = `${API}/namespaces/default/tasks`;
const ENTRIES = `${API}/auditentries`;

async function entries(api: TestApi, query = ''): Promise<AuditEntry[]> {
  const { status, json, text } = await api.request('GET', `${ENTRIES}?${query}`);
  if (status !== 200) throw new Error(text);
  return json.items;
}

const PACKAGE = {
  ...{ apiVersion: 'cloudtask.dev/v1', kind: 'Package' },
  metadata: { name: 'tool', namespace: 'default' },
};

const NOTIFIER = {
  ...{ apiVersion: 'cloudtask.dev/v1', kind: 'Notifier', metadata: { name: 'ops', namespace: 'default' } },
  spec: { webhook: { url: 'https://hooks.example.com' } },
};

const lines = (list: readonly AuditEntry[]) =>
  list.map(({ verb, kind, name, status }) => `${verb} ${kind} ${name} ${status}`);

t.test('every write of people leaves an entry', async (t) => {
  const api = await startApi(t);
  const [task] = await api.apply(taskManifest('a'));
  const run = reportOf(task as never, Date.UTC(2026, 0, 1), { state: 'Succeeded' });
  await api.store.acceptReports('eu-1', [run]);
  await api.store.heartbeat('eu-1', { cluster: 'default' }, {}, {});
  t.same(lines(await entries(api)), ['apply Task a 200'], 'what agents report is no write of people');
  const merge = { 'content-type': 'application/merge-patch+json' };
  const requests: [string, string, string, unknown?, Record<string, string>?][] = [
    ['create Task b 201', 'POST', TASKS, taskManifest('b')],
    ['update Task b 200', 'PUT', `${TASKS}/b`, taskManifest('b', { spec: { timeout: '1m' } })],
    ['patch Task b 200', 'PATCH', `${TASKS}/b`, { spec: { timeout: '2m' } }, merge],
    ['undo Task b 200', 'POST', `${TASKS}/b/undo`, {}],
    ['suspend Task a 200', 'POST', `${TASKS}/a/suspend`],
    ['resume Task a 200', 'POST', `${TASKS}/a/resume`],
    ['run Run * 201', 'POST', `${TASKS}/a/run`, {}],
    ['retry Run * 201', 'POST', `${API}/namespaces/default/runs/${run.name}/retry`, {}],
    ['delete Run * 200', 'DELETE', `${API}/namespaces/default/runs/${run.name}`],
    ['drain Agent eu-1 200', 'POST', `${API}/agents/eu-1/drain`, {}],
    ['uncordon Agent eu-1 200', 'POST', `${API}/agents/eu-1/uncordon`],
    ['cordon Agent eu-1 200', 'POST', `${API}/agents/eu-1/cordon`],
    ['release Cluster default 200', 'POST', `${API}/clusters/default/release`],
    ['create Notifier ops 201', 'POST', `${API}/namespaces/default/notifiers`, NOTIFIER],
    ['test Notifier ops 200', 'POST', `${API}/namespaces/default/notifiers/ops/test`],
    ['delete Task b 200', 'DELETE', `${TASKS}/b`],
    ['undelete Task b 201', 'POST', `${TASKS}/b/undelete`],
    ['delete Task b 202', 'DELETE', `${TASKS}/b?propagationPolicy=Foreground`],
  ];
  for (const [line, method, path, body, headers = {}] of requests) {
    const before = await entries(api);
    const answer = await api.request(method, path, { headers, ...(body === undefined ? {} : { body }) });
    const after = (await entries(api)).slice(before.length);
    t.equal(lines(after)[0]?.replace(/(Run) \S+/, '$1 *'), line, answer.text);
    t.equal(after.length, 1);
    t.match(after[0], { user: 'admin', token: /^[0-9a-f]{12}$/, sourceIP: '127.0.0.1', status: answer.status });
    t.equal(after[0]?.requestId, answer.headers.get('x-request-id'));
  }
  // Of the others: apply is above and below, switch below, rotate and drop are in secret-keys.test.ts, these three go through the same calls of the store, and bytes of
  // packages are nothing until an object refers to them.
  const others = ['apply', 'switch', 'cancel', 'backfill', 'rebalance', 'upload', 'rotate', 'drop', 'password'];
  const tested = new Set([...requests.map(([line]) => line.split(' ')[0]), ...others]);
  const { routes } = createApi({
    ...api,
    auth: new Authenticator({ ...api, clock: systemClock }),
    clock: systemClock,
    log: silentLogger,
  });
  const writes = routes.filter(isWrite).map(({ verb }) => verb);
  t.same(
    writes.filter((verb) => !tested.has(verb)),
    [],
    'a new verb is tested here',
  );
  const quiet = await entries(api);
  await api.request('POST', `${TASKS}?dryRun=All`, { body: taskManifest('dry') });
  await api.request('POST', `${TASKS}?dryRun=All`, { body: taskManifest('a') });
  await api.apply(taskManifest('a'));
  await api.request('GET', `${TASKS}/none`);
  t.equal((await entries(api)).length, quiet.length, 'dry runs, what changes nothing, and reads leave none');
  const chain = new AuditChain({ sequence: 0, hash: '0'.repeat(64) });
  for (const entry of quiet) chain.add(entry);
  t.equal(chain.broken, undefined);
});

t.test('tasks that are switched to another version of their package', async (t) => {
  const api = await startApi(t);
  for (const version of [1, 2]) {
    const bytes = Buffer.from([0x1f, 0x8b, version]);
    const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
    await api.store.packages.append(digest, 0, 'TarGz', Uint8Array.from(bytes));
    await api.store.packages.complete(digest);
    await api.apply({ ...PACKAGE, spec: { digest } } as never);
    const run = { command: ['./run'], package: { name: 'tool' } };
    if (version === 1) await api.apply(taskManifest('a', { spec: { run } }), taskManifest('b', { spec: { run } }));
  }
  const before = await entries(api);
  const path = `${API}/namespaces/default/packages/tool/switch`;
  t.equal((await api.request('POST', path, { body: { all: true } })).status, 200);
  const after = (await entries(api)).slice(before.length);
  t.same(lines(after), ['switch Task a 200', 'switch Task b 200']);
});

t.test('refused writes are in it, and a flood of them is counted', async (t) => {
  const clock = new FakeClock();
  const api = await startApi(t, { clock });
  const [task] = await api.apply(taskManifest('a'));
  await api.request('POST', TASKS, { token: null, body: taskManifest('x') });
  await api.request('DELETE', `${TASKS}/a`, { token: api.agentToken });
  await api.request('POST', TASKS, { body: taskManifest('a') });
  await api.request('PUT', `${TASKS}/a`, {
    body: { ...taskManifest('a'), metadata: { name: 'a', resourceVersion: '1' } },
  });
  await api.request('POST', TASKS, { body: taskManifest('y', { spec: { schedules: [{ cron: '61 * * * *' }] } }) });
  await api.request('POST', `${API}/apply`, { body: { objects: [taskManifest('p'), { ...task, spec: 1 }] } });
  await api.request('POST', `${API}/apply`, {
    body: { objects: [taskManifest('q', { spec: { typo: 1 } })], atomic: false },
  });
  t.same(lines(await entries(api)).slice(1), [
    'create Task  401',
    'delete Task a 403',
    'create Task a 409',
    'update Task a 409',
    'create Task y 422',
    'apply   422',
    'apply Task q 400',
  ]);
  const before = (await entries(api)).length;
  const sent = REFUSALS_PER_WINDOW + 5;
  for (let i = 0; i < sent; i++) await api.request('DELETE', `${TASKS}/a`, { token: api.agentToken });
  const during = (await entries(api)).slice(before);
  t.equal(during.length, REFUSALS_PER_WINDOW - 1, 'one had its entry before');
  await clock.advance(WINDOW_MS);
  await api.apply(taskManifest('after'));
  const closed = (await entries(api, 'verb=delete')).at(-1);
  t.equal(1 + during.length + 1 + (closed?.omitted ?? 0), 1 + sent, 'the window closes with the number of the others');
});

t.test('impersonation (C-80)', async (t) => {
  const api = await startApi(t);
  await api.apply(taskManifest('a'));
  const as = (user: string, ...groups: string[]) => ({
    'impersonate-user': user,
    ...(groups.length === 0 ? {} : { 'impersonate-group': groups.join(', ') }),
  });
  const code = async (method: string, path: string, headers: Record<string, string>, token = api.adminToken) =>
    (await api.request(method, path, { headers, token })).status;
  const suspend = `${TASKS}/a/suspend`;
  t.equal(await code('GET', TASKS, as('viewer')), 200);
  t.equal(await code('POST', suspend, as('viewer')), 403);
  t.equal(await code('POST', suspend, as('nobody-known')), 403);
  t.equal(await code('GET', TASKS, as('nobody-known')), 403, 'whom the center does not know may not even read');
  t.equal(await code('POST', suspend, as('jane', 'team', 'cloudtask:operator')), 200);
  t.equal(await code('DELETE', `${TASKS}/a`, as('jane', 'cloudtask:operator')), 403);
  t.equal(await code('POST', `${TASKS}/a/resume`, as('agent')), 403, 'a user with a token has what the token has');
  t.equal(await code('GET', ENTRIES, as('editor')), 403, 'the audit is for administrators');
  t.equal(await code('POST', suspend, as('admin'), api.agentToken), 403, 'for administrators only');
  t.equal(await code('GET', TASKS, { 'impersonate-group': 'x' }), 400);
  t.equal(await code('GET', TASKS, as('a b')), 400);
  const [done] = await entries(api, 'verb=suspend&user=admin&name=a').then((all) =>
    all.filter(({ status }) => status === 200),
  );
  t.match(done, { user: 'admin', as: 'jane', asGroups: ['team', 'cloudtask:operator'] });
  const stored = await api.store.get<Task>({ kind: 'Task', namespace: 'default', name: 'a' });
  t.ok(
    stored?.metadata.managedFields?.some(({ user }) => user === 'jane'),
    'fields belong to her',
  );
  t.match((await entries(api, 'user=agent')).at(-1), { user: 'agent', as: 'admin', status: 403 });
  const who = (await api.request('GET', `${API}/selfsubject`, { headers: as('operator') })).json.status;
  t.match(who.userInfo, { username: 'operator', groups: ['cloudtask:operator'] });
});

t.test('reading: pages, filters, lines', async (t) => {
  const api = await startApi(t);
  await api.apply(...['a', 'b', 'c', 'd', 'e'].map((name) => taskManifest(name)));
  const { json } = await api.request('GET', `${ENTRIES}?limit=2&after=1`);
  t.same(
    [lines(json.items), json.metadata.continue, json.metadata.head.sequence],
    [['apply Task b 200', 'apply Task c 200'], '3', 5],
  );
  t.same(lines(await entries(api, 'kind=tasks&name=c&namespace=default')), ['apply Task c 200']);
  t.same(await entries(api, 'since=2999-01-01T00:00:00Z'), []);
  const { text, headers } = await api.request('GET', `${ENTRIES}?format=ndjson`);
  t.equal(headers.get('content-type'), 'application/x-ndjson');
  t.equal(text.trim().split('\n').length, 5);
  for (const query of ['limit=0', 'after=x', 'kind=nothing', 'since=yesterday', 'user=%00', 'format=xml']) {
    t.equal((await api.request('GET', `${ENTRIES}?${query}`)).status, 400, query);
  }
});

t.test('request ids', async (t) => {
  const api = await startApi(t);
  const id = async (given?: string) =>
    (await api.request('GET', '/livez', given === undefined ? {} : { headers: { 'x-request-id': given } })).headers.get(
      'x-request-id',
    );
  t.equal(await id('abc-1:2/3'), 'abc-1:2/3');
  for (const bad of [undefined, 'x'.repeat(129), 'a b', '<script>', '-a']) t.match(await id(bad), /^[0-9a-f-]{36}$/);
});
