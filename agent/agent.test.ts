import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { Task } from '../manifests/index.js';
import { AgentBench } from '../test/support/agent-bench.js';
import { byTime, ends, final, startOnDemand, untilLogEnded } from '../test/support/agent-helpers.js';

t.test('a time point becomes one process, with its environment, and its output and end reach the center', async (t) => {
  const bench = await AgentBench.open(t);
  const agent = await bench.agent();
  const script = 'env | grep ^CTASK_ | sort; pwd; echo oops >&2; exit 3';
  const task = bench.task({ schedules: [{ every: '1s' }], run: { script, env: [{ name: 'CTASK_TASK', value: 'x' }] } });
  const reported = agent.events.next('reported', final('Failed'));
  const started = agent.events.next('started');
  await bench.allocate('a1', [task]);
  const { startTime, startAt } = await started;
  t.ok(startTime >= startAt, 'not early');
  const report = await reported;
  t.match(report, { task: task.metadata.name, reason: 'ExitCode', trigger: 'Schedule', attempt: 1 });
  t.match(report.attempts, [{ number: 1, agent: 'a1', exitCode: 3, state: 'Failed' }]);
  await untilLogEnded(bench, report.uid);
  const lines = bench.center.text(report.uid, 1, 'stdout').trim().split('\n');
  t.strictSame(lines.slice(0, 6), [
    'CTASK_ATTEMPT=1',
    'CTASK_NAMESPACE=default',
    `CTASK_RUN_ID=${report.uid}`,
    `CTASK_SCHEDULED_TIME=${new Date(report.scheduledTime ?? 0).toISOString()}`,
    'CTASK_SLOT=',
    `CTASK_TASK=${task.metadata.name}`,
  ]);
  t.match(lines[6], new RegExp(`attempts/../${report.uid}\\.1/work$`), 'an own empty directory');
  t.equal(bench.center.text(report.uid, 1, 'stderr'), 'oops\n');
  const record = await bench.record(task);
  t.ok(record.cursor >= (report.scheduledTime ?? 0), 'the record consumed the time point');
});

t.test('what is shipped and reported leaves the disk', async (t) => {
  const bench = await AgentBench.open(t);
  const agent = await bench.agent();
  const task = bench.task({ run: { command: ['/bin/sh', '-c', 'echo "$0"; touch left'] } });
  await bench.allocate('a1', [task]);
  const run = startOnDemand(bench, task, { args: ['argument'] });
  await agent.events.next('reported', final('Succeeded'));
  await untilLogEnded(bench, run.uid);
  t.equal(bench.center.text(run.uid, 1, 'stdout'), 'argument\n');
  await agent.detach();
  const again = await bench.agent();
  await again.stop();
  const left = readdirSync(join(bench.dataDir('a1'), 'attempts'), { recursive: true, withFileTypes: true });
  t.strictSame(
    left.filter((entry) => entry.isFile()).map((entry) => entry.name),
    [],
  );
  const { mode } = statSync(join(bench.dataDir('a1'), 'agent.json'));
  t.equal(mode & 0o777, 0o600);
  t.equal(statSync(join(bench.dataDir('a1'), 'tasks', `${bench.uid(task)}.json`)).mode & 0o777, 0o600);
});

t.test('concurrency policies', async (t) => {
  const bench = await AgentBench.open(t);
  const agent = await bench.agent();
  const policies = ['Forbid', 'Queue', 'Replace', 'Allow'] as const;
  const tasks = policies.map((concurrencyPolicy) =>
    bench.task(
      { schedules: [{ every: '1s' }], concurrencyPolicy, run: { command: ['sleep', '1.7'] } },
      concurrencyPolicy.toLowerCase(),
    ),
  );
  const all = ends(agent, 24);
  await bench.allocate('a1', tasks);
  const reports = await all;
  const of = (policy: string) => reports.filter((report) => report.task === policy);
  const reasons = (policy: string) => new Set(of(policy).map(({ state, reason }) => `${state} ${reason ?? ''}`.trim()));
  t.strictSame(reasons('allow'), new Set(['Succeeded']));
  t.strictSame(reasons('forbid'), new Set(['Succeeded', 'Skipped ConcurrencyForbid']));
  t.ok(reasons('queue').has('Succeeded') && reasons('queue').has('Skipped ConcurrencyQueueFull'));
  t.ok(reasons('replace').has('Cancelled Replaced'));
  const queue = of('queue').filter(final('Succeeded'));
  for (const [index, run] of queue.entries()) {
    const before = queue[index - 1];
    if (before !== undefined) t.ok((run.startTime ?? 0) >= (before.endTime ?? 0), 'queued runs do not overlap');
  }
});

