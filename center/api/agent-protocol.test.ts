import t from 'tap';
import { encodeLogChunks, LOG_CHUNKS_TYPE, type LogChunk } from '../../manifests/index.js';
import { API, reportOf, startApi, type TestApi, taskManifest } from '../../test/support/api.js';

const AGENT = `${API}/agents/eu-1`;
const RUNS = `${API}/namespaces/default/runs`;
const POINT = Date.UTC(2026, 0, 1);

function send(api: TestApi, ...chunks: [stream: 'stdout' | 'stderr', offset: number, text: string, end?: true][]) {
  return (runUid: string, attempt = 1) => {
    const body = encodeLogChunks(
      chunks.map(([stream, streamOffset, text, end]): LogChunk => {
        const length = Buffer.byteLength(text);
        const header = { runUid, attempt, stream, streamOffset, time: POINT, length, ...(end ? { end } : {}) };
        return { header, payload: Buffer.from(text) };
      }),
    );
    return api.request('POST', `${AGENT}/logs`, {
      token: api.agentToken,
      body,
      headers: { 'content-type': LOG_CHUNKS_TYPE },
    });
  };
}

t.test('heartbeat, tasks and reports', async (t) => {
  const api = await startApi(t);
  const token = api.agentToken;
  const beat = {
    cluster: 'default',
    labels: { disk: 'ssd' },
    hostname: 'h',
    cpus: 2,
    pendingReports: 3,
    clockOffsetMs: -5,
    nonsense: 1,
  };
  const reply = await api.request('PUT', `${AGENT}/status`, { token, body: beat });
  t.match(reply, { status: 200, json: { uid: String, now: Number, tzdata: String } });
  const agent = await api.request('GET', AGENT);
  t.match(agent.json, {
    metadata: { labels: { disk: 'ssd' } },
    spec: { unschedulable: false },
    status: { cpus: 2, pendingReports: 3, clockOffsetMs: -5 },
  });
  t.notOk('nonsense' in agent.json.status);
  const mine = {
    ...agent.json,
    metadata: { ...agent.json.metadata, labels: { disk: 'ssd', rack: 'r1' } },
    spec: { cluster: 'default', unschedulable: true },
  };
  t.equal((await api.request('PUT', AGENT, { body: mine })).status, 200);
  await api.request('PUT', `${AGENT}/status`, { token, body: { ...beat, labels: { gpu: 'no' } } });
  const after = await api.request('GET', AGENT);
  t.same(after.json.metadata.labels, { gpu: 'no', rack: 'r1' }, 'the agent’s own labels go, the user’s stay');
  t.equal(after.json.spec.unschedulable, true);

  const leaving = { ...beat, capacity: 3, holdUntil: Date.now() + 60_000 };
  await api.request('PUT', `${AGENT}/status`, { token, body: leaving });
  const held = (await api.request('GET', AGENT)).json.status;
  t.match(held, { capacity: 3, holdUntil: new Date(leaving.holdUntil).toISOString() });
  await api.request('PUT', `${AGENT}/status`, { token, body: { ...leaving, holdUntil: 1e300 } });
  const longest = (await api.request('GET', AGENT)).json.status.holdUntil;
  t.ok(Date.parse(longest) <= Date.now() + 86_400_000, 'nobody is away for ever');
  await api.request('PUT', `${AGENT}/status`, { token, body: beat });
  t.notOk('holdUntil' in (await api.request('GET', AGENT)).json.status, 'it is back');

  const [task] = await api.apply(taskManifest('a'));
  const uids = [task!.metadata.uid, 'gone'];
  const tasks = await api.request('POST', `${AGENT}/tasks`, { token, body: { uids } });
  t.same(
    tasks.json.items.map((item: { metadata: { uid: string } }) => item.metadata.uid),
    [task!.metadata.uid],
  );

  const good = reportOf(task!, POINT);
  const bad = [{ ...reportOf(task!, POINT + 1), uid: 'other' }, { ...reportOf(task!, POINT + 2), state: 'Odd' }, 7];
  const reports = await api.request('POST', `${AGENT}/reports`, { token, body: { reports: [good, ...bad] } });
  t.same(reports.json.accepted, [good.uid]);
  t.equal(reports.json.refused.length, 3, 'what is malformed is refused alone');
  t.match((await api.request('GET', `${RUNS}/${good.name}`)).json, { status: { state: 'Running', agent: 'eu-1' } });
  t.match((await api.request('GET', '/metrics')).text, /cloudtask_run_start_lateness_seconds_count 1/);
});

