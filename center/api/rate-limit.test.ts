import t from 'tap';
import { FakeClock } from '../../base/index.js';
import { API, startApi } from '../../test/support/api.js';
import { RateLimit } from './rate-limit.js';

t.test('a bucket holds two seconds and fills at the rate', async (t) => {
  const clock = new FakeClock();
  const limit = new RateLimit(clock, 10);
  const taken = (user: string) => {
    let count = 0;
    try {
      for (; count < 1000; count++) limit.take(user);
    } catch {
      return count;
    }
    return count;
  };
  t.equal(taken('one'), 20);
  t.equal(taken('one'), 0);
  t.equal(taken('other'), 20, 'each has its own');
  await clock.advance(500);
  t.equal(taken('one'), 5);
  await clock.advance(60_000);
  t.equal(taken('one'), 20, 'and no more');
  t.equal(new RateLimit(clock, 0).take('one'), undefined, '0 is no limit');
});

t.test('who asks too often is told when to come back (A-18, A-33)', async (t) => {
  const clock = new FakeClock();
  const api = await startApi(t, { clock, requestsPerSecond: 5 });
  const ask = (token?: string) => api.request('GET', `${API}/tasks`, token === undefined ? {} : { token });
  for (let i = 0; i < 10; i++) t.equal((await ask()).status, 200);
  const { status, json, headers } = await ask();
  t.equal(status, 429);
  t.match(json, { kind: 'Status', reason: 'TooManyRequests', details: { retryAfterSeconds: 1 } });
  t.equal(headers.get('retry-after'), '1');
  t.equal((await api.request('GET', '/healthz', { token: null })).status, 200, 'health always answers');
  for (let i = 0; i < 30; i++) await ask(api.agentToken);
  t.equal((await ask(api.agentToken)).status, 200, 'agents are not limited');
  await clock.advance(1000);
  t.equal((await ask()).status, 200);
});
