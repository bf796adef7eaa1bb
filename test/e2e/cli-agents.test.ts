// cordon, uncordon, drain and rebalance against the real API; the test says what the leader does.
import t, { type Test } from 'tap';
import { type Agent, type Cluster, taskMoveText } from '../../manifests/index.js';
import type { CliCenter } from '../support/cli-center.js';
import type { CliUser } from '../support/cli-terminal.js';
import { startCliWorld } from '../support/cli-world.js';

const line = (words: string) => `agent.cloudtask.dev/${words}\n`;
const agentKey = (name: string) => ({ kind: 'Agent', namespace: '', name }) as const;
const clusterKey = { kind: 'Cluster', namespace: '', name: 'default' } as const;

async function setUp(t: Test) {
  const { center, user } = await startCliWorld(t);
  for (const name of ['a1', 'a2']) {
    await center.agent(name);
    await center.store.updateStatus<Agent>(agentKey(name), { state: 'Ready' });
  }
  return { center, user };
}

/** Tasks owned by a1, as the leader would tell. */
async function owned(center: CliCenter, user: CliUser, ...names: string[]): Promise<void> {
  const manifest = (name: string) => `apiVersion: cloudtask.dev/v1
kind: Task
metadata: {name: ${name}}
spec: {schedules: [{every: 1h}], run: {command: [x]}}
`;
  await user.type('apply -f -', { input: names.map(manifest).join('---\n') });
  for (const name of names) {
    const key = { kind: 'Task', namespace: 'default', name } as const;
    await center.store.updateStatus(key, { state: 'Active', allocations: [{ slot: '', agent: 'a1' }] });
  }
}

function moved(center: CliCenter, kind: string, name: string, task: string, to: string): Promise<void> {
  const message = taskMoveText({ namespace: 'default', task, from: 'a1', to });
  const regarding = { kind, name };
  const time = Date.now();
  return center.store.recordEvents([{ reason: 'TaskMoved', message, regarding, source: 'allocation', time }]);
}

async function tellDrained(center: CliCenter, status: 'True' | 'False', reason: string, message: string) {
  const agent = (await center.store.get<Agent>(agentKey('a1')))!;
  const lastTransitionTime = new Date().toISOString();
  const observedGeneration = agent.metadata.generation;
  const condition = { type: 'Drained', status, reason, message, lastTransitionTime, observedGeneration };
  await center.store.updateStatus<Agent>(agentKey('a1'), { state: 'Ready', conditions: [condition] });
}

const changed = (center: CliCenter, kind: string) =>
  new Promise<void>((resolve) => {
    const off = center.store.onChange((changes) => {
      if (!changes.some((change) => change.kind === kind)) return;
      off();
      resolve();
    });
  });

t.test('cordon and uncordon (C-31)', async (t) => {
  const { center, user } = await setUp(t);
  t.match(await user.type('cordon a1 agent/a2'), { code: 0, stdout: line('a1 cordoned') + line('a2 cordoned') });
  t.match(await user.type('cordon ag/a1'), { code: 0, stdout: line('a1 already cordoned') });
  t.match(await user.type('get agents'), { stdout: /^a1 +Ready,SchedulingDisabled /m });
  const counted = 'Cluster default: 2 of 2 agents ready, 2 cordoned\n';
  t.match(await user.type('cluster-info'), { stdout: counted }, 'ready and cordoned are two things');
  await center.agent('a1');
  const { spec } = (await center.store.get<Agent>(agentKey('a1')))!;
  t.equal(spec.unschedulable, true, 'a heartbeat leaves it');
  t.match(await user.type('uncordon a1'), { code: 0, stdout: line('a1 uncordoned') });
  t.match(await user.type('uncordon a1'), { code: 0, stdout: line('a1 already uncordoned') });
  await center.store.heartbeat('a3', { cluster: 'default' }, { rack: 'b12' }, {});
  t.match(await user.type('cordon -l rack=b12'), { code: 0, stdout: line('a3 cordoned') });
  t.match(await user.type('cordon nope'), { code: 5, stdout: '', stderr: /agents.cloudtask.dev "nope" not found/ });
  t.match(await user.type('cordon'), { code: 2, stderr: 'error: name an agent, or give -l\n' });
  t.match(await user.type('cordon task/x'), { code: 2, stderr: /expected agent\/NAME/ });
  for (const verb of ['cordon', 'uncordon', 'drain', 'rebalance']) {
    t.match(await user.type(`${verb} --help`), {
      code: 0,
      stdout: new RegExp(`Usage: ctask ${verb} .*Examples:`, 's'),
    });
  }
});

