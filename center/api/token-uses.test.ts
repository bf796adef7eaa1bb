// When a token was used last: to the minute, and without a write for each request.
import t from 'tap';
import { FakeClock } from '../../base/index.js';
import { API, startApi, taskManifest } from '../../test/support/api.js';
import { addUser, tokenOf } from '../../test/support/api-users.js';

t.test('the use of a token is noted once a minute, and ends nobody’s watch', async (t) => {
  const clock = new FakeClock(Date.UTC(2026, 0, 1));
  const api = await startApi(t, { clock });
  const { token } = await addUser(api, 'ann', { role: 'viewer' });
  const unused = await tokenOf(api, 'ann');
  const watch = await api.lines(`${API}/tokens?watch=true&resourceVersion=0`);
  const tasks = await api.lines(`${API}/tasks?watch=true`, { token });
  const used = async () =>
    (await watch.nextWhere(({ type, object }) => type === 'MODIFIED' && object.kind === 'Token')).object.status;
  t.same(await used(), { lastUsedTime: '2026-01-01T00:00:00.000Z' });
  for (let i = 0; i < 30; i++) {
    t.equal((await api.request('GET', `${API}/tasks`, { token })).status, 200);
    await clock.advance(1_900);
  }
  await clock.advance(3_000);
  t.equal((await api.request('GET', `${API}/tasks`, { token })).status, 200);
  t.same(await used(), { lastUsedTime: '2026-01-01T00:01:00.000Z' }, 'nothing in between');
  const session = await api.request('POST', '/auth/login', { token: null, body: { token } });
  const [cookie = ''] = session.headers.getSetCookie()[0]!.split(';');
  await clock.advance(60_000);
  t.equal((await api.request('GET', `${API}/tasks`, { token: null, headers: { cookie } })).status, 200);
  t.same(await used(), { lastUsedTime: '2026-01-01T00:02:00.000Z' }, 'a session that was begun with it is a use');
  t.equal((await api.request('GET', `${API}/tasks`, { token: unused.replace(/.$/, '_') })).status, 401);
  const { items } = (await api.request('GET', `${API}/tokens`)).json;
  t.equal(
    items.filter(({ status }: { status?: object }) => status === undefined).length,
    1,
    'the other was never used',
  );
  await api.apply(taskManifest('late'));
  t.match(
    await tasks.nextWhere(({ object }) => object.metadata.name === 'late'),
    { type: 'ADDED' },
    'it is still open',
  );
});
