// Users, roles, tokens: what they let through, and what people try with them (reference of abuse tests: each has its name).
import t from 'tap';
import { FakeClock } from '../../base/index.js';
import { API, startApi, type TestApi, taskManifest } from '../../test/support/api.js';
import { accessObject, addUser, tokenOf } from '../../test/support/api-users.js';

const names = (json: { items: { metadata: { name: string } }[] }) => json.items.map(({ metadata }) => metadata.name);
const inTeam = (name: string, spec: object = {}) => taskManifest(name, { metadata: { namespace: 'team' }, spec });
const binding = (name: string, role: string, subjects: object[], namespace?: string) =>
  accessObject(namespace === undefined ? 'ClusterRoleBinding' : 'RoleBinding', name, { role, subjects }, namespace);
const user = (name: string) => ({ kind: 'User', name });

async function startTeam(t: Parameters<typeof startApi>[0], options: Parameters<typeof startApi>[1] = {}) {
  const api = await startApi(t, options);
  await api.apply(accessObject('Namespace', 'team', {}), taskManifest('theirs'), inTeam('ours'));
  const as = (token: string) => ({
    get: (path: string) => api.request('GET', `${API}${path}`, { token }),
    apply: (...objects: object[]) => api.request('POST', `${API}/apply`, { token, body: { objects } }),
    request: (method: string, path: string, body?: unknown) =>
      api.request(method, `${API}${path}`, { token, ...(body === undefined ? {} : { body }) }),
  });
  return { api, as };
}

t.test('lists and watches of all namespaces show those that may be read', async (t) => {
  const { api, as } = await startTeam(t);
  const { token } = await addUser(api, 'ann', { role: 'viewer', namespace: 'team' });
  t.same(names((await as(token).get('/tasks')).json), ['ours']);
  t.same(names((await as(token).get('/tasks?limit=1')).json), ['ours']);
  t.same(names((await as(token).get('/namespaces')).json), ['team']);
  t.equal((await as(token).get('/namespaces/team')).status, 200);
  t.equal((await as(token).get('/namespaces/default')).status, 403);
  t.equal((await as(token).get('/agents')).status, 403);
  const watch = await api.lines(`${API}/tasks?watch=1`, { token });
  t.match(await watch.next(), { type: 'ADDED', object: { metadata: { name: 'ours' } } });
  await api.apply(taskManifest('theirs-too'), inTeam('ours-too'));
  t.match(await watch.next(), { type: 'ADDED', object: { metadata: { name: 'ours-too' } } });
  const everybody = await as(token).get('/auditentries');
  t.equal(everybody.status, 403);
  const boss = await addUser(api, 'boss', { role: 'admin', namespace: 'team' });
  const entries = await as(boss.token).get('/auditentries?namespace=team');
  t.equal(entries.status, 200);
  t.ok(
    entries.json.items.length > 0 && entries.json.items.every((one: { namespace: string }) => one.namespace === 'team'),
  );
  t.equal((await as(boss.token).get('/auditentries')).status, 403);
  t.equal((await as(boss.token).get('/auditentries?namespace=default')).status, 403);
});

t.test('abuse: what is in another namespace is refused alike, whether it is there or not', async (t) => {
  const { api, as } = await startTeam(t);
  const { token } = await addUser(api, 'ann', { role: 'admin', namespace: 'team' });
  for (const path of ['/namespaces/default/tasks/NAME', '/namespaces/default/tasks/NAME/why', '/namespaces/NAME']) {
    const answers = ['theirs', 'nothing'].map((name) => as(token).get(path.replace('NAME', name)));
    const [there, not] = await Promise.all(answers);
    t.equal(there!.status, 403);
    t.equal(there!.text.replaceAll('theirs', ''), not!.text.replaceAll('nothing', ''));
  }
  t.equal((await as(token).apply(taskManifest('theirs'))).status, 403);
  t.equal((await as(token).apply(inTeam('mine'), taskManifest('theirs'))).status, 403, 'one of several');
  t.equal((await api.request('GET', `${API}/namespaces/team/tasks/mine`)).status, 404, 'and nothing is done');
  const each = { objects: [inTeam('mine'), taskManifest('theirs')], atomic: false };
  const { json } = await as(token).request('POST', '/apply', each);
  t.match(json.results, [{ operation: 'created' }, { status: { code: 403 } }]);
  const uid = (await api.request('GET', `${API}/namespaces/default/tasks/theirs`)).json.metadata.uid;
  t.same((await as(token).get(`/audit?uids=${uid}`)).json.items, []);
});

