// What becomes of the runs of an agent that is cut off from ZooKeeper, by the policy of their tasks.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { RunReport, TaskSpec } from '../manifests/index.js';
import { AgentBench } from '../test/support/agent-bench.js';
import { final } from '../test/support/agent-helpers.js';
import { TcpProxy } from '../test/support/tcp-proxy.js';
import { platform } from './platform/index.js';

t.setTimeout(300_000);

/** What is left of it when the processes have ended must suffice on a machine that is busy with other things. */
const SESSION_MS = 20_000;

/** Processes that do not end when they are asked to. */
const STUBBORN = 'trap "" TERM; while :; do sleep 0.05; done';

async function behindProxy(t: Test) {
  const bench = await AgentBench.open(t, { sessionTimeoutMs: SESSION_MS, tickMs: SESSION_MS / 20 });
  const proxy = await TcpProxy.start({ port: bench.server.port });
  t.teardown(() => proxy.stop());
  const agent = await bench.agent('a1', true, proxy.address);
  const running = async (spec: Partial<TaskSpec>) => {
    const task = bench.task({
      ...{ schedules: [{ at: new Date(Date.now() - 1000).toISOString() }], startingDeadline: '10m' },
      ...{ run: { script: STUBBORN }, ...spec },
    });
    const started = agent.events.next('started', ({ taskUid }) => taskUid === bench.uid(task));
    await bench.allocate('a1', [task], { cursor: Date.now() - 60_000 });
    return { task, ...(await started) };
  };
  /** Resolves when the server has expired the agent's session: from then on its slots are anybody's. */
  const expired = async () => {
    const { current } = bench.session;
    const path = bench.layout.agent('a1');
    for (;;) {
      const changed = new Promise<void>((resolve) => {
        current.exists(path, () => resolve()).then((stat) => stat ?? resolve(), resolve);
      });
      await changed;
      if ((await current.exists(path)) === undefined) return;
    }
  };
  return { bench, proxy, agent, running, expired };
}

const lines = (path: string) => readFileSync(path, 'utf8').trim().split('\n');
const isAlive = (pid: number) => platform.processAlive(pid, undefined);

t.test('Kill: when the session expires nothing of the task is alive; Fence lets it run', async (t) => {
  const { bench, proxy, agent, running, expired } = await behindProxy(t);
  const killed = await running({ partitionPolicy: 'Kill', gracePeriod: '10m' });
  const fenced = await running({ gracePeriod: '100ms' });
  const end = agent.events.next('ended');
  const gone = expired();
  proxy.blackHole(true);
  await gone;
  t.notOk(isAlive(killed.pid), 'it had ended before another agent could be given the task');
  t.ok(isAlive(fenced.pid));
  t.match(await end, { uid: killed.runUid, state: 'Failed', reason: 'PartitionKilled', attempt: 1 });
  while (bench.center.runs.get(killed.runUid)?.state !== 'Failed') await bench.center.events.next('report');
  proxy.blackHole(false);
});

t.test('Kill: it may be retried, when the agent is back or by the next owner', async (t) => {
  const { proxy, agent, running, expired, bench } = await behindProxy(t);
  const witness = join(bench.directory, 'witness');
  const { runUid } = await running({
    ...{ partitionPolicy: 'Kill', gracePeriod: '1s' },
    retry: { limit: 1, backoff: { initial: '1s', max: '1s' } },
    run: { script: `echo $CTASK_ATTEMPT >> ${witness}; [ $CTASK_ATTEMPT = 2 ] || sleep 600` },
  });
  const waits = agent.events.next('reported', final('Pending'));
  const gone = expired();
  proxy.blackHole(true);
  await gone;
  t.match(await waits, { uid: runUid, reason: 'Retry', attempt: 2, attempts: [{ reason: 'PartitionKilled' }] });
  const end = agent.events.next('ended');
  proxy.cut();
  proxy.blackHole(false);
  t.match(await end, { uid: runUid, state: 'Succeeded', attempt: 2 });
  t.strictSame(readFileSync(witness, 'utf8'), '1\n2\n');
});

