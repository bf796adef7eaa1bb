// Agents that are cordoned, drained, held for an upgrade or lost all at once, and tasks that are rebalanced: real
// processes, and tasks that are due each second and testify.
// Time passes here because time points are what is tested: `elapse` is the length of an observation, never a wait for a result.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as elapse } from 'node:timers/promises';
import t from 'tap';
import type { Agent, Cluster, Event, Run, Task } from '../../manifests/index.js';
import { count, Fleet } from '../support/fleet.js';
import { requireZooKeeper, startZooKeeper } from '../support/zookeeper.js';

const SESSION_MS = 4000;
/** An idle task has another owner within this time (issue 3). */
const HANDOVER_MS = 1000;

t.setTimeout(600_000);
t.test('three agents', { timeout: 600_000 }, async (t) => {
  if (!requireZooKeeper(t)) return;
  const zookeeper = await startZooKeeper({ tickMs: 1000 });
  t.teardown(() => zookeeper.stop());
  const fleet = new Fleet({ zookeeper: zookeeper.connectString, agents: 3, tasks: { 5: 6, 1: 9 } });
  t.teardown(() => fleet.stop());
  await fleet.start();
  const { user } = fleet;
  const apply = (...objects: object[]) =>
    user.ok(['apply', '-f', '-'], { input: objects.map((object) => JSON.stringify(object)).join('\n---\n') });
  const allowing = (await fleet.apply()).map(({ metadata }) => metadata.name);
  // The same where runs must not overlap: what the former owner claimed ahead blocks the next owner until it has ended.
  const forbidding = Array.from({ length: 6 }, (_, i) => `every1-f${i}`);
  const witness = join(user.home, 'forbidding');
  writeFileSync(witness, '');
  await apply(...forbidding.map((name) => testifying(name, witness)));
  const names = [...allowing, ...forbidding];
  const testimony = () => [...fleet.testimony(), ...linesOf(witness)];
  const owners = async () => {
    const { items } = await user.json<{ items: Task[] }>(['get', 'tasks']);
    return new Map(items.map(({ metadata, status }) => [metadata.name, status?.allocations?.[0]?.agent]));
  };
  const owned = async (agent: string) => [...(await owners())].filter(([, owner]) => owner === agent).length;
  const allOwned = () =>
    user.eventually<{ items: Task[] }>(['get', 'tasks'], ({ items }) =>
      items.every(({ status }) => status?.state !== 'Unallocated' && status?.allocations?.length === 1),
    );
  await allOwned();
  await elapse(3000);

  await t.test('cordon: it keeps what it has and gets nothing more; uncordon takes it back', async (t) => {
    const before = await owned('a1');
    t.equal(await user.ok(['cordon', 'a2', 'agent/a3']), line('a2 cordoned') + line('a3 cordoned'));
    t.equal(await user.ok(['cordon', 'a2']), line('a2 already cordoned'));
    t.match(await user.ok(['get', 'agents']), /^a2 +Ready,SchedulingDisabled /m);
    await apply(sleeper('sleeper', {}), sleeper('tape', { placement: { agents: ['a1'] } }));
    await allOwned();
    t.equal(await owned('a1'), before + 2);
    t.equal(await user.ok(['uncordon', 'a2', 'a3']), line('a2 uncordoned') + line('a3 uncordoned'));
    t.equal((await user.ctask(['cordon', 'nobody'])).code, 5);
  });

  await t.test('drain: no time point is missed or run twice, runs are waited for, each step is told', async (t) => {
    const mine = [...(await owners())].filter(([, agent]) => agent === 'a1').map(([name]) => name);
    const run = (await user.ok(['run', 'sleeper', '-o', 'name', '--', '6'])).trim().split('/').pop();
    await user.eventually<{ items: Run[] }>(['get', 'runs'], ({ items }) =>
      items.some(({ metadata, status }) => metadata.name === run && status?.state === 'Running'),
    );
    const from = Date.now();
    const draining = user.start(['drain', 'a1', '--timeout', '60s']);
    await draining.until(({ stdout }) => stdout.includes('cordoned'), 'it begins');
    const begunAt = performance.now();
    const idle = mine.filter((name) => name !== 'sleeper' && name !== 'tape');
    await draining.until(
      ({ stdout }) => idle.every((name) => stdout.includes(`task/${name} moved to a`)),
      'idle ones move',
    );
    const handover = Math.round(performance.now() - begunAt);
    t.comment(`${idle.length} idle tasks handed over in ${handover} ms`);
    t.ok(handover <= HANDOVER_MS, `${handover} ms`);
    await draining.until(({ stdout }) => stdout.includes(`run/${run} still running…\n`), 'the run is told');
    t.notMatch(draining.stdout, 'task/sleeper');
    await draining.until(
      ({ stdout }) => /task\/sleeper moved to a[23]\n/.test(stdout),
      'it moves when its run has ended',
    );
    await draining.until(({ stderr }) => stderr.includes('default/tape'), 'what cannot move is told');
    t.match(await user.ok(['get', 'agents']), /^a1 +Ready,SchedulingDisabled,Draining /m);
    await user.ok(['delete', 'task', 'tape']);
    const { code, stdout, stderr } = await draining.done;
    t.equal(code, 0, stderr);
    t.equal(stdout.trim().split('\n').at(0), line('a1 cordoned').trim());
    t.equal(stdout.trim().split('\n').at(-1), line('a1 drained').trim());
    const told = stdout.split('\n').filter((each) => each.startsWith('task/'));
    t.equal(told.length, mine.length - 1, 'each move once');
    t.equal(await owned('a1'), 0);
    const { items } = await user.json<{ items: Run[] }>(['get', 'runs']);
    t.equal(items.find(({ metadata }) => metadata.name === run)?.status?.state, 'Succeeded');
    await elapse(3000);
    const to = Date.now();
    await elapse(3000); // the last processes write their line
    const { expected, missing, duplicate } = count(testimony(), names, from - 2000, to);
    const others = missing.filter((key) => !recordedAs(items, key));
    t.comment(`${expected} time points, ${missing.length} missing, ${duplicate.length} duplicate`);
    t.same(missing, [], others.join());
    t.same(duplicate, []);
    t.match(await user.ok(['get', 'agents']), /^a1 +Ready,SchedulingDisabled,Drained /m);
  });

  await t.test('a join moves nothing; what a dry run shows is what a rebalance moves', async (t) => {
    t.equal(await user.ok(['uncordon', 'a1']), line('a1 uncordoned'));
    const before = await owners();
    await elapse(3000);
    t.same(await owners(), before, 'nothing by itself');
    const from = Date.now();
    const shown = (await user.ok(['rebalance', '--dry-run'])).trim().split('\n');
    t.ok(shown.length >= 4, `${shown.length} moves`);
    for (const each of shown) t.match(each, /^task\/\S+ a[23] -> a1$/);
    t.same(await owners(), before, 'shown only');
    const made = (await user.ok(['rebalance'])).trim().split('\n');
    t.equal(made.pop(), 'cluster.cloudtask.dev/default rebalanced');
    t.same(made.sort(), [...shown].sort());
    const wanted = new Map(before);
    for (const each of shown) wanted.set(/^task\/(\S+)/.exec(each)![1]!, 'a1');
    await user.eventually<{ items: Task[] }>(['get', 'tasks'], ({ items }) =>
      items.every(({ metadata, status }) => status?.allocations?.[0]?.agent === wanted.get(metadata.name)),
    );
    t.match(await user.ok(['rebalance', '--dry-run']), 'unchanged (balanced)');
    t.match(await user.ok(['rebalance']), 'unchanged (balanced)');
    await elapse(3000);
    const to = Date.now();
    await elapse(3000);
    const { missing, duplicate } = count(testimony(), names, from, to);
    t.same([missing, duplicate], [[], []]);
  });

  await t.test('a drain outlives the leader, ends in time, and can be taken back', async (t) => {
    await apply(sleeper('tape', { placement: { agents: ['a1'] } }));
    await allOwned();
    const late = await user.ctask(['drain', 'a1', '--timeout', '3s']);
    t.equal(late.code, 8, late.stdout);
    t.match(late.stderr, /agent "a1" is not drained in time \(1 task left; no other agent may have default\/tape\)/);
    t.equal(await owned('a1'), 1);
    await user.ok(['delete', 'task', 'tape']);
    await user.ok(['uncordon', 'a1']);
    await user.ok(['rebalance']);
    await user.ok(['cordon', 'a2', 'a3']);
    await apply(sleeper('dozer', {}));
    await allOwned();
    await user.ok(['uncordon', 'a2', 'a3']);
    await user.ok(['run', 'dozer', '--', '12']);
    await user.eventually<{ items: Run[] }>(['get', 'runs'], ({ items }) =>
      items.some(({ spec, status }) => spec.task === 'dozer' && status?.state === 'Running'),
    );
    const lasting = user.start(['drain', 'a1', '--timeout', '90s']);
    await lasting.until(({ stdout }) => stdout.includes('still running'), 'it waits for the run');
    await restartCenter(fleet);
    const ended = await lasting.done;
    t.equal(ended.code, 0, ended.stderr);
    t.match(ended.stdout, /^task\/dozer moved to a[23]\nagent.cloudtask.dev\/a1 drained\n$/m);
    await user.ok(['uncordon', 'a1']);
    await user.ok(['rebalance']);
    await apply(sleeper('tape', { placement: { agents: ['a1'] } }));
    await allOwned();
    await user.ctask(['drain', 'a1', '--timeout', '1s']);
    const again = user.start(['drain', 'a1', '--ignore-running', '--timeout', '60s']);
    await again.until(({ stdout }) => stdout.includes('already cordoned'), 'it goes on');
    await user.ok(['uncordon', 'a1']);
    const { code, stderr } = await again.done;
    t.equal(code, 6, stderr);
    const { items } = await user.json<{ items: Agent[] }>(['get', 'agents']);
    const a1 = items.find(({ metadata }) => metadata.name === 'a1')!;
    t.equal(a1.spec.drain, undefined);
    await user.ok(['delete', 'task', 'tape']);
    await user.ok(['rebalance']);
  });

  await t.test('hold: an agent that announces to be back keeps its tasks, also when the leader changes', async (t) => {
    await fleet.agents.get('a3')!.end('SIGTERM');
    await fleet.startAgent('a3', ['--hold', '60s']);
    const before = await owners();
    t.ok(await owned('a3'));
    await fleet.agents.get('a3')!.end('SIGTERM');
    await elapse(SESSION_MS + 3000);
    t.same(await owners(), before, 'longer than its session');
    await restartCenter(fleet);
    await elapse(SESSION_MS + 3000);
    t.same(await owners(), before, 'the new leader knows');
    await fleet.startAgent('a3', ['--hold', '60s']);
    await elapse(2000);
    t.same(await owners(), before);
  });

  await t.test('brake: many agents gone at once stop the moves, until an operator releases them', async (t) => {
    const massLoss = { minAgents: 2, percent: 50, window: '60s', holdFor: '10m' };
    await apply({ apiVersion: 'cloudtask.dev/v1', kind: 'Cluster', metadata: { name: 'default' }, spec: { massLoss } });
    await restartCenter(fleet); // its agents are known when they go
    await Promise.all(['a1', 'a2'].map((name) => fleet.agents.get(name)!.end('SIGKILL')));
    const stopped = (cluster: Cluster) =>
      cluster.status?.conditions?.some(({ type, status }) => type === 'MovesStopped' && status === 'True') === true;
    await user.eventually<{ items: Cluster[] }>(['get', 'clusters'], ({ items }) => items.some(stopped), 60_000);
    t.match(await user.ok(['get', 'clusters']), /^default +Ready,MovesStopped /m);
    t.match(await user.ok(['describe', 'cluster', 'default']), /2 agents went at about the same time/);
    const { items } = await user.json<{ items: Event[] }>(['get', 'events', '-A']);
    t.ok(items.some(({ spec }) => spec.reason === 'MovesStopped' && spec.type === 'Warning'));
    // Sessions that end together are noticed up to a tick apart: what the first one owned may have moved before the second
    // one was known to be gone.
    const stayed = await owners();
    t.ok([...stayed.values()].some((agent) => agent === 'a1' || agent === 'a2'));
    await elapse(3000);
    t.same(await owners(), stayed, 'nothing moves');
    t.equal(await user.ok(['rebalance', '--release']), 'cluster.cloudtask.dev/default released\n');
    await user.eventually<{ items: Task[] }>(['get', 'tasks'], ({ items }) =>
      items.every(({ status }) => status?.allocations?.[0]?.agent === 'a3'),
    );
    t.equal(await user.ok(['rebalance', '--release']), 'cluster.cloudtask.dev/default unchanged\n');
  });
});

