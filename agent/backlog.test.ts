// A task whose runs take longer than its period, and that fell behind: it must get back to its time.
import t from 'tap';
import { AgentBench } from '../test/support/agent-bench.js';

t.test('Forbid: what was overdue runs in turn, what came due meanwhile is skipped, then it is on time', async (t) => {
  const bench = await AgentBench.open(t);
  const agent = await bench.agent();
  const task = bench.task({
    ...{ schedules: [{ every: '2s' }], startingDeadline: '10m' },
    run: { command: ['sleep', '3'] },
  });
  const begin = Date.now();
  const ended = (state: string, reason?: string) =>
    agent.events.next('ended', (report) => report.state === state && report.reason === reason);
  const skipped = ended('Skipped', 'ConcurrencyForbid');
  const onTime = agent.events.next('started', ({ startAt }) => startAt > begin + 6000);
  await bench.allocate('a1', [task], { cursor: begin - 5000 });
  const first = await ended('Succeeded');
  t.ok((first.scheduledTime ?? 0) < begin, 'overdue, and not skipped');
  t.ok(((await skipped).scheduledTime ?? 0) > begin);
  const { startAt, startTime } = await onTime;
  t.ok(startTime - startAt < 6000, 'its backlog does not make it late any more');
});
