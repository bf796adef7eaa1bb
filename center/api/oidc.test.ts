// Log-in at an issuer (OIDC): a real one on loopback, and what people try on the way there and back.
import { createServer } from 'node:net';
import t, { type Test } from 'tap';
import { FakeClock } from '../../base/index.js';
import { API, startApi, type TestApi } from '../../test/support/api.js';
import { accessObject } from '../../test/support/api-users.js';
import { type Issuer, startIssuer, Wanderer } from '../../test/support/oidc-issuer.js';
import { CALLBACK_PATH, type OidcSettings } from '../auth/index.js';

const BROWSER = { accept: 'text/html,*/*' };

interface World {
  readonly api: TestApi;
  readonly issuer: Issuer;
  /** From the console to the issuer and back: the way back, not yet gone. */
  wayBack(wanderer: Wanderer): Promise<string>;
  logIn(wanderer?: Wanderer): Promise<{ status: number; cookie: string | undefined; text: string }>;
}

async function startWorld(t: Test, extra: Partial<OidcSettings> = {}, clock?: FakeClock): Promise<World> {
  const port = await freePort();
  const back = `http://127.0.0.1:${port}${CALLBACK_PATH}`;
  const issuer = await startIssuer(t, () => [back]);
  const oidc: OidcSettings = {
    ...{ issuer: issuer.url, clientId: issuer.clientId, clientSecret: issuer.clientSecret },
    ...{ usernameClaim: 'preferred_username', usernamePrefix: 'oidc-', groupsClaim: 'groups', requiredClaims: {} },
    scopes: ['openid', 'profile', 'email'],
    ...extra,
  };
  const api = await startApi(t, { port, oidc, ...(clock === undefined ? {} : { clock }) });
  const wayBack = (wanderer: Wanderer) =>
    wanderer.until(`${api.url}/auth/oidc/start?next=/console/runs`, ({ pathname }) => pathname === CALLBACK_PATH);
  const logIn: World['logIn'] = async (wanderer = new Wanderer()) => {
    const response = await wanderer.get(await wayBack(wanderer));
    const text = await response.text();
    return { status: response.status, cookie: wanderer.cookie(api.url, 'ctask_session'), text };
  };
  return { api, issuer, wayBack, logIn };
}

const withCookie = (cookie: string | undefined) => ({ token: null, headers: { cookie: `ctask_session=${cookie}` } });

