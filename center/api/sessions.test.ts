// Sessions of the console, through the API.
import t from 'tap';
import { FakeClock } from '../../base/index.js';
import { API, startApi, type TestApi, taskManifest } from '../../test/support/api.js';

const CONSOLE = { 'x-ctask-console': '1', 'sec-fetch-site': 'same-origin' };
const PASSWORD = 'correct horse battery';

/** Logs in and answers with the cookie. */
async function logIn(api: TestApi, body: object): Promise<string> {
  const { status, headers, text } = await api.request('POST', '/auth/login', { token: null, body });
  if (status !== 200) throw new Error(text);
  return headers.getSetCookie()[0]!.split(';', 1)[0]!;
}

const withCookie = (cookie: string, headers: Record<string, string> = {}) => ({
  token: null,
  headers: { cookie, ...headers },
});

t.test('a token begins a session, and the session ends', async (t) => {
  const api = await startApi(t);
  const answer = await api.request('POST', '/auth/login', { token: null, body: { token: api.adminToken } });
  t.match(answer, { status: 200, json: { user: { name: 'admin', groups: ['cloudtask:admin'] } } });
  const [header = ''] = answer.headers.getSetCookie();
  t.match(header, /^ctask_session=cts_[\w-]{43}; Max-Age=60\d{4}; Path=\/; HttpOnly; SameSite=Strict$/);
  const cookie = header.split(';', 1)[0]!;
  const session = await api.request('GET', '/auth/session', withCookie(cookie));
  t.match(session.json, { user: { name: 'admin' }, expires: /^20/, mustChangePassword: false });
  t.equal((await api.request('GET', `${API}/tasks`, withCookie(cookie))).status, 200);
  t.match(
    await api.request('POST', '/auth/password', { ...withCookie(cookie, CONSOLE), body: { current: 'a', new: 'b' } }),
    {
      status: 400,
    },
  );
  const out = await api.request('POST', '/auth/logout', withCookie(cookie, CONSOLE));
  t.equal(out.status, 204);
  t.match(out.headers.getSetCookie()[0], /^ctask_session=; Max-Age=0;/);
  t.equal((await api.request('GET', '/auth/session', withCookie(cookie))).status, 401);
  t.equal((await api.request('GET', '/auth/session', { token: null })).status, 401);
  for (const body of [{ token: 'ct_wrong' }, { token: api.agentToken }, { username: 'x', password: 'y' }]) {
    t.match(await api.request('POST', '/auth/login', { token: null, body }), {
      status: 401,
      json: { message: 'the user name, password or token is not right' },
    });
  }
  for (const body of [{}, { token: 1 }, { token: 'a', username: 'b', password: 'c' }, []]) {
    t.equal((await api.request('POST', '/auth/login', { token: null, body })).status, 400);
  }
  const behind = { token: null, body: { token: api.adminToken }, headers: { 'sec-fetch-site': 'cross-site' } };
  t.equal((await api.request('POST', '/auth/login', behind)).status, 403, 'no other site logs anybody in');
});

t.test('abuse: a page of another site cannot use the session (CSRF)', async (t) => {
  const api = await startApi(t);
  const cookie = await logIn(api, { token: api.adminToken });
  const own = new URL(api.url).origin;
  const cases: [number, Record<string, string>][] = [
    [403, {}],
    [403, { 'x-ctask-console': '1' }],
    [403, { 'sec-fetch-site': 'same-origin' }],
    [403, { 'x-ctask-console': '1', 'sec-fetch-site': 'cross-site' }],
    [403, { 'x-ctask-console': '1', 'sec-fetch-site': 'none' }],
    [403, { 'x-ctask-console': '1', origin: 'https://evil.example' }],
    [403, { 'x-ctask-console': '1', origin: 'null' }],
    [403, { 'x-ctask-console': '1', origin: 'https://evil.example', 'sec-fetch-site': 'same-origin' }],
    [201, { 'x-ctask-console': '1', 'sec-fetch-site': 'same-origin' }],
    [201, { 'x-ctask-console': '1', origin: own }],
  ];
  for (const [i, [status, headers]] of cases.entries()) {
    const path = `${API}/namespaces/default/tasks`;
    const options = { ...withCookie(cookie, headers), body: taskManifest(`task-${i}`) };
    t.equal((await api.request('POST', path, options)).status, status, JSON.stringify(headers));
  }
});