t.test('abuse: nobody gives anybody, or themselves, more than they have', async (t) => {
  const { api, as } = await startTeam(t);
  const ann = await addUser(api, 'ann', { role: 'admin', namespace: 'team' });
  const rights = {
    rules: [{ verbs: ['*'], kinds: ['RoleBinding', 'ClusterRoleBinding', 'Role', 'Group', 'User', 'Token'] }],
  };
  await api.apply(accessObject('Role', 'user-admin', rights));
  const eve = await addUser(api, 'eve', { role: 'user-admin' });
  await api.apply(accessObject('Group', 'bosses', {}), binding('bosses', 'admin', [{ kind: 'Group', name: 'bosses' }]));
  const tries: [number, string, object][] = [
    [200, ann.token, binding('more', 'editor', [user('eve')], 'team')],
    [200, ann.token, binding('more', 'admin', [user('eve')], 'team')],
    [403, ann.token, binding('more', 'viewer', [user('eve')], 'default')],
    [403, ann.token, binding('more', 'viewer', [user('ann')])],
    [403, ann.token, accessObject('Role', 'mine', { rules: [{ verbs: ['get'], kinds: ['Task'] }] })],
    [403, ann.token, accessObject('Group', 'bosses', { members: ['ann'] })],
    [403, eve.token, binding('mine', 'admin', [user('eve')])],
    [403, eve.token, binding('mine', 'viewer', [user('eve')])],
    [404, eve.token, binding('mine', 'later', [user('eve')])],
    [403, eve.token, accessObject('Role', 'user-admin', { rules: [{ verbs: ['*'], kinds: ['*'] }] })],
    [403, eve.token, accessObject('Role', 'user-admin', { ...rights, runAs: ['root'] })],
    [403, eve.token, accessObject('Role', 'viewer', rights)],
    [403, eve.token, accessObject('Group', 'bosses', { members: ['eve'] })],
    [200, eve.token, accessObject('Group', 'friends', { members: ['eve'] })],
    [200, eve.token, binding('mine', 'user-admin', [user('ann')])],
  ];
  for (const [status, token, object] of tries) {
    const answer = await as(token).apply(object);
    t.equal(answer.status, status, `${JSON.stringify(object)}: ${answer.text}`);
  }
  t.equal((await as(eve.token).get('/namespaces/default/tasks')).status, 403, 'eve has no more than before');
  t.equal((await api.request('DELETE', `${API}/roles/viewer`)).status, 403);
  t.equal(
    (await as(api.adminToken).apply(accessObject('Role', 'viewer', rights))).status,
    403,
    'not even by an administrator',
  );

  const mint = (token: string, body: object) => as(token).request('POST', '/tokens', body);
  t.equal((await mint(eve.token, { owner: user('stranger'), expires: '1d' })).status, 404);
  await addUser(api, 'root', { role: 'admin' });
  t.match(await mint(eve.token, { owner: user('root'), expires: '1d' }), {
    status: 403,
    json: { message: /who may more/ },
  });
  const password = { password: 'a password long enough' };
  t.equal((await as(eve.token).request('PUT', '/users/root/password', password)).status, 403);
  const zed = await addUser(api, 'zed', { role: 'admin', namespace: 'default' });
  t.equal((await mint(eve.token, { owner: user('zed'), expires: '1d' })).status, 403, 'zed has a namespace');
  t.equal((await mint(zed.token, { owner: user('ann'), expires: '1d' })).status, 403, 'tokens of others');
  t.equal((await mint(api.agentToken, { owner: user('eve') })).status, 403);
  t.equal((await as(api.agentToken).get('/tokens')).status, 403, 'agents read what viewers read');
  const own = await mint(ann.token, { expires: '1d' });
  t.equal(own.status, 201, own.text);
  t.equal((await mint(own.json.token, { expires: '2d' })).status, 403, 'no token outlives the one it was made with');
  t.equal((await mint(own.json.token, {})).json.object.spec.expires, own.json.object.spec.expires);
  const scoped = await tokenOf(api, 'ann', { scope: { role: 'viewer' } });
  t.equal((await mint(scoped, { expires: '1h' })).status, 403, 'nor gets rid of its scope');
  const headers = { 'impersonate-user': 'root' };
  const asRoot = await api.request('GET', `${API}/tasks`, { token: eve.token, headers });
  t.match(asRoot, { status: 403, json: { message: /who may more/ } });
});