t.test('somebody logs in, and may do what bindings say of the user and the groups', async (t) => {
  const { api, issuer, wayBack, logIn } = await startWorld(t);
  t.same((await api.request('GET', '/auth/providers', { token: null })).json, {
    providers: [{ label: new URL(issuer.url).host, start: '/auth/oidc/start' }],
  });
  issuer.account = {
    ...{ sub: '17', preferred_username: 'Ann@Example.org', name: 'Ann Example', email: 'ann@example.org' },
    groups: ['/devs', 'night shift'],
  };
  const wanderer = new Wanderer();
  const response = await wanderer.get(await wayBack(wanderer));
  t.equal(response.status, 302, await response.clone().text());
  t.equal(response.headers.get('location'), '/console/runs', 'where they wanted to go');
  t.match(response.headers.getSetCookie(), [
    /^ctask_oidc=; Max-Age=0/,
    /^ctask_session=cts_[\w-]{43}; Max-Age=43(200|199); Path=\/; HttpOnly; SameSite=Strict$/,
  ]);
  const session = withCookie(wanderer.cookie(api.url, 'ctask_session'));
  t.match((await api.request('GET', '/auth/session', session)).json, {
    user: { name: 'oidc-ann-example.org', groups: ['oidc:/devs', 'oidc:night shift'] },
    mustChangePassword: false,
  });
  t.match((await api.request('GET', `${API}/users/oidc-ann-example.org`)).json, {
    spec: { displayName: 'Ann Example', email: 'ann@example.org' },
  });
  t.equal((await api.request('GET', `${API}/tasks`, session)).status, 403, 'nothing by itself');

  const binding = { role: 'viewer', subjects: [{ kind: 'Group', name: 'oidc:/devs' }] };
  await api.apply(accessObject('ClusterRoleBinding', 'devs', binding));
  t.equal((await api.request('GET', `${API}/tasks`, session)).status, 200);
  const made = await api.request('POST', `${API}/tokens`, {
    ...withCookie(wanderer.cookie(api.url, 'ctask_session')),
    headers: { ...session.headers, 'x-ctask-console': '1', 'sec-fetch-site': 'same-origin' },
    body: {},
  });
  t.equal(made.status, 201, made.text);
  t.equal((await api.request('GET', `${API}/tasks`, { token: made.json.token })).status, 200, 'so may their tokens');

  issuer.account = { ...issuer.account, preferred_username: 'renamed', groups: [] };
  const again = await logIn();
  t.match((await api.request('GET', '/auth/session', withCookie(again.cookie))).json, {
    user: { name: 'oidc-ann-example.org', groups: [] },
  });
  t.equal((await api.request('GET', `${API}/tasks`, session)).status, 403, 'the groups are those of the last log-in');
  t.equal((await api.request('GET', `${API}/tasks`, { token: made.json.token })).status, 403);
  const { items } = (await api.request('GET', `${API}/auditentries`)).json;
  const lines = items.map(({ user, verb, kind, name, status }: Record<string, string>) => [
    user,
    verb,
    kind,
    name,
    status,
  ]);
  t.match(lines.slice(0, 2), [
    ['oidc-ann-example.org', 'create', 'User', 'oidc-ann-example.org', 201],
    ['oidc-ann-example.org', 'login', 'User', 'oidc-ann-example.org', 200],
  ]);
});

t.test('groups and sessions of an issuer do not last', async (t) => {
  const clock = new FakeClock(Date.now());
  const { api, issuer, logIn } = await startWorld(t, {}, clock);
  issuer.account = { sub: '1', preferred_username: 'ann', groups: ['ops'] };
  const { cookie } = await logIn();
  const binding = { role: 'viewer', subjects: [{ kind: 'Group', name: 'oidc:ops' }] };
  await api.apply(accessObject('ClusterRoleBinding', 'ops', binding));
  const body = { owner: { kind: 'User', name: 'oidc-ann' } };
  const { json } = await api.request('POST', `${API}/tokens`, { body });
  for (let hours = 0; hours < 12; hours += 3) {
    t.equal((await api.request('GET', `${API}/tasks`, withCookie(cookie))).status, 200);
    await clock.advance(3 * 3_600_000);
  }
  t.equal((await api.request('GET', `${API}/tasks`, withCookie(cookie))).status, 401);
  t.equal((await api.request('GET', `${API}/tasks`, { token: json.token })).status, 200);
  await clock.advance(7 * 86_400_000);
  t.equal((await api.request('GET', `${API}/tasks`, { token: json.token })).status, 403, 'a week without a log-in');
});

