// The last log lines of centers and agents, through the API.
import t from 'tap';
import { FakeClock, RecentLines } from '../../base/index.js';
import { API, startApi, type TestApi } from '../../test/support/api.js';
import { AgentLogs } from './agent-logs.js';

const log = (agent: string) => `${API}/diagnosis/agents/${agent}/log`;
const LINE = { level: 30, msg: 'agent is ready', agent: 'eu-1' };

const tell = (api: TestApi, agent: string, body: unknown, token = api.agentToken) =>
  api.request('POST', `${API}/agents/${agent}/own-log`, { token, body });

t.test('an agent that listens is asked, and its answer is told', async (t) => {
  const api = await startApi(t);
  const requests = await api.lines(`${API}/agents/eu-1/requests`, { token: api.agentToken });
  const asked = [api.request('GET', log('eu-1')), api.request('GET', log('eu-1'))];
  const { id } = await requests.nextWhere(({ type }) => type === 'Log');
  t.match(await tell(api, 'eu-2', { id, lines: [], omitted: 0 }), { status: 200, json: { taken: false } });
  t.match(await tell(api, 'eu-1', { id: 'x', lines: [], omitted: 0 }), { json: { taken: false } });
  for (const body of [
    {},
    { id, lines: ['a'], omitted: 0 },
    { id, lines: [[]], omitted: 0 },
    { id, lines: [] },
    [],
    1,
  ]) {
    t.match(await tell(api, 'eu-1', body), { status: 400 }, JSON.stringify(body));
  }
  t.match(await tell(api, 'eu-1', { id, lines: [LINE], omitted: 7 }), { json: { taken: true } });
  for (const { status, json } of await Promise.all(asked)) {
    t.equal(status, 200);
    t.match(json, { kind: 'ProcessLog', name: 'eu-1', answer: 'Given', lines: [LINE], omitted: 7, time: String });
  }
  t.match(await tell(api, 'eu-1', { id, lines: [LINE], omitted: 7 }), { json: { taken: false } }, 'once');
});

t.test('one that does not listen, here or any more', async (t) => {
  const api = await startApi(t);
  t.match(await api.request('GET', log('eu-1')), { status: 200, json: { answer: 'NotListening', lines: [] } });
  t.match(await api.request('GET', log('..%2Fx')), { status: 400 });
  const requests = await api.lines(`${API}/agents/eu-1/requests`, { token: api.agentToken });
  const asked = api.request('GET', log('eu-1'));
  await requests.nextWhere(({ type }) => type === 'Log');
  requests.close();
  t.match(await asked, { json: { answer: 'NotListening' } });
});

t.test('one that does not answer in time', async (t) => {
  const clock = new FakeClock(0);
  const logs = new AgentLogs(clock);
  const asked: string[] = [];
  const off = logs.listen('eu-1', (request) => asked.push(request.type === 'Log' ? request.id : ''));
  const first = logs.ask('eu-1');
  await clock.advance(4999);
  const second = logs.ask('eu-1');
  await clock.advance(1);
  t.same([await first, await second], ['Silent', 'Silent'], 'asked once for both');
  t.equal(logs.take('eu-1', { id: asked[0], lines: [], omitted: 0 }), false, 'too late');
  const third = logs.ask('eu-1');
  t.equal(new Set(asked).size, 2);
  t.equal(logs.take('eu-1', { id: asked[1], lines: [LINE], omitted: 0, fieldsLeftOut: true }), true);
  t.same(await third, { lines: [LINE], omitted: 0, fieldsLeftOut: true });
  off();
  t.equal(await logs.ask('eu-1'), 'NotListening');
});

t.test('the lines of the center that answers', async (t) => {
  const lines = new RecentLines({ maxLines: 1 });
  for (const msg of ['api listens', 'center leads']) lines.add(JSON.stringify({ level: 30, msg }));
  const api = await startApi(t, { own: { id: 'c1', lines } });
  const { json } = await api.request('GET', `${API}/diagnosis/log`);
  t.match(json, { kind: 'ProcessLog', name: 'c1', answer: 'Given', omitted: 1 });
  t.same(json.lines, [{ level: 30, msg: 'center leads' }]);
  const without = await startApi(t, { dataDir: t.testdir({}) });
  t.match((await without.request('GET', `${API}/diagnosis/log`)).json, { name: '', answer: 'Given', lines: [] });
});
