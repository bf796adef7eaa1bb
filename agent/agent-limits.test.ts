import t from 'tap';
import { AgentBench } from '../test/support/agent-bench.js';
import { startOnDemand } from '../test/support/agent-helpers.js';

t.test('a run says which limit ended it, and who held each', { skip: process.platform !== 'linux' }, async (t) => {
  const bench = await AgentBench.open(t);
  const agent = await bench.agent();
  const task = bench.task({
    run: { script: 'head -c 60000000 /dev/zero | tail -c 60000000 | sleep 1000' },
    resources: { limits: { cpu: '0.5', memory: '32Mi', pids: 50, openFiles: 128, fileSize: '1Gi' } },
  });
  await bench.allocate('a1', [task]);
  startOnDemand(bench, task);
  const end = await agent.events.next('ended');
  t.match(end, { state: 'Failed', reason: 'MemoryLimit', message: /more memory than spec\.resources\.limits\.memory/ });
  const [attempt] = end.attempts;
  t.same(attempt?.limits, {
    cpu: 'NotEnforced',
    memory: 'Sampled',
    pids: 'Sampled',
    openFiles: 'Prlimit',
    fileSize: 'Prlimit',
  });
  t.equal(attempt?.usageSource, 'Sampled');
  t.ok((attempt?.peakMemoryBytes ?? 0) > 32 * 1024 * 1024);
});