t.test('a session ends for want of use, and when it is old', async (t) => {
  const clock = new FakeClock();
  const api = await startApi(t, { clock });
  const status = async (cookie: string) => (await api.request('GET', '/auth/session', withCookie(cookie))).status;
  const idle = await logIn(api, { token: api.adminToken });
  const used = await logIn(api, { token: api.adminToken });
  for (let hours = 0; hours < 7 * 24; hours += 6) {
    await clock.advance(6 * 3_600_000);
    if (hours < 7 * 24 - 6) t.equal(await status(used), 200, `${hours} hours`);
  }
  t.equal(await status(used), 401, 'a week is the most');
  t.equal(await status(idle), 401);
});

t.test('passwords: set at first, changed, tried', async (t) => {
  const clock = new FakeClock();
  const api = await startApi(t, { clock });
  t.equal(await api.store.access.setUp('admin', `sha256$${'0'.repeat(64)}`), true);
  t.equal(await api.store.access.setUp('admin', ''), false, 'once');
  const { hash } = await import('node:crypto').then(({ createHash }) => ({
    hash: createHash('sha256').update('the one-time secret').digest('hex'),
  }));
  await api.store.access.setPassword({ user: 'admin', hash: `sha256$${hash}`, mustChange: true });
  const first = await logIn(api, { username: 'admin', password: 'the one-time secret' });
  t.match((await api.request('GET', '/auth/session', withCookie(first))).json, { mustChangePassword: true });
  t.match(await api.request('GET', `${API}/tasks`, withCookie(first)), {
    status: 403,
    json: { message: /must set a new password first/ },
  });
  const change = (cookie: string, current: string, next: string) =>
    api.request('POST', '/auth/password', { ...withCookie(cookie, CONSOLE), body: { current, new: next } });
  t.equal((await change(first, 'the one-time secret', 'short')).status, 400);
  t.equal((await change(first, 'wrong', PASSWORD)).status, 403);
  const changed = await change(first, 'the one-time secret', PASSWORD);
  t.equal(changed.status, 204, changed.text);
  const second = changed.headers.getSetCookie()[0]!.split(';', 1)[0]!;
  t.equal((await api.request('GET', `${API}/tasks`, withCookie(second))).status, 200);
  t.equal((await api.request('GET', `${API}/tasks`, withCookie(first))).status, 401, 'the session got a new secret');
  const login = (password: string, username = 'admin') =>
    api.request('POST', '/auth/login', { token: null, body: { username, password } });
  t.equal((await login('the one-time secret')).status, 401, 'used up');

  const other = await logIn(api, { username: 'admin', password: PASSWORD });
  const again = await change(other, PASSWORD, `${PASSWORD} staple`);
  t.equal(again.status, 204);
  t.equal(
    (await api.request('GET', `${API}/tasks`, withCookie(second))).status,
    401,
    'abuse: a password change ends other sessions',
  );

  const answers = [await login('wrong'), await login('wrong', 'nobody')];
  t.equal(answers[0]!.json.message, answers[1]!.json.message, 'nobody is told which users there are');
  for (let i = 0; i < 4; i++) await login('wrong');
  const limited = await login(`${PASSWORD} staple`);
  t.match(limited, { status: 429, json: { details: { retryAfterSeconds: 1 } } });
  t.equal(limited.headers.get('retry-after'), '1');
  await clock.advance(1000);
  t.equal((await login(`${PASSWORD} staple`)).status, 200);
});
