import { connect } from 'node:net';
import t from 'tap';
import { silentLogger, systemClock } from '../../base/index.js';
import { kinds } from '../../manifests/index.js';
import { API, startApi, taskManifest } from '../../test/support/api.js';
import { Authenticator } from '../auth/index.js';
import { createApi } from './index.js';

/** What is open on purpose, and what it answers without a token where no console was built. */
const OPEN: Readonly<Record<string, number>> = {
  ...{ '/healthz': 200, '/livez': 200, '/readyz': 200 },
  ...{ '/': 302, '/console': 302, '/console/*': 404 },
  ...{ '/auth/providers': 200, '/auth/oidc/start': 404, '/auth/oidc/callback': 404 },
  // Its body has a token of its own; here there is no authority.
  [`${API}/agents/x/join`]: 404,
};

t.test('every route asks for a token, and for the role it says', async (t) => {
  const api = await startApi(t);
  const auth = new Authenticator({ store: api.store, clock: systemClock });
  const { routes } = createApi({ store: api.store, auth, clock: systemClock, log: silentLogger });
  t.ok(routes.length > 40, 'the table is there');
  for (const { method, path, role } of routes) {
    const url = path.replace(':namespace', 'default').replace(':name', 'x');
    // With the body that it wants, which here is not there.
    if (url === '/auth/login') continue;
    if (role === 'none') {
      const answer = await fetch(`${api.url}${url}`, { method, redirect: 'manual' });
      t.equal(answer.status, OPEN[url], `${url} is open on purpose`);
      continue;
    }
    for (const token of [null, 'ct_wrong', '']) {
      const { status, json } = await api.request(method, url, { token });
      t.match(
        { status, json },
        { status: 401, json: { kind: 'Status', status: 'Failure', reason: 'Unauthorized', code: 401 } },
      );
    }
    if (role !== 'admin') continue;
    const { status, json } = await api.request(method, url, { token: api.agentToken });
    t.match({ status, json }, { status: 403, json: { kind: 'Status', reason: 'Forbidden' } }, `${method} ${path}`);
  }
  const unknown = await api.request('GET', '/nowhere', { token: null });
  t.equal(unknown.status, 401, 'not even whether a path exists is told');
  t.equal(unknown.headers.get('www-authenticate'), 'Bearer realm="cloudtask"');
  t.equal((await api.request('GET', `${API}/tasks`, { token: api.agentToken })).status, 200, 'agents may read');
});

