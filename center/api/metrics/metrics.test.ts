import t from 'tap';
import { silentLogger, systemClock } from '../../../base/index.js';
import { METRICS, type Run, type RunState, type Task } from '../../../manifests/index.js';
import { API, startApi } from '../../../test/support/api.js';
import { promtool, requirePrometheus } from '../../../test/support/prometheus.js';
import { report, task } from '../../../test/support/store-objects.js';
import { noMoves } from '../../controllers/allocation/move-reasons.js';
import type { Change } from '../../store/index.js';
import { MetricBook } from './metric-book.js';
import { type MetricName, metricRow, metricTable } from './metric-table.js';
import { Metrics } from './metrics.js';
import { TASKS_MAX } from './task-metrics.js';

type Test = typeof t;
const POINT = Date.UTC(2026, 0, 1);
const at = (seconds: number) => POINT + seconds * 1000;

/** Values by series, as they are written. */
function seriesOf(text: string): Record<string, number> {
  const lines = text.split('\n').filter((line) => line.startsWith('cloudtask_'));
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]),
  );
}

async function metricsOf(api: { request: Awaited<ReturnType<typeof startApi>>['request'] }) {
  const { text } = await api.request('GET', '/metrics');
  return { text, series: seriesOf(text) };
}

t.test('what is served is what the table says, and what promtool finds well named', async (t) => {
  const api = await startApi(t);
  const [made] = await api.store.apply([task('a')], { user: 'test' });
  await api.store.acceptReports('a1', [
    report(made!.object.metadata.uid!, POINT, { state: 'Succeeded', endTime: at(2) }),
  ]);
  const { text } = await metricsOf(api);
  const told = [...text.matchAll(/^# TYPE (cloudtask_\S+) (\S+)$/gm)].map(([, name, type]) => `${name} ${type}`);
  const named = (Object.keys(metricTable) as MetricName[]).map((name) => `${name} ${metricRow(name).type}`);
  t.same(told.sort(), named.sort());
  for (const name of Object.keys(metricTable) as MetricName[]) {
    t.match(text, `# HELP ${name} ${metricRow(name).help}\n`, name);
  }
  if (!requirePrometheus(t as Test)) return;
  t.same(promtool(['check', 'metrics'], text), { code: 0, said: '' });
  t.not(promtool(['check', 'metrics'], '# TYPE cloudtask_x_total gauge\ncloudtask_x_total 1\n').code, 0, 'it looks');
});

t.test('runs by result and trigger, their lateness and duration', async (t) => {
  const api = await startApi(t);
  const [made] = await api.store.apply([task('a')], { user: 'test' });
  const uid = made!.object.metadata.uid!;
  const before = (await metricsOf(api)).series;
  t.equal(before['cloudtask_runs_finished_total{result="Failed",trigger="Schedule"}'], 0, 'there before the first one');
  const first = { startTime: at(0.25) };
  await api.store.acceptReports('a1', [report(uid, POINT, first)]);
  t.match((await metricsOf(api)).series, {
    'cloudtask_runs_started_total{trigger="Schedule"}': 1,
    cloudtask_run_start_lateness_seconds_sum: 0.25,
    'cloudtask_run_duration_seconds_count{result="Failed"}': undefined,
  });
  await api.store.acceptReports('a1', [
    report(uid, POINT, { ...first, state: 'Failed', endTime: at(20.25) }),
    report(uid, at(60), { state: 'Succeeded', startTime: at(61), endTime: at(62) }),
    report(uid, at(120), { state: 'Succeeded', trigger: 'CatchUp', startTime: at(600), endTime: at(601) }),
    report(uid, at(180), { state: 'Missed', startTime: undefined, attempt: 0 } as never),
  ]);
  // The same again, as an agent sends it when it did not hear the answer.
  await api.store.acceptReports('a1', [
    report(uid, at(60), { state: 'Succeeded', startTime: at(61), endTime: at(62) }),
  ]);
  t.match((await metricsOf(api)).series, {
    'cloudtask_runs_started_total{trigger="Schedule"}': 2,
    'cloudtask_runs_started_total{trigger="CatchUp"}': 1,
    'cloudtask_runs_finished_total{result="Failed",trigger="Schedule"}': 1,
    'cloudtask_runs_finished_total{result="Succeeded",trigger="Schedule"}': 1,
    'cloudtask_runs_finished_total{result="Succeeded",trigger="CatchUp"}': 1,
    'cloudtask_runs_finished_total{result="Missed",trigger="Schedule"}': 1,
    cloudtask_run_start_lateness_seconds_count: 2,
    cloudtask_run_start_lateness_seconds_sum: 1.25,
    'cloudtask_run_duration_seconds_sum{result="Failed"}': 20,
    'cloudtask_run_duration_seconds_bucket{le="15",result="Failed"}': 0,
    'cloudtask_run_duration_seconds_bucket{le="60",result="Failed"}': 1,
    'cloudtask_run_duration_seconds_count{result="Succeeded"}': 2,
  });
  // concurrencyPolicy lets them wait; only the last waits for an agent.
  const waits: object = { startTime: undefined, attempt: 0 };
  const queues = [
    { state: 'Queued' as const },
    { state: 'Pending' as const },
    { state: 'Queued' as const, reason: 'AgentBusy' as const },
  ];
  for (const [index, wait] of queues.entries()) {
    const point = at(240 + index);
    await api.store.acceptReports('a1', [report(uid, point, { ...wait, ...waits })]);
    await api.store.acceptReports('a1', [report(uid, point, { startTime: point + 30_000 })]);
  }
  t.match((await metricsOf(api)).series, {
    'cloudtask_runs_started_total{trigger="Schedule"}': 5,
    cloudtask_run_start_lateness_seconds_count: 3,
    cloudtask_run_start_lateness_seconds_sum: 31.25,
  });
  t.notMatch((await metricsOf(api)).text, /cloudtask_task_runs_finished_total\{/, 'no task asks for its own');
});

t.test('metrics of a task: with the label, and as long as it has it', async (t) => {
  const api = await startApi(t);
  const labelled = (value?: string): Task => task('a', value === undefined ? {} : { labels: { [METRICS]: value } });
  const [made] = await api.store.apply([labelled('true')], { user: 'test' });
  const uid = made!.object.metadata.uid!;
  const ended = (point: number, state: RunState) =>
    report(uid, point, { state, startTime: point, endTime: point + 3000 });
  await api.store.acceptReports('a1', [ended(at(0), 'Succeeded'), ended(at(60), 'Failed')]);
  const { text, series } = await metricsOf(api);
  t.match(series, {
    'cloudtask_task_runs_finished_total{namespace="default",task="a",result="Succeeded"}': 1,
    'cloudtask_task_runs_finished_total{namespace="default",task="a",result="Failed"}': 1,
    'cloudtask_task_last_success_timestamp_seconds{namespace="default",task="a"}': at(3) / 1000,
    'cloudtask_task_last_run_duration_seconds{namespace="default",task="a"}': 3,
  });
  t.match(text, /cloudtask_task_metrics_left_out 0\n/);
  await api.store.apply([labelled('false')], { user: 'test' });
  t.notMatch((await metricsOf(api)).text, /task="a"/);
});

t.test('at most so many tasks have metrics of their own', async (t) => {
  const metrics = new Metrics();
  const ended = (name: string) => ({
    ...{ kind: 'Run', type: 'MODIFIED', resourceVersion: 1 },
    object: {
      metadata: { name, namespace: 'default', labels: { [METRICS]: 'true' } },
      spec: { task: name, trigger: 'Manual' },
      status: { state: 'Succeeded', endTime: '2026-01-01T00:00:00.000Z' },
    } as unknown as Run,
  });
  for (let i = 0; i < TASKS_MAX + 3; i += 1) metrics.observeChange(ended(`t${i}`) as unknown as Change);
  const text = await textOf(metrics);
  t.equal([...text.matchAll(/^cloudtask_task_runs_finished_total\{/gm)].length, TASKS_MAX);
  t.match(text, /cloudtask_task_metrics_left_out 3\n/);
  const gone = { kind: 'Task', type: 'DELETED', object: { metadata: { name: 't0', namespace: 'default' } } };
  metrics.observeChange(gone as unknown as Change);
  metrics.observeChange(ended('late') as unknown as Change);
  t.match(await textOf(metrics), /task="late"/, 'one that goes makes room');
  metrics.observeChange({ ...gone, object: { metadata: { name: 't1', namespace: 'default' } } } as unknown as Change);
  metrics.observeChange(ended(`t${TASKS_MAX}`) as unknown as Change);
  metrics.observeChange(ended('t0') as unknown as Change);
  const after = await textOf(metrics);
  t.match(after, /cloudtask_task_metrics_left_out 2\n/, 'who has got room is left out no more');
  t.notMatch(after, /task="t0"/, 'a run that ends after its task is gone brings nothing back');
});

t.test('a center that leads no more tells of no task', async (t) => {
  let leads = true;
  const metrics = new Metrics({ tellsOfAll: () => leads });
  metrics.observeChange({
    ...{ kind: 'Run', type: 'MODIFIED', resourceVersion: 1 },
    object: {
      metadata: { name: 'r', namespace: 'default', labels: { [METRICS]: 'true' } },
      spec: { task: 'a', trigger: 'Manual' },
      status: { state: 'Succeeded', endTime: '2026-01-01T00:00:00.000Z' },
    },
  } as unknown as Change);
  t.match(await textOf(metrics), /task_last_success_timestamp_seconds\{[^}]*task="a"/);
  leads = false;
  t.notMatch(await textOf(metrics), /task="a"/);
});

t.test('agents: what they say with heartbeats; nonsense is left out', async (t) => {
  const api = await startApi(t);
  const counts = {
    ...{ claimsWon: 7, claimsLost: 2, claimsFailed: 0, zookeeperRequests: 40, zookeeperSeconds: 0.5 },
    ...{ zookeeperConnectionsLost: 3, zookeeperSessionsLost: 1 },
  };
  const beat = (name: string, body: object) =>
    api.request('PUT', `${API}/agents/${name}/status`, {
      token: api.agentToken,
      body: { cluster: 'eu', labels: {}, running: 4, tasks: 9, spoolBytes: 1024, pendingReports: 5, ...body },
    });
  await beat('one', { counts });
  await beat('old', {});
  await beat('odd', { counts: { ...counts, claimsWon: -1 }, spoolBytes: 'much' });
  const { series, text } = await metricsOf(api);
  t.match(series, {
    'cloudtask_agent_claims_total{agent="one",cluster="eu",outcome="won"}': 7,
    'cloudtask_agent_claims_total{agent="one",cluster="eu",outcome="lost"}': 2,
    'cloudtask_agent_zookeeper_requests_total{agent="one",cluster="eu"}': 40,
    'cloudtask_agent_zookeeper_request_seconds_total{agent="one",cluster="eu"}': 0.5,
    'cloudtask_agent_zookeeper_connections_lost_total{agent="one",cluster="eu"}': 3,
    'cloudtask_agent_zookeeper_sessions_lost_total{agent="one",cluster="eu"}': 1,
    'cloudtask_agent_running_runs{agent="old",cluster="eu"}': 4,
    'cloudtask_agent_spool_bytes{agent="old",cluster="eu"}': 1024,
    'cloudtask_agent_pending_reports{agent="odd",cluster="eu"}': 5,
  });
  t.notMatch(text, /claims_total\{agent="(old|odd)"/);
  t.notMatch(text, /spool_bytes\{agent="odd"/);
  const agent = (await api.request('GET', `${API}/agents/one`)).json;
  t.notOk('counts' in agent.status, 'nothing of it is stored');
});

t.test('only one center tells of the whole installation', async (t) => {
  const api = await startApi(t);
  await api.store.apply([task('a')], { user: 'test' });
  let leads = false;
  const metrics = new Metrics({ tellsOfAll: () => leads });
  const told = async () => seriesOf(await textOf(metrics, api.store));
  t.notOk('cloudtask_tasks{state="Unknown"}' in (await told()));
  leads = true;
  t.equal((await told())['cloudtask_tasks{state="Unknown"}'], 1);
});

t.test('a store that fails takes its own figures along, and nothing else', async (t) => {
  const store = { statistics: async () => Promise.reject(new Error('disk')) };
  const metrics = new Metrics();
  metrics.observeStore('state', 12, true);
  const series = seriesOf(await textOf(metrics, store as never));
  t.equal(series['cloudtask_store_failures_total{database="state"}'], 1);
  t.equal(series['cloudtask_store_request_duration_seconds_sum{database="state"}'], 0.012);
  t.notOk(Object.keys(series).some((name) => name.startsWith('cloudtask_tasks{')));
});

t.test('the leader: moves by reason, queues, elections', async (t) => {
  const counters = {
    ...{ leader: 1, epoch: 3, elections: 2 },
    allocation: {
      ...{ writes: 8, moves: 5, plans: 1, lastPlanMs: 0, lastApplyMs: 0, unallocated: 4 },
      movesByReason: { ...noMoves(), AgentGone: 5 },
    },
    bookkeeping: { auditFindings: 6 },
    watch: { alarm: 1 },
  };
  const loop = { name: 'allocation', queue: { length: 3 }, counters: { reconciled: 9, failed: 1, terminal: 1 } };
  const metrics = new Metrics({ controllers: () => ({ counters, loops: [loop] }) as never });
  metrics.answered(true, 20);
  for (const state of ['connected', 'disconnected', 'connected', 'disconnected', 'expired'] as const)
    metrics.state(state);
  t.match(seriesOf(await textOf(metrics)), {
    'cloudtask_allocation_moves_total{reason="AgentGone"}': 5,
    'cloudtask_allocation_moves_total{reason="Drain"}': 0,
    cloudtask_allocation_writes_total: 8,
    cloudtask_allocation_unallocated_slots: 4,
    cloudtask_audit_findings_total: 6,
    cloudtask_elections_total: 2,
    cloudtask_self_watch_nothing_fires: 1,
    'cloudtask_workqueue_depth{queue="allocation"}': 3,
    'cloudtask_workqueue_reconciles_total{queue="allocation",outcome="done"}': 9,
    'cloudtask_workqueue_reconciles_total{queue="allocation",outcome="failed"}': 2,
    'cloudtask_zookeeper_request_duration_seconds_sum{kind="write"}': 0.02,
    cloudtask_zookeeper_connected: 0,
    cloudtask_zookeeper_connections_lost_total: 2,
    cloudtask_zookeeper_sessions_lost_total: 1,
  });
});

t.test('a metric is made once', async (t) => {
  const book = new MetricBook();
  book.gauge('cloudtask_leader');
  t.throws(() => book.gauge('cloudtask_leader'));
});

/** Of a center that leads, without anybody who listens. */
function textOf(metrics: Metrics, store?: Parameters<Metrics['text']>[0]['store']): Promise<string> {
  const none = {
    statistics: async () => ({ tasks: {}, overdueTasks: 0, openRuns: {}, agents: [], notifications: [] }),
  };
  const streams = { count: () => 0 };
  return metrics.text({
    ...{ store: store ?? (none as never), streams: streams as never, clock: systemClock, log: silentLogger },
    leads: () => true,
  });
}