t.test('abuse: nobody becomes somebody else by what an issuer says', async (t) => {
  const { api, issuer, logIn } = await startWorld(t, { usernamePrefix: '', requiredClaims: { hd: 'example.org' } });
  const ok = { sub: '1', preferred_username: 'ann', hd: 'example.org' };
  issuer.account = { ...ok, hd: 'evil.example' };
  t.match(await logIn(), { status: 403, text: /claim \\"hd\\" is not what this installation asks for/ });
  issuer.account = { sub: '1', preferred_username: 'ann' };
  t.match(await logIn(), { status: 403 });
  await api.apply(accessObject('User', 'admin', {}));
  for (const preferred_username of ['admin', 'ADMIN', ' admin ', '-admin-']) {
    issuer.account = { ...ok, preferred_username };
    t.match(await logIn(), { status: 403, cookie: undefined, text: /there is a user \\"admin\\" already/ });
  }
  issuer.account = { ...ok, preferred_username: '../..' };
  t.match(await logIn(), { status: 403, text: /a name that no user can have/ });
  issuer.account = { ...ok, preferred_username: 17 };
  t.match(await logIn(), { status: 403, text: /the issuer does not say \\"preferred_username\\"/ });
  issuer.account = ok;
  const ann = await logIn();
  t.equal(ann.status, 302, ann.text);
  issuer.account = { ...ok, sub: '2' };
  t.match(await logIn(), { status: 403, text: /there is a user \\"ann\\" already/ }, 'another one of the same name');

  const merge = { headers: { 'content-type': 'application/merge-patch+json' } };
  await api.request('PATCH', `${API}/users/ann`, { ...merge, body: JSON.stringify({ spec: { disabled: true } }) });
  t.equal((await api.request('GET', '/auth/session', withCookie(ann.cookie))).status, 401, 'at once');
  issuer.account = ok;
  t.match(await logIn(), { status: 403, text: /the user \\"ann\\" is disabled/ });
  t.equal((await api.request('DELETE', `${API}/users/ann`)).status, 200);
  issuer.account = { ...ok, sub: '2' };
  t.equal((await logIn()).status, 302, 'the name is free again');
});

t.test('abuse: an administrator of users gets no token of one whom the issuer makes more', async (t) => {
  const { api, issuer, logIn } = await startWorld(t);
  issuer.account = { sub: '1', preferred_username: 'root', groups: ['admins'] };
  await logIn();
  const group = { role: 'admin', subjects: [{ kind: 'Group', name: 'oidc:admins' }] };
  const rules = [{ verbs: ['create', 'password'], kinds: ['Token', 'User'] }];
  await api.apply(
    accessObject('ClusterRoleBinding', 'admins', group),
    accessObject('Role', 'clerk', { rules }),
    accessObject('User', 'eve', {}),
    accessObject('ClusterRoleBinding', 'eve', { role: 'clerk', subjects: [{ kind: 'User', name: 'eve' }] }),
  );
  const body = (name: string) => ({ owner: { kind: 'User', name } });
  const token = (await api.request('POST', `${API}/tokens`, { body: body('eve') })).json.token as string;
  t.equal((await api.request('POST', `${API}/tokens`, { token, body: body('oidc-root') })).status, 403);
  const password = { password: 'correct horse battery' };
  t.equal((await api.request('PUT', `${API}/users/oidc-root/password`, { token, body: password })).status, 403);
});