t.test('Continue: each time point starts once, with and without claims, and the cursor follows', async (t) => {
  const bench = await AgentBench.open(t);
  const proxy = await TcpProxy.start({ port: bench.server.port });
  t.teardown(() => proxy.stop());
  const agent = await bench.agent('a1', true, proxy.address);
  const witness = join(bench.directory, 'witness');
  const task = bench.task({
    ...{ schedules: [{ every: '1s' }], partitionPolicy: 'Continue', concurrencyPolicy: 'Allow' },
    run: { script: `echo $CTASK_SCHEDULED_TIME >> ${witness}` },
  });
  await bench.allocate('a1', [task]);
  await agent.events.next('ended');
  proxy.blackHole(true);
  const alone: RunReport[] = [];
  while (alone.length < 6) {
    const report = await agent.events.next('ended');
    if (report.reason === 'Unclaimed') alone.push(report);
  }
  const last = Math.max(...alone.map(({ scheduledTime }) => scheduledTime ?? 0));
  t.ok((await bench.record(task)).cursor < last, 'nothing was claimed meanwhile');
  proxy.cut();
  proxy.blackHole(false);
  const claimed = await agent.events.next('claimed', ({ point }) => typeof point === 'number' && point > last + 1000);
  t.ok((await bench.record(task)).cursor >= Number(claimed.point));
  await agent.events.next('ended', ({ scheduledTime }) => scheduledTime === claimed.point);
  await bench.change(task, { suspended: true });
  await agent.end();
  const points = lines(witness)
    .map((line) => Date.parse(line))
    .sort((a, b) => a - b);
  t.equal(new Set(points).size, points.length, 'none twice');
  t.strictSame(
    points,
    points.map((_, i) => points[0]! + i * 1000),
    'none missing',
  );
  const ofLast = bench.center.runs.get(alone.at(-1)!.uid);
  t.match(ofLast, { state: 'Succeeded', reason: 'Unclaimed', message: /partitionPolicy Continue/ });
});

t.test('Continue: a suspension ends while the agent is cut off', async (t) => {
  const bench = await AgentBench.open(t);
  const proxy = await TcpProxy.start({ port: bench.server.port });
  t.teardown(() => proxy.stop());
  const agent = await bench.agent('a1', true, proxy.address);
  const task = bench.task({
    ...{ schedules: [{ every: '1s' }], partitionPolicy: 'Continue', concurrencyPolicy: 'Allow' },
    run: { command: ['true'] },
  });
  await bench.allocate('a1', [task]);
  await agent.events.next('ended');
  const end = Math.ceil(Date.now() / 1000) * 1000 + 15_000;
  await bench.change(task, { suspendedUntil: end, revision: 1 });
  await bench.center.events.next('report', ({ reason }) => reason === 'Suspended');
  proxy.blackHole(true);
  const first = await agent.events.next('ended', ({ reason }) => reason === 'Unclaimed');
  t.ok(Number(first.scheduledTime) >= end);
  proxy.cut();
  proxy.blackHole(false);
  await agent.events.next('claimed', ({ point }) => Number(point) > Number(first.scheduledTime));
  await bench.change(task, { suspended: true });
  const lateOnes = () =>
    [...bench.center.runs.values()].filter(({ scheduledTime }) => {
      return Number(scheduledTime) < end && Number(scheduledTime) > end - 5000;
    });
  // Those of the suspension are told, although nobody could claim them.
  while (lateOnes().length < 4) await bench.center.events.next('report');
  const late = lateOnes();
  t.equal(late.length, 4);
  t.ok(late.every(({ state, reason }) => state === 'Skipped' && reason === 'Suspended'));
});

t.test('Continue: a slot that got another owner meanwhile is given up, and its claims stand', async (t) => {
  const bench = await AgentBench.open(t);
  const proxy = await TcpProxy.start({ port: bench.server.port });
  t.teardown(() => proxy.stop());
  const agent = await bench.agent('a1', true, proxy.address);
  const next = await bench.agent('a2');
  const task = bench.task({
    ...{ schedules: [{ every: '1s' }], partitionPolicy: 'Continue', concurrencyPolicy: 'Allow' },
    run: { command: ['true'] },
  });
  await bench.allocate('a1', [task]);
  await agent.events.next('ended');
  proxy.blackHole(true);
  await agent.events.next('ended', ({ reason }) => reason === 'Unclaimed');
  const taken = next.events.next('ended');
  await bench.change(task, { owner: 'a2', ownerEpoch: 2 });
  await taken;
  const gone = agent.events.next('allocationApplied', ({ slots }) => slots === 0);
  proxy.cut();
  proxy.blackHole(false);
  await gone;
  const { cursor } = await bench.record(task);
  await next.events.next('claimed', ({ point }) => Number(point) > cursor);
  t.match(await bench.record(task), { owner: 'a2', ownerEpoch: 2 });
});

t.test('Fence: nothing starts that was not claimed', async (t) => {
  const bench = await AgentBench.open(t);
  const proxy = await TcpProxy.start({ port: bench.server.port });
  t.teardown(() => proxy.stop());
  const agent = await bench.agent('a1', true, proxy.address);
  const task = (partitionPolicy: 'Fence' | 'Continue') =>
    bench.task({ schedules: [{ every: '1s' }], partitionPolicy, run: { command: ['true'] } });
  const fenced = task('Fence');
  await bench.allocate('a1', [fenced, task('Continue')]);
  await agent.events.next('ended');
  proxy.blackHole(true);
  for (let i = 0; i < 3; i++) await agent.events.next('ended', ({ reason }) => reason === 'Unclaimed');
  const { cursor } = await bench.record(fenced);
  const started = [...bench.center.runs.values()].filter(({ taskUid }) => taskUid === bench.uid(fenced));
  t.ok(started.every(({ scheduledTime }) => (scheduledTime ?? 0) <= cursor));
});