t.test('whatever is not 2xx is a Status (A-18, A-19)', async (t) => {
  const api = await startApi(t);
  const json = { 'content-type': 'application/json' };
  const cases: [number, string, string, Parameters<typeof api.request>[2]?][] = [
    [404, 'GET', '/nowhere'],
    [404, 'GET', `${API}/namespaces/default/tasks/none`],
    [404, 'POST', `${API}/namespaces/default/tasks/none/run`],
    [404, 'POST', `${API}/namespaces/default/tasks/none/suspend`],
    [404, 'GET', `${API}/namespaces/default/runs/none/log`],
    [404, 'DELETE', `${API}/namespaces/default/tasks/none`],
    [405, 'PATCH', `${API}/namespaces/default/runs/x`],
    [405, 'POST', `${API}/namespaces/default/runs`],
    [405, 'DELETE', `${API}/apply`],
    [406, 'GET', '/version', { headers: { accept: 'image/png' } }],
    [400, 'POST', `${API}/apply`, { body: '{"objects": [', headers: json }],
    [400, 'POST', `${API}/apply`, { body: '{"__proto__": {}}', headers: json }],
    [400, 'POST', `${API}/apply`, { body: {} }],
    [400, 'POST', `${API}/apply`, { body: 'null', headers: json }],
    [415, 'POST', `${API}/apply`, { body: 'a: 1', headers: { 'content-type': 'application/yaml' } }],
    [413, 'POST', `${API}/namespaces/default/tasks`, { body: `"${'x'.repeat(9e6)}"`, headers: json }],
    [400, 'GET', `${API}/tasks?limit=many`],
    [400, 'GET', `${API}/tasks?limit=1&limit=2`],
    [400, 'GET', `${API}/tasks?labelSelector=a%20b`],
    [400, 'GET', `${API}/tasks?fieldSelector=spec.nothing=1`],
    [400, 'GET', `${API}/tasks?continue=nonsense`],
    [400, 'GET', `${API}/tasks?resourceVersion=7`],
    [400, 'GET', `${API}/tasks?watch=1&resourceVersion=x`],
    [410, 'GET', `${API}/tasks?watch=1&resourceVersion=999999`],
    [400, 'GET', '/%E0%A4%A'],
    [400, 'POST', `${API}/agents/a/reports`, { body: { reports: 'x' } }],
    [400, 'PUT', `${API}/agents/a/status`, { body: {} }],
    [415, 'POST', `${API}/agents/a/logs`, { body: {} }],
    [
      400,
      'POST',
      `${API}/agents/a/logs`,
      { body: 'short', headers: { 'content-type': 'application/vnd.cloudtask.log-chunks' } },
    ],
    [
      422,
      'POST',
      `${API}/namespaces/default/tasks`,
      { body: taskManifest('x', { spec: { schedules: [{ cron: '61 * * * *' }] } }) },
    ],
    [400, 'POST', `${API}/namespaces/default/tasks`, { body: taskManifest('x', { spec: { typo: 1 } }) }],
    [404, 'POST', `${API}/namespaces/nope/tasks`, { body: taskManifest('x') }],
    [400, 'POST', `${API}/namespaces/other/tasks`, { body: taskManifest('x', { metadata: { namespace: 'default' } }) }],
    [403, 'DELETE', `${API}/namespaces/default`],
  ];
  for (const [expected, method, path, options] of cases) {
    const { status, json: body, headers } = await api.request(method, path, options);
    t.match(
      { status, body },
      { status: expected, body: { kind: 'Status', apiVersion: 'v1', status: 'Failure', code: expected } },
      `${method} ${path}`,
    );
    t.type(body?.message, 'string');
    t.type(body?.reason, 'string');
    t.match(headers.get('content-type'), /^application\/json/);
    t.notMatch(body?.message, /\n\s+at /, 'no stack');
  }
  const random = 'GET POST PUT DELETE PATCH OPTIONS'.split(' ');
  for (let i = 0; i < 200; i++) {
    const method = random[i % random.length]!;
    const path = `${API}/${'namespaces/default/'.repeat(i % 2)}${kinds[i % kinds.length]!.plural}/${'x%2f%00..'.slice(0, i % 10)}${i % 3 ? '/run' : ''}`;
    const { status, json: body } = await api.request(
      method,
      path,
      method === 'GET' ? {} : { body: [i, null, {}][i % 3] },
    );
    if (status >= 300) t.match(body, { kind: 'Status', code: status }, `${method} ${path}`);
  }
});

t.test('what is not HTTP gets a Status, too (A-19)', async (t) => {
  const api = await startApi(t);
  const { port } = new URL(api.url);
  const answer = await new Promise<string>((resolve) => {
    let text = '';
    const socket = connect(Number(port), '127.0.0.1', () => socket.write('NOT HTTP AT ALL\r\n\r\n'));
    socket.on('data', (chunk) => {
      text += chunk;
    });
    socket.on('close', () => resolve(text));
  });
  t.match(answer, /^HTTP\/1.1 400 /);
  t.match(JSON.parse(answer.slice(answer.indexOf('{'))), { kind: 'Status', code: 400 });
});

t.test('discovery, version, OpenAPI and metrics (A-16, A-17, A-31)', async (t) => {
  const api = await startApi(t);
  const { json: list } = await api.request('GET', API);
  t.same(
    list.resources.filter((row: { name: string }) => !row.name.includes('/')).map((row: { kind: string }) => row.kind),
    kinds.map(({ kind }) => kind),
  );
  t.ok(list.resources.some((row: { name: string }) => row.name === 'runs/log'));
  t.match((await api.request('GET', '/apis')).json, { kind: 'APIGroupList', groups: [{ name: 'cloudtask.dev' }] });
  t.match((await api.request('GET', '/version')).json, { version: String });
  const { json: description } = await api.request('GET', '/openapi/v3');
  t.equal(description.openapi, '3.0.3');
  t.ok(description.paths['/apis/cloudtask.dev/v1/namespaces/{namespace}/tasks/{name}'].put);
  t.ok(description.components.schemas.Task.properties.spec.description);
  t.match((await api.request('GET', '/metrics')).text, /cloudtask_run_start_lateness_seconds_bucket/);
  t.match((await api.request('GET', '/version?pretty=1')).text, /^\{\n {2}"version"/);
});