t.test('drain tells each step and ends when the agent is drained (C-32)', async (t) => {
  const { center, user } = await setUp(t);
  await owned(center, user, 'hello', 'report');
  await moved(center, 'Agent', 'a1', 'old', 'a2'); // of an earlier drain
  const run = await center.scheduled('report', 60_000, { state: 'Running', startTime: Date.now() - 5000 });
  const asked = changed(center, 'Agent');
  const drain = user.start(['drain', 'a1']);
  await asked;
  t.match((await center.store.get<Agent>(agentKey('a1')))?.spec, { unschedulable: true, drain: 'WaitForRuns' });
  await moved(center, 'Agent', 'a1', 'hello', 'a2');
  await drain.until(({ stdout }) => stdout.includes('task/hello moved to a2\n'));
  await drain.until(({ stdout }) => stdout.includes(`run/${run.metadata.name} still running…\n`));
  await tellDrained(center, 'False', 'NoEligibleAgent', '1 task left; no other agent may have default/report');
  await drain.until(({ stderr }) => stderr.includes('waiting: 1 task left; no other agent may have default/report\n'));
  await moved(center, 'Agent', 'a1', 'report', 'a2');
  await tellDrained(center, 'True', 'Drained', 'the agent owns no task any more');
  const { code, stdout } = await drain.done;
  t.equal(code, 0);
  t.same(stdout.split('\n'), [
    line('a1 cordoned').trim(),
    'task/hello moved to a2',
    `run/${run.metadata.name} still running…`,
    'task/report moved to a2',
    line('a1 drained').trim(),
    '',
  ]);
  t.match(await user.type('get agents'), { stdout: /^a1 +Ready,SchedulingDisabled,Drained /m });
  t.match(await user.type('describe agent a1'), { stdout: /Drain: +WaitForRuns: the agent owns no task any more/ });
  t.match(await user.type('drain a1'), { code: 0, stdout: line('a1 already cordoned') + line('a1 drained') }, 'again');
});

t.test('drain: out of time, taken back, wrong', async (t) => {
  const { center, user } = await setUp(t);
  const late = await user.type('drain a1 --timeout 300ms --ignore-running');
  t.match(late, { code: 8, stdout: line('a1 cordoned') });
  t.match(late.stderr, /agent "a1" is not drained in time .*; the drain goes on, 'ctask uncordon a1' takes it back/);
  t.match((await center.store.get<Agent>(agentKey('a1')))?.spec, { drain: 'IgnoreRuns' });
  const drain = user.start(['drain', 'a1']);
  await drain.until(({ stdout }) => stdout.includes('already cordoned'));
  t.match(await user.type('uncordon a1'), { code: 0 });
  t.equal((await center.store.get<Agent>(agentKey('a1')))?.spec.drain, undefined);
  t.match(await drain.done, { code: 6, stderr: /the drain of agent "a1" was taken back/ });
  const other = user.start(['drain', 'a2']);
  await other.until(({ stdout }) => stdout.includes('cordoned'));
  await user.type('delete agent a2');
  t.match(await other.done, { code: 5, stderr: /agent "a2" was deleted/ });
  t.match(await user.type('drain nope'), { code: 5 });
  t.match(await user.type('drain a1 --timeout soon'), { code: 2, stderr: /--timeout "soon" is not a duration/ });
  t.match(await user.type('drain'), { code: 2 });
});

t.test('drain --cancel-after: a time on the agent, that of the latest request', async (t) => {
  const { center, user } = await setUp(t);
  const spec = async () => (await center.store.get<Agent>(agentKey('a1')))?.spec;
  const before = Date.now();
  t.match(await user.type('drain a1 --cancel-after 5m --timeout 100ms'), { code: 8 });
  const { cancelRunsTime = '' } = (await spec())!;
  const until = Date.parse(cancelRunsTime) - 300_000;
  t.ok(before <= until && until <= Date.now(), cancelRunsTime);
  t.match(await user.type('drain a1 --timeout 100ms'), { code: 8 });
  t.equal((await spec())?.cancelRunsTime, undefined, 'without it the drain waits for ever again');
  await user.type('drain a1 --cancel-after 0s --timeout 100ms');
  t.match(await user.type('uncordon a1'), { code: 0 });
  t.notOk('cancelRunsTime' in (await spec())!);
  const wrong = { code: 2, stderr: /--cancel-after "soon" is not a duration such as 5m/ };
  t.match(await user.type('drain a1 --cancel-after soon'), wrong);
  t.match(await user.type('drain a1 --cancel-after 5m --ignore-running'), { code: 2, stderr: /give one of them/ });
  t.match(await user.type('drain a1 --cancel-after 999999d'), {
    stderr: /"cancelAfter": "999999d" is more than a year/,
  });
  t.notOk('drain' in (await spec())!, 'nothing half done');
});

