// A machine is lost: another one makes the attempts that were to follow. Real processes, and tasks that testify.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { Run } from '../../manifests/index.js';
import { Fleet } from '../support/fleet.js';
import { requireZooKeeper, startZooKeeper } from '../support/zookeeper.js';

t.setTimeout(300_000);

const lines = (path: string) => readFileSync(path, 'utf8').trim().split('\n');

t.test(
  'the next attempts of a lost machine’s runs are made by another agent, once',
  { timeout: 300_000 },
  async (t) => {
    if (!requireZooKeeper(t)) return;
    const zookeeper = await startZooKeeper({ tickMs: 1000 });
    t.teardown(() => zookeeper.stop());
    const fleet = new Fleet({ zookeeper: zookeeper.connectString, agents: 2, tasks: {} });
    t.teardown(() => fleet.stop());
    await fleet.start();
    const { user } = fleet;
    const witness = (task: string) => join(user.home, `witness-${task}`);
    // Due once, a moment from now.
    const task = (name: string, script: string, spec: object) => ({
      ...{ apiVersion: 'cloudtask.dev/v1', kind: 'Task', metadata: { name } },
      spec: {
        schedules: [{ at: new Date(Date.now() + 3000).toISOString() }],
        run: { script: `echo $CTASK_ATTEMPT >> ${witness(name)}; ${script}` },
        ...spec,
      },
    });
    const cluster = {
      ...{ apiVersion: 'cloudtask.dev/v1', kind: 'Cluster', metadata: { name: 'default' }, spec: { lostAfter: '6s' } },
    };
    const objects = [
      cluster,
      task('flaky', '[ $CTASK_ATTEMPT = 2 ]', { retry: { limit: 1, backoff: { initial: '10s', max: '10s' } } }),
      task('lasting', '[ $CTASK_ATTEMPT = 2 ] || sleep 600', { onLost: 'Rerun' }),
      task('recorded', 'sleep 600', {}),
    ];
    await user.ok(['cordon', 'a2']); // all of them go to a1
    await user.ok(['apply', '-f', '-'], { input: objects.map((object) => JSON.stringify(object)).join('\n---\n') });
    const runs = (accept: (states: Map<string, Run>) => boolean) =>
      user
        .eventually<{ items: Run[] }>(['get', 'runs'], ({ items }) => accept(byTask(items)), 60_000)
        .then(({ items }) => byTask(items));
    const before = await runs(
      (of) =>
        of.get('flaky')?.status?.reason === 'Retry' &&
        ['lasting', 'recorded'].every((name) => of.get(name)?.status?.state === 'Running'),
    );
    await user.ok(['uncordon', 'a2']);
    await fleet.lose('a1');
    for (const name of ['lasting', 'recorded']) {
      const pid = before.get(name)?.status?.attempts?.[0]?.pid;
      if (pid !== undefined) process.kill(-pid, 'SIGKILL');
    }
    const after = await runs(
      (of) =>
        ['flaky', 'lasting'].every((name) => of.get(name)?.status?.state === 'Succeeded') &&
        of.get('recorded')?.status?.state === 'Lost',
    );
    const attemptsOf = (of: Map<string, Run>, name: string) =>
      of.get(name)?.status?.attempts?.map(({ state, agent }) => `${state} on ${agent}`);
    t.strictSame(attemptsOf(after, 'flaky'), ['Failed on a1', 'Succeeded on a2']);
    t.strictSame(attemptsOf(after, 'lasting'), ['Lost on a1', 'Succeeded on a2']);
    t.strictSame(attemptsOf(after, 'recorded'), ['Lost on a1']);
    // It comes back, reports what it knows, and starts nothing. A run that it makes then proves that it has said all.
    await fleet.startAgent('a1');
    await user.ok(['apply', '-f', '-'], {
      input: JSON.stringify(task('last', 'true', { placement: { agents: ['a1'] } })),
    });
    const end = await runs((of) => of.get('last')?.status?.state === 'Succeeded');
    t.strictSame(attemptsOf(end, 'flaky'), ['Failed on a1', 'Succeeded on a2']);
    t.strictSame(attemptsOf(end, 'lasting'), ['Lost on a1', 'Succeeded on a2']);
    t.strictSame(lines(witness('flaky')), ['1', '2']);
    t.strictSame(lines(witness('lasting')), ['1', '2']);
    t.strictSame(lines(witness('recorded')), ['1']);
  },
);

function byTask(runs: readonly Run[]): Map<string, Run> {
  return new Map(runs.map((run) => [run.spec.task, run]));
}
