// Metrics of two centers on one PostgreSQL database: each sees every run, one counts it.
import { copyFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { silentLogger, systemClock } from '../base/index.js';
import { startEmbeddedServer } from '../coordination/index.js';
import { requirePostgres, startPostgres } from '../test/support/postgres.js';
import { report } from '../test/support/store-objects.js';
import { type Center, createCenter } from './index.js';

const API = 'apis/cloudtask.dev/v1';
const POINT = Date.UTC(2026, 0, 1);

t.test('a run is counted by the leader, whichever center was told of it', { timeout: 120_000 }, async (t) => {
  if (!requirePostgres(t)) return;
  const { signal } = new AbortController();
  const database = await startPostgres();
  t.teardown(() => database.stop());
  const dir = t.testdir({ a: {}, b: {}, zk: {} });
  const zookeeper = await startEmbeddedServer({
    ...{ dataDir: join(dir, 'zk'), host: '127.0.0.1', port: 0, tickMs: 500 },
  });
  t.teardown(() => zookeeper.stop());
  const url = await database.createDatabase();
  const started = async (id: string): Promise<Center> => {
    const center = createCenter({
      ...{ dataDir: join(dir, id), host: '127.0.0.1', port: 0, clock: systemClock, log: silentLogger, centerId: id },
      store: { url },
      coordination: { connectString: zookeeper.connectString, sessionTimeoutMs: 4000, root: '/cloudtask' },
    });
    await center.start(signal);
    t.teardown(() => center.stop());
    return center;
  };
  const a = await started('a');
  for (const file of ['admin.token', 'agent.token']) {
    await copyFile(join(dir, 'a', file), join(dir, 'b', file));
  }
  const b = await started('b');
  const tokenIn = async (file: string) => `Bearer ${(await readFile(file, 'utf8')).trim()}`;
  const admin = { authorization: await tokenIn(a.adminTokenFile), 'content-type': 'application/json' };
  const agent = { ...admin, authorization: await tokenIn(a.agentTokenFile) };
  const figure = async (center: Center, series: string) => {
    const text = await (await fetch(`${center.url}/metrics`, { headers: admin })).text();
    return Number(
      text
        .split('\n')
        .find((line) => line.startsWith(`${series} `))
        ?.split(' ')[1],
    );
  };
  const leads = async () => {
    for (;;) for (const center of [a, b]) if ((await figure(center, 'cloudtask_leader')) === 1) return center;
  };
  const leader = await leads();
  const other = leader === a ? b : a;

  const watching = new AbortController();
  t.teardown(() => watching.abort());
  const runs = `${leader.url}/${API}/namespaces/default/runs?watch=true`;
  const watch = await fetch(runs, { headers: admin, signal: watching.signal });
  const lines = watch.body!.pipeThrough(new TextDecoderStream()).getReader();
  const manifest = { apiVersion: 'cloudtask.dev/v1', kind: 'Task', metadata: { name: 'a' } };
  const body = JSON.stringify({ ...manifest, spec: { run: { command: ['true'] } } });
  const created = await fetch(`${leader.url}/${API}/namespaces/default/tasks`, {
    ...{ method: 'POST', headers: admin, body },
  });
  const { uid } = ((await created.json()) as { metadata: { uid: string } }).metadata;
  const reports = [report(uid, POINT, { state: 'Failed', endTime: POINT + 2000 })];
  const told = await fetch(`${other.url}/${API}/agents/one/reports`, {
    ...{ method: 'POST', headers: agent, body: JSON.stringify({ reports }) },
  });
  t.equal(told.status, 200);
  t.match((await lines.read()).value, /"state":"Failed"/, 'the leader has seen it');
  const series = 'cloudtask_runs_finished_total{result="Failed",trigger="Schedule"}';
  t.equal(await figure(leader, series), 1);
  t.equal(await figure(other, series), 0);
  t.equal(await figure(leader, 'cloudtask_run_duration_seconds_sum{result="Failed"}'), 2);
  t.ok(Number.isNaN(await figure(other, 'cloudtask_runs_open{state="Running"}')), 'it does not even say 0');
  t.equal(await figure(leader, 'cloudtask_runs_open{state="Running"}'), 0);
  t.equal(await figure(other, 'cloudtask_zookeeper_connected'), 1);
});
