// Real ZooKeeper, one center, three agents as separate processes: a task of six shards and one that runs everywhere, and an agent that
// dies. Time passes here because time points are what is tested: `elapse` is the length of an observation.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as elapse } from 'node:timers/promises';
import t from 'tap';
import { isFinal, type Run, type Task } from '../../manifests/index.js';
import { Fleet } from '../support/fleet.js';
import { requireZooKeeper, startZooKeeper } from '../support/zookeeper.js';

const STEP_MS = 2000;
/** Session time-out, tick and a second: the budget of a failover. Then the agents' rows must come. */
const AFTER_DEATH_MS = 6000 + 4000;

interface Testimony {
  readonly task: string;
  readonly slot: string;
  readonly point: number;
  readonly shard: string;
}

t.setTimeout(300_000);
t.test('six shards and an EveryAgent task on three agents', { timeout: 300_000 }, async (t) => {
  if (!requireZooKeeper(t)) return;
  const zookeeper = await startZooKeeper({ tickMs: 1000 });
  t.teardown(() => zookeeper.stop());
  const fleet = new Fleet({ zookeeper: zookeeper.connectString, agents: 3, tasks: {} });
  t.teardown(() => fleet.stop());
  await fleet.start();
  const witness = join(fleet.user.home, 'slots');
  writeFileSync(witness, '');
  const manifests = [
    { kind: 'Cluster', metadata: { name: 'default' }, spec: { lostAfter: '5s' } },
    task('sharded', { mode: 'Shards', shardItems: ['a', 'b', 'c', 'd', 'e', 'f'] }, witness),
    task('everywhere', { mode: 'EveryAgent' }, witness),
  ].map((manifest) => ({ apiVersion: 'cloudtask.dev/v1', ...manifest }));
  await fleet.user.ok(['apply', '-f', '-'], { input: manifests.map((one) => JSON.stringify(one)).join('\n---\n') });
  const owners = async (name: string) => {
    const found = await fleet.user.json<Task>(['get', 'task', name]);
    return new Map((found.status?.allocations ?? []).map(({ slot, agent }) => [slot, agent]));
  };
  await fleet.user.eventually<{ items: Task[] }>(
    ['get', 'tasks'],
    ({ items }) => items.map(({ status }) => status?.allocations?.length).join() === '3,6',
  );
  const before = await owners('sharded');
  const counts = ['a1', 'a2', 'a3'].map((agent) => [...before.values()].filter((owner) => owner === agent).length);
  t.same(counts, [2, 2, 2], 'different agents first');
  const from = Date.now() + STEP_MS;
  await elapse(3 * STEP_MS);

  await fleet.lose('a1');
  await elapse(AFTER_DEATH_MS);
  const after = await owners('sharded');
  for (const [slot, agent] of before) {
    if (agent === 'a1') t.not(after.get(slot), 'a1', `shard ${slot} moved`);
    else t.equal(after.get(slot), agent, `shard ${slot} stayed`);
  }
  t.same([...(await owners('everywhere')).keys()], ['a2', 'a3'], 'the slot of the dead agent is nobody else’s');

  const to = Date.now() - 2 * STEP_MS;
  const points: number[] = [];
  for (let point = Math.ceil(from / STEP_MS) * STEP_MS; point <= to; point += STEP_MS) points.push(point);
  const wanted = points.flatMap((point) => [...before.keys()].map((slot) => `${slot}@${point}`));
  const { items } = await fleet.user.eventually<{ items: Run[] }>(
    ['get', 'runs', '--field-selector', 'spec.task=sharded'],
    ({ items }) =>
      wanted.every((key) => items.some((run) => keyOf(run) === key && isFinal(run.status?.state ?? 'Pending'))),
    60_000,
  );
  const starts = testimony(witness).filter(({ task }) => task === 'sharded');
  const witnessed = starts.map(({ slot, point }) => `${slot}@${point}`);
  t.equal(new Set(witnessed).size, witnessed.length, 'no time point of a shard was started twice');
  for (const run of items.filter((one) => wanted.includes(keyOf(one)))) {
    const ran = witnessed.includes(keyOf(run));
    if (run.status?.state === 'Succeeded' && !ran) t.fail(`${run.metadata.name} succeeded without a witness`);
    if (['Missed', 'Skipped'].includes(run.status?.state ?? '') && ran) t.fail(`${run.metadata.name} ran`);
  }
  t.ok(
    starts.every(({ slot, shard }) => shard === `${slot}/6/${'abcdef'[Number(slot)]}`),
    'each sees its shard',
  );
  const groups = new Map<string, Set<string>>();
  for (const { spec } of items) {
    groups.set(spec.group ?? '', (groups.get(spec.group ?? '') ?? new Set()).add(spec.scheduledTime ?? ''));
  }
  t.ok(
    [...groups].every(([group, times]) => group !== '' && times.size === 1),
    'a group is one time point',
  );

  const [first] = points;
  const here = testimony(witness).filter((one) => one.task === 'everywhere' && one.point === first);
  t.same(here.map(({ slot }) => slot).sort(), ['a1', 'a2', 'a3'], 'every agent ran it');
  const dead = testimony(witness).filter((one) => one.task === 'everywhere' && one.slot === 'a1');
  t.ok(
    dead.every(({ point }) => point < to),
    'nobody ran it for the dead agent',
  );

  const waited = await fleet.user.ctask(['run', 'sharded', '--wait']);
  t.equal(waited.code, 0, waited.stderr);
  t.equal(waited.stdout.match(/created/g)?.length, 6, 'a run on demand has one run per shard');
  const [created] = /sharded-\w+/.exec(waited.stdout) ?? [''];
  const described = await fleet.user.ok(['describe', 'run', created]);
  t.match(described, /Group: +sharded-\w+ \(6 runs: 6 Succeeded\)/);
  t.equal(described.match(/^ +[0-5] +sharded-\w+ +Succeeded/gm)?.length, 6, 'with the runs of all shards');
  const failing = await fleet.user.ctask(['run', 'sharded', '--wait', '--propagate-exit-code', '--', '7']);
  t.equal(failing.code, 7, 'the worst end is that of the command');
  t.match((await fleet.user.ctask(['run', 'sharded', '--slot', '9'])).stderr, /no slot "9"/);
  t.match((await fleet.user.ctask(['run', 'everywhere', '--slot', 'a2', '-f'])).code, 0);
});

const keyOf = ({ spec }: Run): string => `${spec.slot}@${Date.parse(spec.scheduledTime ?? '')}`;

/** With an argument the process ends so. */
function task(name: string, placement: object, witness: string) {
  const line =
    'echo "$CTASK_TASK $CTASK_SLOT $CTASK_SCHEDULED_TIME $CTASK_SHARD/$CTASK_SHARDS/$CTASK_SHARD_ITEM" >> "$0"';
  const command = ['/bin/sh', '-c', `test -z "$CTASK_SCHEDULED_TIME" || ${line}; exit $1`, witness];
  const policies = { concurrencyPolicy: 'Allow', history: { runs: 10_000 } };
  return {
    kind: 'Task',
    metadata: { name },
    spec: { schedules: [{ every: '2s' }], placement, run: { command }, ...policies },
  };
}

function testimony(file: string): Testimony[] {
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  return lines.map((line) => {
    const [task, slot, time, shard] = line.split(' ');
    return { task: task!, slot: slot!, point: Date.parse(time!), shard: shard! };
  });
}