t.test('requests: starts and cancels, told again on connecting', async (t) => {
  const api = await startApi(t);
  await api.apply(taskManifest('a'));
  const stream = await api.lines(`${AGENT}/requests`, { token: api.agentToken });
  const other = await api.lines(`${API}/agents/eu-2/requests`, { token: api.agentToken });
  t.match(await stream.next(), { type: 'Ping' });
  const body = { args: ['--x'], env: [{ name: 'A', value: '1' }] };
  const run = await api.request('POST', `${API}/namespaces/default/tasks/a/run`, { body });
  t.match(run, { status: 201, json: { kind: 'Run', status: { state: 'Pending' } } });
  const { uid, name } = run.json.metadata;
  await api.store.assignRun(uid, 'eu-1', { epoch: 0 });
  const start = await stream.nextWhere(({ type }) => type !== 'Ping');
  t.match(start, { type: 'Start', run: { uid, name, task: 'a', args: ['--x'], manualId: run.json.spec.manualId } });
  await api.request('POST', `${RUNS}/${name}/cancel`);
  t.match(await stream.nextWhere(({ type }) => type !== 'Ping'), { type: 'Cancel', runUid: uid });
  const cancel = async (gracePeriod: unknown) =>
    (await api.request('POST', `${RUNS}/${name}/cancel`, { body: { gracePeriod } })).json;
  t.notOk((await cancel('1m')).spec.cancelGracePeriod, 'more than the 10 s of the task changes nothing');
  t.match(await cancel('2s'), { spec: { cancelGracePeriod: '2s' } });
  t.match(await stream.nextWhere(({ type }) => type !== 'Ping'), { type: 'Cancel', runUid: uid, gracePeriodMs: 2000 });
  t.match(await cancel('5s'), { spec: { cancelGracePeriod: '2s' } });
  t.match(await cancel('0s'), { spec: { cancelGracePeriod: '0s' } });
  t.match(await stream.nextWhere(({ type }) => type !== 'Ping'), { type: 'Cancel', gracePeriodMs: 0 });
  for (const bad of ['soon', 5, '']) t.match(await cancel(bad), { code: 400 });
  const again = await api.lines(`${AGENT}/requests`, { token: api.agentToken });
  t.match(
    [await again.next(), await again.next()],
    [
      { type: 'Start', run: { uid } },
      { type: 'Cancel', runUid: uid, gracePeriodMs: 0 },
    ],
  );
  t.match(await other.next(), { type: 'Ping' }, 'others hear nothing of it');
  const bad = await api.request('POST', `${API}/namespaces/default/tasks/a/run`, { body: { args: 'x' } });
  t.equal(bad.status, 400);
});

t.test('logs: append, read from any byte, tail, follow across attempts', async (t) => {
  const api = await startApi(t);
  const [task] = await api.apply(taskManifest('a'));
  const running = reportOf(task!, POINT);
  await api.store.acceptReports('eu-1', [running]);
  const { uid, name } = running;
  const log = `${RUNS}/${name}/log`;
  const reply = await send(api, ['stdout', 0, 'one\ntwo\n'], ['stderr', 0, 'oops\n'])(uid);
  t.same(reply.json.positions, [{ runUid: uid, attempt: 1, stdout: 8, stderr: 5, ended: false }]);

  const raw = await api.request('GET', log);
  t.equal(raw.text, 'one\ntwo\noops\n');
  t.equal(raw.headers.get('ctask-log-offset'), '0');
  t.equal(raw.headers.get('ctask-log-bytes'), '13');
  t.equal((await api.request('GET', `${log}?offset=4&limitBytes=6`)).text, 'two\noo', 'so many bytes of both streams');
  t.equal((await api.request('GET', `${log}?offset=4`)).text, 'two\noops\n');
  t.equal((await api.request('GET', `${log}?stream=stderr`)).text, 'oops\n');
  t.equal((await api.request('GET', `${log}?tail=2`)).text, 'two\noops\n');
  t.equal((await api.request('GET', `${log}?tail=1&stream=stdout`)).text, 'two\n');
  t.match((await api.request('GET', `${log}?timestamps=1&tail=1`)).text, /^2026-01-01T00:00:00.000Z oops\n$/);
  t.equal((await api.request('GET', `${log}?since=2027-01-01T00:00:00Z`)).text, '');
  t.equal((await api.request('GET', `${log}?offset=99`)).status, 400);

  const follow = await api.lines(`${log}?follow=1&from=1:4`, { headers: { accept: 'application/x-ndjson' } });
  const first = await follow.next();
  t.match(first, {
    offset: 4,
    nextOffset: 8,
    attempt: 1,
    stream: 'stdout',
    data: Buffer.from('two\n').toString('base64'),
  });
  t.match(await follow.next(), { offset: 8, nextOffset: 13, stream: 'stderr' });
  await send(api, ['stdout', 8, 'three\n', true])(uid);
  t.match(await follow.nextWhere(({ ping }) => !ping), { offset: 13, nextOffset: 19, attempt: 1 });
  const attempts = [1, 2].map((number) => ({ number, state: 'Failed' as const, agent: 'eu-1', exitCode: number }));
  await send(api, ['stdout', 0, 'again\n', true])(uid, 2);
  t.match(await follow.nextWhere(({ ping }) => !ping), { offset: 0, nextOffset: 6, attempt: 2 });
  await api.store.acceptReports('eu-1', [{ ...running, state: 'Failed', attempts, attempt: 2, endTime: POINT + 9 }]);
  t.match(await follow.nextWhere(({ ping }) => !ping), { end: true, attempt: 2, state: 'Failed', exitCode: 2 });
  t.equal(await follow.next(), undefined, 'the answer ends with the run');
  t.equal((await api.request('GET', log)).text, 'again\n', 'raw: the last attempt');
  t.equal((await api.request('GET', `${log}?attempt=1`)).text, 'one\ntwo\noops\nthree\n');
  const lines = (await api.request('GET', log, { headers: { accept: 'application/x-ndjson' } })).text
    .trim()
    .split('\n');
  t.equal(lines.length, 5, 'three pieces, one of the second attempt, the end');
  t.equal((await api.request('DELETE', `${RUNS}/${name}`)).status, 200);
  t.same(await api.store.logLength(uid, 1), { bytes: 0, ended: false }, 'a run takes its log along');
});