t.test('abuse: a task runs as an account for those only who may use it', async (t) => {
  const { api, as } = await startTeam(t);
  const editor = await addUser(api, 'ed', { role: 'editor', namespace: 'team' });
  await api.apply(accessObject('Role', 'web', { rules: [], runAs: ['www-data'] }));
  const web = await addUser(api, 'wendy', { role: 'editor', namespace: 'team' });
  await api.apply(binding('web', 'web', [user('wendy')], 'team'));
  const run = (account: string, command = 'true') => ({ run: { command: [command], user: account } });
  t.equal((await as(editor.token).apply(inTeam('a', run('www-data')))).status, 403);
  t.equal((await as(web.token).apply(inTeam('a', run('root')))).status, 403);
  t.equal((await as(web.token).apply(inTeam('a', run('www-data')))).status, 200);
  const patch = (token: string, spec: object) =>
    api.request('PATCH', `${API}/namespaces/team/tasks/a`, {
      ...{ token, body: { spec } },
      headers: { 'content-type': 'application/merge-patch+json' },
    });
  t.equal(
    (await patch(editor.token, { run: { command: ['sh'] } })).status,
    403,
    'the command of a task of another account',
  );
  t.equal((await patch(editor.token, { timeout: '1m' })).status, 200);
  const start = (token: string, body: object) => as(token).request('POST', '/namespaces/team/tasks/a/run', body);
  t.equal((await start(editor.token, { env: [{ name: 'LD_PRELOAD', value: '/tmp/x.so' }] })).status, 403);
  t.equal((await start(editor.token, {})).status, 201);
  t.equal((await start(web.token, { args: ['x'] })).status, 201);
});

t.test('abuse: a set is not pruned by those who may not delete its members', async (t) => {
  const { api, as } = await startTeam(t);
  const set = (token: string, ...objects: object[]) =>
    api.request('POST', `${API}/apply`, { token, body: { objects, applyset: 'all', prune: true } });
  const first = await set(api.adminToken, inTeam('one'), taskManifest('two'));
  t.equal(first.status, 200, first.text);
  const { token } = await addUser(api, 'ann', { role: 'admin', namespace: 'team' });
  t.match(await set(token, inTeam('one')), { status: 403, json: { message: /"ann" may not delete it/ } });
  t.equal((await as(api.adminToken).get('/namespaces/default/tasks/two')).status, 200);
});

