// What becomes of the runs of an agent that is cut off from ZooKeeper, by the policy of their tasks.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { TaskSpec } from '../manifests/index.js';
import { AgentBench } from '../test/support/agent-bench.js';
import { final } from '../test/support/agent-helpers.js';
import { TcpProxy } from '../test/support/tcp-proxy.js';
import { platform } from './platform/index.js';

t.setTimeout(120_000);

/** What is left of it when the processes have ended must suffice on a machine that is busy with other things. */
const SESSION_MS = 10_000;

/** Processes that do not end when they are asked to. */
const STUBBORN = 'trap "" TERM; while :; do sleep 0.05; done';

async function behindProxy(t: Test) {
  const bench = await AgentBench.open(t, { sessionTimeoutMs: SESSION_MS });
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
