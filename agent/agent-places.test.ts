// A limit of attempts at a time (`--max-running`), on real processes and across the death of the agent.
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { AgentBench } from '../test/support/agent-bench.js';
import { startOnDemand } from '../test/support/agent-helpers.js';

const busy = (uid: string) => (report: { uid: string; state: string; reason?: string }) =>
  report.uid === uid && report.state === 'Queued' && report.reason === 'AgentBusy';

t.test('what waits for a place is started once, by priority, also when the agent is killed meanwhile', async (t) => {
  const bench = await AgentBench.open(t, { maxRunning: 1 });
  const go = join(bench.directory, 'go');
  const done = join(bench.directory, 'done');
  const script = (name: string, first = '') => ({ run: { script: `${first} echo ${name} >> ${done}` } });
  const long = bench.task(script('long', `while [ ! -e ${go} ]; do sleep 0.1; done;`), 'long');
  const low = bench.task(script('low'), 'low');
  const high = bench.task({ ...script('high'), priority: 5 }, 'high');
  const first = await bench.agentProcess();
  await bench.allocate('a1', [long, low, high]);
  const started = first.line('started');
  startOnDemand(bench, long);
  await started;
  for (const task of [low, high]) {
    const told = bench.center.events.next('report', (report) => report.taskUid === bench.uid(task));
    const run = startOnDemand(bench, task);
    t.ok(busy(run.uid)(await told), 'it waits, and the center knows why');
  }
  first.child.kill('SIGKILL');
  await once(first.child, 'exit');

  const agent = await bench.agent();
  const ended = new Promise<string[]>((resolve) => {
    const names: string[] = [];
    agent.events.on('ended', ({ task, state }) => {
      names.push(`${task} ${state}`);
      if (names.length === 3) resolve(names);
    });
  });
  writeFileSync(go, '');
  t.strictSame(await ended, ['long Succeeded', 'high Succeeded', 'low Succeeded']);
  t.equal(readFileSync(done, 'utf8'), 'long\nhigh\nlow\n', 'each of them ran once');
});