t.test('groups, service accounts and scopes', async (t) => {
  const { api, as } = await startTeam(t);
  const { token } = await addUser(api, 'ann');
  t.equal((await as(token).get('/tasks')).status, 403, 'nothing by itself');
  await api.apply(
    accessObject('Group', 'team', { members: ['ann'] }),
    binding(
      'team',
      'operator',
      [
        { kind: 'Group', name: 'team' },
        { kind: 'ServiceAccount', name: 'ci' },
      ],
      'team',
    ),
    accessObject('ServiceAccount', 'ci', {}),
  );
  t.same(names((await as(token).get('/tasks')).json), ['ours']);
  t.match((await as(token).get('/selfsubject')).json.status.userInfo, {
    username: 'ann',
    groups: ['team'],
    uid: String,
  });
  const rulesOf = async (asker: { get(path: string): Promise<{ json: { status: { rules: object[] } } }> }) =>
    (await asker.get('/selfsubject')).json.status.rules as { resources?: string[]; verbs: string[] }[];
  const audit = ({ resources }: { resources?: string[] }) => resources?.[0] === 'auditentries';
  t.same(
    (await rulesOf(as(token))).find(audit)?.verbs,
    [],
    'what has no objects is told of, too, though an editor may not read it',
  );
  const all = (await api.request('GET', `${API}/selfsubject`)).json.status.rules;
  t.same(all.find(audit)?.verbs, ['list']);
  const users = ({ resources }: { resources?: string[] }) => resources?.[0] === 'users';
  t.ok(all.find(users)?.verbs.includes('impersonate'), 'what may be asked as somebody else');
  const minted = await api.request('POST', `${API}/tokens`, {
    body: { owner: { kind: 'ServiceAccount', name: 'ci' } },
  });
  t.match(minted.json, { token: /^ctk_[\w-]{43}$/, object: { kind: 'Token', spec: { createdBy: 'admin' } } });
  t.notMatch(JSON.stringify((await api.request('GET', `${API}/tokens`)).json), /ctk_/, 'shown once');
  const ci = minted.json.token;
  t.equal((await as(ci).request('POST', '/namespaces/team/tasks/ours/run', {})).status, 201);
  t.equal((await as(ci).get('/selfsubject')).json.status.userInfo.username, 'serviceaccount:ci');
  const reading = await tokenOf(api, 'ann', { scope: { role: 'viewer', namespaces: ['team'] } });
  t.equal((await as(reading).get('/namespaces/team/tasks')).status, 200);
  t.equal((await as(reading).request('POST', '/namespaces/team/tasks/ours/run', {})).status, 403);
  const can = async (query: string) => (await as(token).get(`/selfsubject/access?${query}`)).json.status.allowed;
  t.equal(await can('verb=run&resource=tasks&namespace=team'), true);
  t.equal(await can('verb=run&resource=tasks&namespace=default'), false);
  t.equal(await can('verb=run&resource=tasks'), false);
  t.equal(await can('verb=delete&resource=tasks&namespace=team'), false);
  await api.apply(accessObject('Group', 'team', { members: [] }));
  t.equal((await as(token).get('/tasks')).status, 403, 'who leaves the group has nothing, at once');
});

t.test('everybody sees and revokes tokens of their own, and of nobody else', async (t) => {
  const { api, as } = await startTeam(t);
  const { token } = await addUser(api, 'ann');
  const { token: bens } = await addUser(api, 'ben');
  const other = await as(token).request('POST', '/tokens', { description: 'for a script' });
  const { name } = other.json.object.metadata;
  t.equal((await as(token).get('/tokens')).status, 403);
  const own = async (asker: string) => (await as(asker).get('/selfsubject/tokens')).json;
  const hers = await own(token);
  t.equal(hers.kind, 'TokenList');
  t.equal(hers.items.length, 2);
  t.ok(hers.items.every((one: { spec: { owner: { name: string } } }) => one.spec.owner.name === 'ann'));
  t.notMatch(JSON.stringify(hers), /ctk_/);
  t.equal((await as(bens).request('DELETE', `/selfsubject/tokens/${name}`)).status, 404, 'as if it were not there');
  const scoped = await tokenOf(api, 'ann', { scope: { role: 'viewer' } });
  t.equal((await as(scoped).get('/selfsubject/tokens')).status, 403, 'a token with a scope does less than its owner');
  t.equal((await as(scoped).request('DELETE', `/selfsubject/tokens/${name}`)).status, 403);
  t.equal((await as(other.json.token).get('/selfsubject')).status, 200);
  t.equal((await as(token).request('DELETE', `/selfsubject/tokens/${name}`)).status, 200);
  t.equal((await as(other.json.token).get('/selfsubject')).status, 401, 'at once');
  t.same((await api.request('GET', `${API}/selfsubject/tokens`)).json.items, [], 'a token of a file is no object');
});

