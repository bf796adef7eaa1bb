// Values of secrets reach agents of the cluster, for tasks that name them, and nobody else.
import t from 'tap';
import { API, startApi, taskManifest } from '../../test/support/api.js';

const secret = (name: string, stringData: object) => ({
  ...{ apiVersion: 'cloudtask.dev/v1', kind: 'Secret', metadata: { name, namespace: 'default' }, spec: { stringData } },
});

t.test('an agent reads the secrets that tasks of its cluster name', async (t) => {
  const api = await startApi(t);
  const token = api.agentToken;
  const beat = { cluster: 'default', labels: {} };
  await api.request('PUT', `${API}/agents/eu-1/status`, { token, body: beat });
  await api.request('PUT', `${API}/agents/us-1/status`, { token, body: { ...beat, cluster: 'us' } });
  const env = [{ name: 'DB', valueFrom: { secret: 'db', key: 'url' } }];
  const [, , task, all, plain] = await api.apply(
    secret('db', { url: 'hunter2', other: 'x' }),
    secret('unnamed', { a: 'b' }),
    taskManifest('one', { spec: { run: { command: ['true'], env } } }),
    taskManifest('all', { spec: { run: { command: ['true'], envFrom: [{ secret: 'mail' }, { secret: 'empty' }] } } }),
    taskManifest('plain'),
  );
  await api.apply(secret('mail', { user: 'ann' }), secret('empty', {}));
  const uids = [task, all, plain].map((each) => each!.metadata.uid);
  const ask = (agent: string, as: string, body: unknown = { uids }) =>
    api.request('POST', `${API}/agents/${agent}/secrets`, { token: as, body });
  const { json, headers } = await ask('eu-1', token);
  t.same(json, {
    secrets: [
      { namespace: 'default', name: 'db', data: { other: 'x', url: 'hunter2' } },
      { namespace: 'default', name: 'empty', data: {} },
      { namespace: 'default', name: 'mail', data: { user: 'ann' } },
    ],
  });
  t.equal(headers.get('cache-control'), 'no-store');
  t.same((await ask('us-1', token)).json, { secrets: [] }, 'not for tasks of another cluster');
  t.same((await ask('nobody', token)).json, { secrets: [] });
  t.equal((await ask('eu-1', api.adminToken)).status, 403, 'an administrator is no agent');
  const impersonated = { 'impersonate-user': 'agent' };
  const disguised = await api.request('POST', `${API}/agents/eu-1/secrets`, { body: { uids }, headers: impersonated });
  t.equal(disguised.status, 403, 'nor as one');
  t.equal((await ask('eu-1', token, { uids: Array(101).fill('x') })).status, 400);
});

t.test('an agent is told of changes; who applies is told what is missing', async (t) => {
  const api = await startApi(t);
  const requests = await api.lines(`${API}/agents/eu-1/requests`, { token: api.agentToken });
  await api.apply(secret('db', { url: 'a' }));
  const told = await requests.nextWhere(({ type }) => type === 'Secret');
  t.same(told, { type: 'Secret', namespace: 'default', name: 'db' });

  const env = [
    { name: 'A', valueFrom: { secret: 'db', key: 'url' } },
    { name: 'B', valueFrom: { secret: 'db', key: 'uri' } },
    { name: 'C', valueFrom: { secret: 'nowhere', key: 'x' } },
  ];
  const task = taskManifest('t', { spec: { run: { command: ['true'], env } } });
  const { headers } = await api.request('POST', `${API}/apply`, { body: { objects: [task] } });
  const warning = headers.get('warning') ?? '';
  t.match(warning, /spec\.run\.env\[1\]: secret \\"db\\" has no key \\"uri\\"/);
  t.match(warning, /spec\.run\.env\[2\]: secret \\"nowhere\\" does not exist/);
  t.notMatch(warning, /env\[0\]/);
  const both = taskManifest('u', {
    spec: {
      run: {
        command: ['true'],
        env: [{ name: 'A', value: 'x', valueFrom: { secret: 'db', key: 'url' } }, { name: 'B' }],
      },
    },
  });
  const refused = await api.request('POST', `${API}/apply`, { body: { objects: [both] } });
  t.match(refused.text, /env\[0\]\.valueFrom: .*may not be given together with value/);
  t.match(refused.text, /env\[1\]: Required value: one of value and valueFrom must be given/);
});
