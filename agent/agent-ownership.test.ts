// What becomes of work here when a slot or the agent's name belongs to somebody else.
import t from 'tap';
import { type Logger, silentLogger, systemClock } from '../base/index.js';
import { decodeRegistration, encodeRegistration, encodeTriggerRecord } from '../coordination/index.js';
import { AgentBench } from '../test/support/agent-bench.js';
import { ends, final, startOnDemand } from '../test/support/agent-helpers.js';
import { TcpProxy } from '../test/support/tcp-proxy.js';

const SET_DATA = 5;

t.test('a retry of a run on demand whose slot moves while it waits ends here', async (t) => {
  const bench = await AgentBench.open(t);
  const agent = await bench.agent();
  const task = bench.task({ run: { command: ['false'] }, retry: { limit: 1, backoff: { initial: '3s', max: '3s' } } });
  await bench.allocate('a1', [task]);
  const run = startOnDemand(bench, task);
  await agent.events.next('reported', final('Pending'));
  const applied = agent.events.next('allocationApplied', ({ slots }) => slots === 0);
  await bench.change(task, { owner: 'a2', ownerEpoch: 2 });
  await applied;
  t.equal(agent.pending().runs, 1, 'it still waits');
  t.match(await agent.events.next('ended'), { uid: run.uid, state: 'Failed', attempt: 2 });
});

t.test('a run of a former owner that ends between the claim and the start skips nothing', async (t) => {
  const bench = await AgentBench.open(t);
  const agent = await bench.agent();
  const task = bench.task({ schedules: [{ every: '1s' }], run: { command: ['true'] } });
  const claimed = agent.events.next('claimed');
  const first = ends(agent, 1);
  await bench.allocate('a1', [task], { blockedBy: 'a run of a former owner' });
  const { point } = await claimed;
  await bench.change(task, { blockedBy: null });
  t.match(await first, [{ state: 'Succeeded', scheduledTime: point }]);
});

t.test('a time point that waits for the end of a run of a former owner is not passed by the next one', async (t) => {
  let offsetMs = 0;
  const clock = { ...systemClock, now: () => systemClock.now() + offsetMs };
  const bench = await AgentBench.open(t, { clock });
  const agent = await bench.agent();
  const task = bench.task({ schedules: [{ every: '2s' }], run: { command: ['true'] } });
  // 0.4 s after a time point: the next one is claimed 0.1 s later (an overdue one makes the lead 1.5 s), while this one waits
  // for its second look at the block.
  offsetMs = 400 - (systemClock.now() % 2_000);
  const point = Math.floor(clock.now() / 2_000) * 2_000;
  const claimed = agent.events.next('claimed');
  const both = ends(agent, 2);
  await bench.allocate('a1', [task], { blockedBy: 'a run of a former owner', cursor: point - 1 });
  t.match(await claimed, { point });
  await bench.change(task, { blockedBy: null });
  const runs = await both;
  t.match(runs, [{ scheduledTime: point, state: 'Succeeded' }, { scheduledTime: point + 2_000 }]);
});

t.test('a run of a former owner that is still open at the start skips it', async (t) => {
  const bench = await AgentBench.open(t);
  const agent = await bench.agent();
  const task = bench.task({ schedules: [{ every: '1s' }], run: { command: ['true'] } });
  const first = ends(agent, 1);
  await bench.allocate('a1', [task], { blockedBy: 'a run of a former owner' });
  t.match(await first, [{ state: 'Skipped', reason: 'PreviousUnknown' }]);
});

t.test('an agent whose name another one holds claims nothing until it is free', async (t) => {
  const bench = await AgentBench.open(t);
  const coordinator = bench.session.current;
  await coordinator.ensurePath(bench.layout.agents);
  const registration = {
    ...{ incarnation: 'another', bootId: 'b', cluster: 'default', labels: {}, hostname: 'h', version: '' },
    ...{ tzdata: '', holdUntil: null },
  };
  await coordinator.create(bench.layout.agent('a1'), encodeRegistration(registration), 'ephemeral');
  const blocked = await bench.agent('a1');
  const witness = await bench.agent('a2');
  let free = false;
  blocked.events.on('claimed', () => t.ok(free, 'claims only with its own registration'));
  const first = blocked.events.next('claimed');
  const task = () => bench.task({ schedules: [{ every: '1s' }], run: { command: ['true'] } });
  await bench.allocate('a1', [task()]);
  await bench.allocate('a2', [task()]);
  await witness.events.next('ended');
  await witness.events.next('ended');
  free = true;
  await coordinator.delete(bench.layout.agent('a1'), -1);
  await first;
});

