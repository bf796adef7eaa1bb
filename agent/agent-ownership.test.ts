// What becomes of work here when a slot or the agent's name belongs to somebody else.
import t from 'tap';
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