t.test('a failed attempt is retried by policy, in the same run', async (t) => {
  const bench = await AgentBench.open(t);
  const agent = await bench.agent();
  const task = bench.task({
    run: { script: '[ $CTASK_ATTEMPT = 3 ] || exit 7; echo third' },
    retry: { limit: 2, backoff: { initial: '100ms', max: '150ms' } },
  });
  await bench.allocate('a1', [task]);
  const run = startOnDemand(bench, task);
  const report = await agent.events.next('ended');
  t.match(report, { uid: run.uid, state: 'Succeeded', attempt: 3 });
  t.strictSame(
    report.attempts.map(({ number, state, exitCode }) => [number, state, exitCode]),
    [
      [1, 'Failed', 7],
      [2, 'Failed', 7],
      [3, 'Succeeded', 0],
    ],
  );
  await untilLogEnded(bench, run.uid, 3);
  t.equal(bench.center.text(run.uid, 3, 'stdout'), 'third\n');
  const pending = bench.center.history.filter((each) => each.state === 'Pending');
  t.ok(
    pending.some((each) => each.attempt === 2),
    'the waiting retry is told',
  );
});

t.test('runs on demand: once however often they are asked for; cancelled on request', async (t) => {
  const bench = await AgentBench.open(t);
  const agent = await bench.agent();
  const witness = join(bench.directory, 'witness');
  const task = bench.task({ concurrencyPolicy: 'Allow', run: { script: `echo x >> ${witness}; echo y; sleep 30` } });
  await bench.allocate('a1', [task]);
  const run = startOnDemand(bench, task);
  bench.center.request({ type: 'Start', run });
  const wrote = (uid: string) => bench.center.events.next('log', (key) => key === `${uid}/1`);
  await wrote(run.uid);
  bench.center.request({ type: 'Start', run });
  bench.center.request({ type: 'Cancel', runUid: run.uid });
  t.match(await agent.events.next('ended'), { uid: run.uid, state: 'Cancelled', reason: 'Requested' });
  bench.center.request({ type: 'Start', run });
  const second = startOnDemand(bench, task);
  await wrote(second.uid);
  bench.center.request({ type: 'Cancel', runUid: second.uid });
  await agent.events.next('ended');
  t.equal(readFileSync(witness, 'utf8'), 'x\nx\n');
});

t.test('a cancel with less patience, and a second one with none (C-70)', async (t) => {
  const bench = await AgentBench.open(t);
  const agent = await bench.agent();
  const script = 'trap "echo asked" TERM; echo ready; while :; do sleep 0.1; done';
  const task = bench.task({ concurrencyPolicy: 'Allow', gracePeriod: '1h', run: { script } });
  await bench.allocate('a1', [task]);
  const ready = (uid: string) => bench.center.events.next('log', (key) => key === `${uid}/1`);
  const first = startOnDemand(bench, task);
  await ready(first.uid);
  bench.center.request({ type: 'Cancel', runUid: first.uid, gracePeriodMs: 100 });
  const forced = { state: 'Cancelled', reason: 'Requested' };
  t.match(await agent.events.next('ended'), { ...forced, uid: first.uid });
  const second = startOnDemand(bench, task);
  await ready(second.uid);
  bench.center.request({ type: 'Cancel', runUid: second.uid });
  await ready(second.uid); // it was asked, and lives on
  bench.center.request({ type: 'Cancel', runUid: second.uid, gracePeriodMs: 7_200_000 });
  bench.center.request({ type: 'Cancel', runUid: second.uid, gracePeriodMs: 0 });
  t.match(await agent.events.next('ended'), { ...forced, uid: second.uid });
});