const line = (words: string) => `agent.cloudtask.dev/${words}\n`;

async function restartCenter(fleet: Fleet): Promise<void> {
  const port = Number(new URL(fleet.url).port);
  await fleet.center.end('SIGKILL');
  await fleet.startCenter(port);
  await fleet.user.eventually<{ items: Agent[] }>(['get', 'agents'], ({ items }) => items.length === 3);
}

/** Whether a time point without a witness is recorded as one that did not run. */
function recordedAs(items: readonly Run[], key: string): string | undefined {
  return items.find(({ spec }) => `${spec.task}@${new Date(spec.scheduledTime ?? 0).toISOString()}` === key)?.status
    ?.state;
}

function linesOf(witness: string): { task: string; point: number }[] {
  const lines = readFileSync(witness, 'utf8').split('\n').filter(Boolean);
  return lines.map((each) => ({ task: each.split(' ')[0]!, point: Date.parse(each.split(' ')[1]!) }));
}

function testifying(name: string, witness: string): object {
  const script = 'echo "$CTASK_TASK $CTASK_SCHEDULED_TIME" >> "$WITNESS"';
  return {
    apiVersion: 'cloudtask.dev/v1',
    kind: 'Task',
    metadata: { name },
    spec: {
      schedules: [{ every: '1s' }],
      run: { command: ['/bin/sh', '-c', script], env: [{ name: 'WITNESS', value: witness }] },
      history: { runs: 1000 },
    },
  };
}

/** A task on demand that sleeps as long as its argument says. */
function sleeper(name: string, spec: object): object {
  const run = { command: ['/bin/sleep'] };
  return { apiVersion: 'cloudtask.dev/v1', kind: 'Task', metadata: { name }, spec: { run, ...spec } };
}
