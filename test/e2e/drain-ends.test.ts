// A drain with --cancel-after against a real center and real agents: whatever the runs of the agent have left behind is gone
// when the command returns, their tasks have moved, and an uncordon in time ends nothing.
import { join } from 'node:path';
import t from 'tap';
import { fixture } from '../../agent/runner/fixtures/rig.js';
import { silentLogger, systemClock } from '../../base/index.js';
import { startEmbeddedServer } from '../../coordination/index.js';
import type { Run, Task } from '../../manifests/index.js';
import { Fleet } from '../support/fleet.js';
import { processesWith } from '../support/processes.js';

/** How many processes carry the number when a kind is up, at least. */
const KINDS = { child: 2, 'double-fork': 2, session: 2, deaf: 2, bare: 2, daemon: 2, hidden: 2, bomb: 4 } as const;
const line = (words: string) => `agent.cloudtask.dev/${words}\n`;

t.setTimeout(300_000);
t.test('drain --cancel-after', { skip: process.platform !== 'linux' && 'looks at /proc' }, async (t) => {
  const server = await startEmbeddedServer({
    ...{ dataDir: join(t.testdir(), 'zk'), host: '127.0.0.1', port: 0, tickMs: 1000 },
    ...{ clock: systemClock, log: silentLogger },
  });
  t.teardown(() => server.stop());
  const fleet = new Fleet({ zookeeper: server.connectString, agents: 2, tasks: {} });
  t.teardown(() => fleet.stop());
  await fleet.start();
  const { user } = fleet;
  const kinds = Object.entries(KINDS).map(([kind, count], i) => ({
    ...{ kind, count },
    // Sleeps for eleven days or more, and is no number of anybody else.
    number: String(3_000_000 + process.pid * 100 + i),
  }));
  await user.ok(['cordon', 'a2']);
  await user.ok(['apply', '-f', '-'], {
    input: kinds.map(({ kind }) => JSON.stringify(escaping(kind))).join('\n---\n'),
  });
  const ownedBy = (agent: string) =>
    user.eventually<{ items: Task[] }>(['get', 'tasks'], ({ items }) =>
      items.every(({ status }) => status?.allocations?.[0]?.agent === agent),
    );
  await ownedBy('a1');
  await user.ok(['uncordon', 'a2']);
  const runs = await Promise.all(
    kinds.map(async (each) => {
      const name = await user.ok(['run', each.kind, '-o', 'name', '--', each.kind, each.number]);
      return { ...each, run: name.trim().split('/').pop() };
    }),
  );
  const isUp = () => runs.every(({ number, count }) => processesWith(number).length >= count);
  const running = (items: readonly Run[]) => items.filter(({ status }) => status?.state === 'Running').length;
  await user.eventually<{ items: Run[] }>(['get', 'runs'], ({ items }) => running(items) === runs.length && isUp());

  await t.test('taken back before its time it ends nothing', async (t) => {
    const drain = user.start(['drain', 'a1', '--cancel-after', '1h']);
    await drain.until(({ stdout }) => runs.every(({ run }) => stdout.includes(`run/${run} still running…\n`)), 'told');
    const described = await user.ok(['describe', 'agent', 'a1']);
    t.match(described, /Drain: +WaitForRuns: .* wait for a run to end; runs still open at \S+Z are cancelled/);
    t.equal(await user.ok(['uncordon', 'a1']), line('a1 uncordoned'));
    t.equal((await drain.done).code, 6);
    const { items } = await user.json<{ items: Run[] }>(['get', 'runs']);
    t.equal(running(items), runs.length);
    t.ok(isUp());
  });

  await t.test('in its time it leaves no survivors', async (t) => {
    const { code, stdout, stderr } = await user.ctask(['drain', 'a1', '--cancel-after', '0s', '--timeout', '2m']);
    t.equal(code, 0, stderr);
    for (const { kind, number } of runs) {
      t.same(processesWith(number), [], kind);
      t.match(stdout, `task/${kind} moved to a2\n`);
    }
    t.equal(stdout.split('\n').at(-2), line('a1 drained').trim());
    const { items } = await user.json<{ items: Run[] }>(['get', 'runs']);
    t.same(
      items.map(({ status }) => `${status?.state} ${status?.reason} ${status?.attempts?.length}`),
      runs.map(() => 'Cancelled Drained 1'),
    );
    await ownedBy('a2');
  });
});

function escaping(name: string): object {
  const limits = name === 'bomb' ? { resources: { limits: { pids: 100 } } } : {};
  const retry = { limit: 3 };
  const spec = { run: { command: [fixture('escape.sh')] }, gracePeriod: '300ms', retry, ...limits };
  return { apiVersion: 'cloudtask.dev/v1', kind: 'Task', metadata: { name }, spec };
}