t.test('abuse: what was taken away is of no use any more, at once', async (t) => {
  const clock = new FakeClock();
  const { api, as } = await startTeam(t, { clock });
  const status = async (token: string) => (await as(token).get('/namespaces/team/tasks')).status;
  const ann = await addUser(api, 'ann', { role: 'viewer' });
  const watch = await api.lines(`${API}/tasks?watch=1`, { token: ann.token });
  for (let i = 0; i < 2; i++) t.match(await watch.next(), { type: 'ADDED' });
  const login = await api.request('POST', '/auth/login', { token: null, body: { token: ann.token } });
  const cookie = login.headers.getSetCookie()[0]!.split(';', 1)[0]!;
  const session = async () => (await api.request('GET', '/auth/session', { token: null, headers: { cookie } })).status;
  t.equal(await session(), 200);
  await api.apply(accessObject('User', 'ann', { disabled: true }));
  t.equal(await watch.next(), undefined, 'what was open is closed');
  t.same([await status(ann.token), await session()], [401, 401], 'disabled');
  await api.apply(accessObject('User', 'ann', {}));
  t.same([await status(ann.token), await session()], [200, 200]);
  const [{ metadata }] = (await as(api.adminToken).get('/tokens')).json.items;
  t.equal((await api.request('DELETE', `${API}/tokens/${metadata.name}`)).status, 200);
  t.same([await status(ann.token), await session()], [401, 401], 'a session ends with its token');
  const second = await tokenOf(api, 'ann', { expires: '1h' });
  t.equal(await status(second), 200);
  await clock.advance(3_600_000);
  t.equal(await status(second), 401, 'expired');
  const third = await tokenOf(api, 'ann');
  await api.request('DELETE', `${API}/users/ann`);
  t.equal(await status(third), 401);
  t.same((await as(api.adminToken).get('/tokens')).json.items, [], 'tokens go with their user');
  await api.apply(accessObject('User', 'ann', {}));
  t.equal(await status(third), 401, 'another one of the same name is another one');
});

t.test('guests read, where that is switched on', async (t) => {
  const { api } = await startTeam(t, { guests: true });
  const guest = (method: string, path: string, body?: unknown) =>
    api.request(method, path, { token: null, ...(body === undefined ? {} : { body }) });
  t.equal((await guest('GET', `${API}/tasks`)).status, 200);
  t.equal((await guest('POST', `${API}/namespaces/default/tasks/theirs/run`, {})).status, 403);
  t.equal((await guest('POST', `${API}/apply`, { objects: [taskManifest('x')] })).status, 403);
  t.equal((await guest('POST', `${API}/tokens`, { owner: user('x') })).status, 403);
  t.equal((await guest('GET', `${API}/tokens`)).status, 403);
  t.equal((await api.request('GET', `${API}/tasks`, { token: 'ct_wrong' })).status, 401, 'a wrong token is no guest');
  t.match((await guest('GET', `${API}/selfsubject`)).json.status.userInfo, { username: 'guest' });
});

t.test('log-ins are in the audit of writes', async (t) => {
  const api: TestApi = await startApi(t);
  await api.request('POST', '/auth/login', { token: null, body: { username: 'x\r\nadmin', password: 'y' } });
  await api.request('POST', '/auth/login', { token: null, body: { token: api.adminToken } });
  const { items } = (await api.request('GET', `${API}/auditentries?verb=login`)).json;
  t.match(items, [
    { user: '', name: 'x??admin', status: 401 },
    { user: 'admin', name: 'admin', status: 200 },
  ]);
});