t.test('a program that cannot be started, and one that takes too long', async (t) => {
  const bench = await AgentBench.open(t);
  const agent = await bench.agent();
  const missing = bench.task({ run: { command: ['/no/such/program'] } });
  const slow = bench.task({ run: { command: ['sleep', '60'] }, timeout: '200ms', gracePeriod: '1s' });
  await bench.allocate('a1', [missing, slow]);
  startOnDemand(bench, missing);
  t.match(await agent.events.next('ended'), { state: 'Failed', reason: 'StartFailed', message: /ENOENT/ });
  startOnDemand(bench, slow);
  t.match(await agent.events.next('ended'), { state: 'TimedOut', reason: 'Timeout' });
});

t.test('suspension skips, resumption goes on, an edit counts from its moment', async (t) => {
  const bench = await AgentBench.open(t);
  const agent = await bench.agent();
  const task = bench.task({ schedules: [{ every: '1s' }], run: { command: ['true'] } });
  await bench.allocate('a1', [task]);
  await agent.events.next('ended', final('Succeeded'));
  await bench.change(task, { suspended: true });
  await bench.center.events.next('report', (report) => report.reason === 'Suspended');
  await bench.change(task, { suspended: false });
  await agent.events.next('ended', final('Succeeded'));
  const edited: Task = {
    ...task,
    metadata: { ...task.metadata, generation: 2 },
    spec: { ...task.spec, run: { command: ['false'] } },
  };
  bench.center.tasks.set(bench.uid(task), edited);
  await bench.change(task, { revision: 2 });
  const report = await agent.events.next('ended', final('Failed'));
  t.equal(report.revision, 2);
  const points = [...bench.center.runs.values()].map((run) => run.scheduledTime ?? 0).sort((a, b) => a - b);
  for (const [index, point] of points.entries()) {
    if (index > 0) t.equal(point - (points[index - 1] ?? 0), 1000, 'every time point has its record');
  }
});

t.test('a suspension with an end: nobody writes anything, and from its end on the task fires (C-26)', async (t) => {
  const bench = await AgentBench.open(t);
  const agent = await bench.agent();
  const task = bench.task({ schedules: [{ every: '1s' }], run: { command: ['true'] } });
  const end = Math.ceil(Date.now() / 1000) * 1000 + 3000;
  await bench.allocate('a1', [task], { suspendedUntil: end, cursor: end - 3000 });
  const first = await agent.events.next('ended', final('Succeeded'));
  t.equal(first.scheduledTime, end);
  await bench.center.events.next('report', ({ scheduledTime }) => Number(scheduledTime) >= end + 1000);
  const runs = [...bench.center.runs.values()];
  const before = runs.filter(({ scheduledTime }) => Number(scheduledTime) < end);
  t.equal(before.length, 2);
  t.ok(before.every(({ state, reason }) => state === 'Skipped' && reason === 'Suspended'));
  const points = runs.map(({ scheduledTime }) => Number(scheduledTime)).sort((a, b) => a - b);
  t.strictSame(
    points,
    points.map((_, i) => points[0]! + i * 1000),
    'each has its record',
  );
});

t.test('missed time points after a take-over: the latest runs, the others are recorded', async (t) => {
  const bench = await AgentBench.open(t);
  const agent = await bench.agent();
  const task = bench.task({ schedules: [{ every: '10s' }], startingDeadline: '1s', run: { command: ['true'] } });
  const now = Date.now();
  // Far enough from the next time point that the claim of that one does not mix in.
  const cursor = Math.floor(now / 10_000) * 10_000 - 50_000;
  await bench.allocate('a1', [task], { cursor });
  const report = await agent.events.next('reported', final('Succeeded'));
  const missed = [...bench.center.runs.values()].filter(final('Missed')).sort(byTime);
  t.strictSame(
    missed.map((each) => each.scheduledTime),
    [1, 2, 3, 4].map((count) => cursor + count * 10_000),
  );
  t.equal(report.scheduledTime, cursor + 50_000);
  t.match(report.trigger, /CatchUp|Schedule/);
});
