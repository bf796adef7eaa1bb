// What becomes of work here when a slot or the agent's name belongs to somebody else.
import t from 'tap';
import { encodeRegistration } from '../coordination/index.js';
import { AgentBench } from '../test/support/agent-bench.js';
import { final, startOnDemand } from '../test/support/agent-helpers.js';

t.test('a retry whose slot moves while it waits ends here', async (t) => {
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