t.test('rebalance shows, asks for exactly that, and tells what was made', async (t) => {
  const { center, user } = await setUp(t);
  await owned(center, user, 'one', 'two', 'three', 'four');
  const shown = await user.type('rebalance --dry-run');
  t.equal(shown.code, 0);
  const moves = shown.stdout.trim().split('\n');
  t.equal(moves.length, 2);
  for (const move of moves) t.match(move, /^task\/\w+ a1 -> a2$/);
  const before = (await center.store.get<Cluster>(clusterKey))!;
  t.equal(before.spec.rebalanceRequest, undefined, 'shown only');

  const answer = async (state: 'Refused' | 'Done') => {
    const { id, digest } = (await center.store.get<Cluster>(clusterKey))!.spec.rebalanceRequest!;
    if (state === 'Done') {
      for (const move of moves) await moved(center, 'Cluster', 'default', /^task\/(\w+)/.exec(move)![1]!, 'a2');
    }
    await center.store.updateStatus<Cluster>(clusterKey, { rebalance: { request: id, state, moves: 2, left: 0 } });
    return digest;
  };
  let asked = changed(center, 'Cluster');
  const rebalance = user.start(['rebalance']);
  await asked;
  asked = changed(center, 'Cluster');
  const again = asked.then(() => changed(center, 'Cluster'));
  const digest = await answer('Refused'); // the allocation changed meanwhile: it asks again
  await again;
  t.equal(await answer('Done'), digest);
  const { code, stdout } = await rebalance.done;
  t.equal(code, 0);
  const told = stdout.trim().split('\n');
  t.equal(told.pop(), 'cluster.cloudtask.dev/default rebalanced');
  t.same(told.sort(), moves.sort());
});

t.test('rebalance: nothing to do, no such cluster, release, wrong', async (t) => {
  const { center, user } = await setUp(t);
  const balanced = 'cluster.cloudtask.dev/default unchanged (balanced)\n';
  t.match(await user.type('rebalance --dry-run'), { code: 0, stdout: balanced });
  t.match(await user.type('rebalance'), { code: 0, stdout: balanced });
  t.match(await user.type('rebalance nope'), { code: 5 });
  t.match(await user.type('rebalance cl/default --release'), {
    code: 0,
    stdout: 'cluster.cloudtask.dev/default unchanged\n',
  });
  const condition = { type: 'MovesStopped', status: 'True', reason: 'MassLoss', message: '3 agents went' } as const;
  const lastTransitionTime = new Date().toISOString();
  await center.store.updateStatus<Cluster>(clusterKey, {
    agents: 1,
    conditions: [{ ...condition, lastTransitionTime }],
  });
  t.match(await user.type('get clusters'), { stdout: /^default +Ready,MovesStopped /m });
  t.match(await user.type('describe cluster default'), { stdout: /Moves: +3 agents went/ });
  t.match(await user.type('describe agent a1'), { stdout: /^ +Running: +0$/m });
  await center.store.updateStatus<Agent>(agentKey('a1'), { state: 'NotReady' });
  t.match(await user.type('describe agent a1'), { stdout: /^ +Running: +<unknown>$/m }, 'its runs may go on');
  t.match(await user.type('describe cluster default'), { stdout: /^ +a1 +NotReady +\d+ +<unknown>$/m });
  t.match(await user.type('rebalance --release'), { code: 0, stdout: 'cluster.cloudtask.dev/default released\n' });
  const { spec } = (await center.store.get<Cluster>(clusterKey))!;
  t.ok(Date.now() - Date.parse(spec.massLoss!.releasedTime!) < 60_000);
  t.match(await user.type('rebalance --release --dry-run'), { code: 2, stderr: /exclude each other/ });
});