t.test('a claim that is found applied in a record that moved since is the last one', async (t) => {
  const bench = await AgentBench.open(t);
  const proxy = await TcpProxy.start({ port: bench.server.port });
  t.teardown(() => proxy.stop());
  const agent = await bench.agent('a1', true, proxy.address);
  const task = bench.task({ concurrencyPolicy: 'Allow', run: { command: ['true'] } });
  await bench.allocate('a1', [task]);
  await agent.events.next('allocationApplied', ({ slots }) => slots === 1);
  startOnDemand(bench, task);
  startOnDemand(bench, task);
  // Heartbeats are such requests, too: the claim is the one after which the record says so.
  do {
    proxy.refuse(false);
    await proxy.loseReply(({ opcode }) => opcode === SET_DATA);
    proxy.refuse(true);
  } while ((await bench.record(task)).claimId === '');
  const claimed = { ...(await bench.record(task)), owner: 'a2', ownerEpoch: 2 };
  // The record only: nothing else may tell the agent.
  const path = bench.layout.trigger(bench.uid(task), '');
  const { stat } = await bench.session.current.getData(path);
  await bench.session.current.setData(path, encodeTriggerRecord(claimed), stat.version);
  const both = ends(agent, 2);
  proxy.refuse(false);
  const states = (await both).map(({ state, reason }) => `${state} ${reason ?? ''}`.trim());
  t.strictSame(states.sort(), ['Missed OwnerChanged', 'Succeeded']);
  t.strictSame(await bench.record(task), claimed, 'the new owner finds its record as it was given');
});

t.test('a record that the server does not let us write is not asked for without a pause', async (t) => {
  let refusals = 0;
  const note = (_: unknown, sentence: string) => {
    if (sentence === 'claim refused') refusals += 1;
  };
  const log: Logger = { ...silentLogger, debug: note, child: () => log };
  const bench = await AgentBench.open(t, { log });
  const agent = await bench.agent();
  const fine = bench.task({ schedules: [{ every: '1s' }], run: { command: ['true'] } });
  const locked = bench.task({ schedules: [{ every: '1s' }], run: { command: ['true'] } });
  await bench.allocate('a1', [locked], {}, [{ permissions: 1, scheme: 'world', id: 'anyone' }]);
  await bench.allocate('a1', [fine]);
  await ends(agent, 3);
  t.ok(refusals > 0, 'it was refused');
  t.ok(refusals < 15, `${refusals} times`);
});

t.test('an agent says its capacity, and until when it will be back, to ZooKeeper and to the center', async (t) => {
  const bench = await AgentBench.open(t, { holdMs: 60_000, capacity: 3 });
  const registered = async () =>
    decodeRegistration((await bench.session.current.getData(bench.layout.agent('a1'))).data);
  const agent = await bench.agent();
  t.match(await registered(), { capacity: 3, holdUntil: null });
  t.match(bench.center.lastHeartbeat, { capacity: 3, holdUntil: undefined });
  const before = Date.now();
  await agent.detach();
  const { holdUntil } = await registered();
  t.ok(holdUntil !== null && holdUntil >= before + 60_000 && holdUntil <= Date.now() + 60_000);
  t.equal(bench.center.lastHeartbeat?.holdUntil, holdUntil);
  const beat = bench.center.events.next('heartbeat');
  await bench.agent();
  await beat;
  t.equal((await registered()).holdUntil, null, 'it is back');
  t.equal(bench.center.lastHeartbeat?.holdUntil, undefined);
});

t.test('maxRuns holds across owners: what authorises a run counts it', async (t) => {
  const bench = await AgentBench.open(t);
  const [first, second] = [await bench.agent('a1'), await bench.agent('a2')];
  const schedules = [{ every: '1s' }];
  const task = bench.task({ run: { command: ['true'] }, schedules, maxRuns: 4, missedRunPolicy: 'RunAll' });
  let started = 0;
  const count = () => {
    started += 1;
  };
  for (const agent of [first, second]) agent.events.on('started', count);
  const rest = bench.center.events.next('report', ({ reason }) => reason === 'MaxRuns');
  const begun = first.events.next('started');
  await bench.allocate('a1', [task]);
  await begun;
  await bench.change(task, { owner: 'a2', ownerEpoch: 2 });
  t.match(await rest, { state: 'Skipped', attempts: [] });
  t.equal((await bench.record(task)).runs, 4);
  t.ok(started <= 4, `${started} started`);
});