t.test('abuse: what comes back must be what was begun, once, in the same browser', async (t) => {
  const { api, issuer, wayBack } = await startWorld(t);
  const refused = async (wanderer: Wanderer, url: string, words = /begin again/) => {
    const response = await wanderer.get(url);
    const text = await response.text();
    t.match({ status: response.status, text }, { status: 401, text: words }, url);
    t.equal(wanderer.cookie(api.url, 'ctask_session'), undefined, 'no session');
  };
  const altered = (url: string, name: string, value: string) => {
    const changed = new URL(url);
    changed.searchParams.set(name, value);
    return changed.href;
  };
  await t.test('another browser', async () => refused(new Wanderer(), await wayBack(new Wanderer())));
  await t.test('a forged state', async () => {
    const wanderer = new Wanderer();
    await refused(wanderer, altered(await wayBack(wanderer), 'state', 'forged'));
  });
  await t.test('the code of somebody else (injected)', async () => {
    const [victim, attacker] = [new Wanderer(), new Wanderer()];
    const code = new URL(await wayBack(attacker)).searchParams.get('code') ?? '';
    await refused(victim, altered(await wayBack(victim), 'code', code));
  });
  await t.test('another issuer (mixed up)', async () => {
    const wanderer = new Wanderer();
    await refused(wanderer, altered(await wayBack(wanderer), 'iss', 'https://evil.example'));
  });
  await t.test('another nonce', async () => {
    const wanderer = new Wanderer();
    const response = await wanderer.get(`${api.url}/auth/oidc/start`);
    const there = altered(response.headers.get('location') ?? '', 'nonce', 'another');
    await refused(wanderer, await wanderer.until(there, ({ pathname }) => pathname === CALLBACK_PATH));
  });
  await t.test('a code that was used', async (t) => {
    const wanderer = new Wanderer();
    const url = await wayBack(wanderer);
    const flow = wanderer.cookie(api.url, 'ctask_oidc')!;
    t.equal((await wanderer.get(url)).status, 302);
    const thief = new Wanderer();
    await refused(thief, url);
    thief.setCookie(api.url, 'ctask_oidc', flow);
    await refused(thief, url);
  });
  await t.test('a cookie of one’s own', async () => {
    for (const value of [
      'x',
      Buffer.from('[]').toString('base64url'),
      Buffer.from('["a",1,{},""]').toString('base64url'),
    ]) {
      const wanderer = new Wanderer();
      wanderer.setCookie(api.url, 'ctask_oidc', value);
      await refused(wanderer, `${api.url}${CALLBACK_PATH}?code=x&state=y`);
    }
  });
  await t.test('what is sent back without a code', async () => {
    for (const query of ['', '?', '?error=server_error', '?code=', `?code=${'x'.repeat(4000)}&state=y`]) {
      const wanderer = new Wanderer();
      await wanderer.get(`${api.url}/auth/oidc/start`);
      await refused(wanderer, `${api.url}${CALLBACK_PATH}${query}`);
    }
  });
  await t.test('somebody who presses Cancel', async () => {
    issuer.account = undefined;
    const wanderer = new Wanderer();
    await refused(wanderer, await wayBack(wanderer), /the issuer did not let you in/);
  });
  await t.test('a page of another site to go on to', async (t) => {
    issuer.account = { sub: '1', preferred_username: 'ann' };
    for (const next of ['https://evil.example', '//evil.example', '/console//evil.example', '/console/\\evil', '/x']) {
      const wanderer = new Wanderer();
      const start = `${api.url}/auth/oidc/start?next=${encodeURIComponent(next)}`;
      const back = await wanderer.until(start, ({ pathname }) => pathname === CALLBACK_PATH);
      t.equal((await wanderer.get(back)).headers.get('location'), '/console/', next);
    }
  });
});

t.test('people are told in the console; the issuer may be away, or not the one that was meant', async (t) => {
  const { api, issuer } = await startWorld(t);
  const browser = new Wanderer();
  const lost = await browser.get(`${api.url}${CALLBACK_PATH}?code=x&state=y`, BROWSER);
  t.match([lost.status, lost.headers.get('location')], [302, '/console/?sign-in=refused']);
  await issuer.stop();
  const away = await api.request('GET', '/auth/oidc/start', { token: null });
  t.match(away, { status: 503, json: { message: /^the issuer 127\.0\.0\.1:\d+ cannot be used now; log in with a/ } });
  const page = await browser.get(`${api.url}/auth/oidc/start`, BROWSER);
  t.match([page.status, page.headers.get('location')], [302, '/console/?sign-in=unavailable']);

  const other = await startWorld(t, { issuer: `${(await startIssuer(t, () => ['http://127.0.0.1/x'])).url}/tenant` });
  t.equal((await other.api.request('GET', '/auth/oidc/start', { token: null })).status, 503);
  const none = await startApi(t);
  t.same((await none.request('GET', '/auth/providers', { token: null })).json, { providers: [] });
  for (const path of ['/auth/oidc/start', CALLBACK_PATH]) {
    t.match(await none.request('GET', path, { token: null }), { status: 404, json: { message: /--oidc-issuer/ } });
  }
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
