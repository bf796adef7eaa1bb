// Real ZooKeeper, one center, two agents as separate processes, and tasks whose first attempt fails (retry.agent: Other).
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { isFinal, type Run, type Task } from '../../manifests/index.js';
import { Fleet } from '../support/fleet.js';
import { requireZooKeeper, startZooKeeper } from '../support/zookeeper.js';

t.setTimeout(300_000);
t.test('a failed attempt is followed by one on another agent', { timeout: 300_000 }, async (t) => {
  if (!requireZooKeeper(t)) return;
  const zookeeper = await startZooKeeper({ tickMs: 1000 });
  t.teardown(() => zookeeper.stop());
  const fleet = new Fleet({ zookeeper: zookeeper.connectString, agents: 2, tasks: {} });
  t.teardown(() => fleet.stop());
  await fleet.start();
  const witness = join(fleet.user.home, 'attempts');
  writeFileSync(witness, '');

  const apply = async (name: string, initial: string) => {
    const line = 'echo "$CTASK_TASK $CTASK_ATTEMPT" >> "$0"; test $CTASK_ATTEMPT = 2';
    const manifest = {
      ...{ apiVersion: 'cloudtask.dev/v1', kind: 'Task', metadata: { name } },
      spec: {
        schedules: [{ at: new Date(Math.ceil(Date.now() / 1000) * 1000 + 3000).toISOString() }],
        retry: { limit: 3, agent: 'Other', backoff: { initial } },
        run: { command: ['/bin/sh', '-c', line, witness] },
      },
    };
    await fleet.user.ok(['apply', '-f', '-'], { input: JSON.stringify(manifest) });
  };
  const runOf = async (name: string, accept: (run: Run) => boolean) => {
    const query = ['get', 'runs', '--field-selector', `spec.task=${name}`];
    const found = ({ items }: { items: Run[] }) => items.some(accept);
    return (await fleet.user.eventually<{ items: Run[] }>(query, found, 60_000)).items.find(accept)!;
  };
  const ended = ({ status }: Run) => isFinal(status?.state ?? 'Pending');
  const agentsOf = ({ status }: Run) => (status?.attempts ?? []).map(({ agent }) => agent);
  const ownerOf = async (name: string) =>
    (await fleet.user.json<Task>(['get', 'task', name])).status?.allocations?.[0]?.agent;

  await t.test('where there is one', async (t) => {
    await apply('two', '1s');
    const run = await runOf('two', ended);
    t.equal(run.status?.state, 'Succeeded');
    t.same([...agentsOf(run)].sort(), ['a1', 'a2']);
    t.equal(await ownerOf('two'), run.status?.agent, 'the task stays where it went');
    const [first, second] = run.status?.attempts ?? [];
    const waited = Date.parse(second!.startTime!) - Date.parse(first!.endTime!);
    t.ok(waited >= 5000, 'the center has time to move it');
    t.match(await fleet.user.ok(['describe', 'task', 'two']), /Retry: +3 attempts, .*, on another agent/);
    t.match(await fleet.user.ok(['events', '--for', 'task/two']), /Continued .*attempt 2 is made by agent/);
  });

  await t.test('the other one dies before it', async (t) => {
    await apply('back', '15s');
    const waiting = await runOf('back', (run) => {
      const [failed] = agentsOf(run);
      return run.status?.state === 'Pending' && failed !== undefined && run.status.agent !== failed;
    });
    const other = waiting.status!.agent!;
    await fleet.lose(other);
    const run = await runOf('back', ended);
    t.equal(run.status?.state, 'Succeeded');
    const survivor = other === 'a1' ? 'a2' : 'a1';
    t.same(agentsOf(run), [survivor, survivor]);
    t.equal(await ownerOf('back'), survivor);
  });

  await t.test('alone', async (t) => {
    await apply('alone', '1s');
    const run = await runOf('alone', ended);
    t.equal(run.status?.state, 'Succeeded');
    t.equal(new Set(agentsOf(run)).size, 1);
  });

  const lines = readFileSync(witness, 'utf8').split('\n').filter(Boolean);
  t.same([...lines].sort(), ['alone 1', 'alone 2', 'back 1', 'back 2', 'two 1', 'two 2'], 'no attempt started twice');
});
