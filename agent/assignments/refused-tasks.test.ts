import t from 'tap';
import { AgentBench } from '../../test/support/agent-bench.js';

t.test('a task that cannot be scheduled here is told to the center, until it is another one or not ours', async (t) => {
  const bench = await AgentBench.open(t);
  const agent = await bench.agent();
  const odd = bench.task({
    schedules: [{ cron: '* * * * * *' }],
    timeZone: 'Mars/Olympus',
    run: { command: ['true'] },
  });
  const fine = bench.task({ schedules: [{ every: '1s' }], run: { command: ['true'] } });
  const told = async (count: number) => {
    for (;;) {
      const { refusedTasks = [] } = bench.center.lastHeartbeat ?? {};
      if (refusedTasks.length === count) return refusedTasks;
      await bench.center.events.next('heartbeat');
    }
  };
  await told(0);
  const ended = agent.events.next('ended');
  await bench.allocate('a1', [odd, fine]);
  t.match(await ended, { taskUid: bench.uid(fine) }, 'the other one fires');
  t.match(await told(1), [{ uid: bench.uid(odd), message: /Mars\/Olympus/ }]);
  await bench.change(odd, { owner: 'a2', ownerEpoch: 2 });
  t.same(await told(0), []);
});
