import t from 'tap';
import { AgentBench } from '../test/support/agent-bench.js';
import { startOnDemand, untilLogEnded } from '../test/support/agent-helpers.js';

t.test('a script gets its arguments, also below a directory with a space in its name', async (t) => {
  const bench = await AgentBench.open(t);
  const agent = await bench.agent('a 1');
  const task = bench.task({ run: { script: 'printf "%s|" "$@"' } });
  await bench.allocate('a 1', [task]);
  const run = startOnDemand(bench, task, { args: ['one', 'two words'] });
  t.match(await agent.events.next('ended'), { state: 'Succeeded' });
  await untilLogEnded(bench, run.uid);
  t.equal(bench.center.text(run.uid, 1, 'stdout'), 'one|two words|');
});
