// An agent is restarted under running processes, politely and by kill -9: nothing moves, nothing is lost, nothing is
// started twice, and the output is byte for byte what was written. `npm run restarts` does it under 50 processes.
import { createHash } from 'node:crypto';
import t from 'tap';
import type { Run, Task } from '../../manifests/index.js';
import { Fleet } from '../support/fleet.js';
import { requireZooKeeper, startZooKeeper } from '../support/zookeeper.js';

const long = process.env.CTASK_TEST_LONG === '1';
const RUNS = long ? 50 : 10;
const LINES = long ? 300 : 60;

t.setTimeout(600_000);

/** Writes numbered lines on both streams, five a second. */
const script = `i=1; while [ $i -le ${LINES} ]; do echo "out $i"; echo "err $i" >&2; i=$((i+1)); sleep 0.2; done`;
const expected = (stream: string) => Array.from({ length: LINES }, (_, i) => `${stream} ${i + 1}\n`).join('');
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

t.test('restart of an agent', { timeout: 600_000 }, async (t) => {
  if (!requireZooKeeper(t)) return;
  const zookeeper = await startZooKeeper({ tickMs: 1000 });
  t.teardown(() => zookeeper.stop());
  const fleet = new Fleet({ zookeeper: zookeeper.connectString, agents: 2, tasks: {} });
  t.teardown(() => fleet.stop());
  await fleet.start();
  const names = Array.from({ length: RUNS }, (_, i) => `talker-${i}`);
  const manifests = names.map((name) => ({
    apiVersion: 'cloudtask.dev/v1',
    kind: 'Task',
    metadata: { name },
    spec: { run: { command: ['/bin/sh', '-c', script] }, placement: { agents: ['a1'] } },
  }));
  const list = { apiVersion: 'cloudtask.dev/v1', kind: 'List', items: manifests };
  await fleet.user.ok(['apply', '-f', '-'], { input: JSON.stringify(list) });
  const allocated = await fleet.user.eventually<{ items: Task[] }>(['get', 'tasks'], ({ items }) =>
    items.every((task) => task.status?.allocations?.length === 1),
  );

  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    await t.test(`by ${signal}`, async (t) => {
      const started = await Promise.all(names.map((name) => fleet.user.json<Run>(['run', name])));
      const mine = new Set(started.map((run) => run.metadata.name));
      const ours = ({ items }: { items: Run[] }) => items.filter((run) => mine.has(run.metadata.name));
      await fleet.user.eventually<{ items: Run[] }>(['get', 'runs'], (answer) =>
        ours(answer).every((run) => run.status?.state === 'Running'),
      );
      await fleet.agents.get('a1')!.end(signal);
      await fleet.startAgent('a1');
      const ended = await fleet.user.eventually<{ items: Run[] }>(
        ['get', 'runs'],
        (answer) => ours(answer).every((run) => run.status?.endTime !== undefined),
        180_000,
      );
      for (const run of ours(ended)) {
        t.match(run.status, { state: 'Succeeded', exitCode: 0, agent: 'a1' }, run.metadata.name);
        t.equal(run.status!.attempts!.length, 1, 'one start');
        for (const stream of ['stdout', 'stderr'] as const) {
          const text = await fleet.fetch(logPath(run, stream));
          t.equal(sha256(text), sha256(expected(stream.slice(3))), `${run.metadata.name} ${stream}`);
        }
      }
      const after = await fleet.user.json<{ items: Task[] }>(['get', 'tasks']);
      const allocations = (tasks: { items: Task[] }) =>
        tasks.items.map((task) => [task.metadata.name, task.status?.allocations]);
      t.same(allocations(after), allocations(allocated), 'nothing moved');
    });
  }
});

function logPath(run: Run, stream: string): string {
  return `/apis/cloudtask.dev/v1/namespaces/default/runs/${run.metadata.name}/log?stream=${stream}`;
}
