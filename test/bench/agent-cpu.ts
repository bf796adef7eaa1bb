// Processor time of the agent's own process per run, and runs/s end to end, for a backlog of tasks due at once. The agent
// runs as a process of its own; coordination, the recording center and the leader are in this one.
// Usage: TMPDIR=/dev/shm tsx test/bench/agent-cpu.ts [runs]
import { readFileSync } from 'node:fs';
import { AgentBench } from '../support/agent-bench.js';

const runs = Number(process.argv[2] ?? 1000);
const teardowns: (() => unknown)[] = [];
const bench = await AgentBench.open({ teardown: (fn) => teardowns.push(fn) });
const agent = await bench.agentProcess();
/** User plus system time, ms; a tick is 10 ms. */
const cpuOf = (pid: number) => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
};
const pid = agent.child.pid ?? 0;
for (const round of ['cold', 'warm', 'warm']) {
  const at = new Date(Date.now() + 500).toISOString();
  const tasks = Array.from({ length: runs }, () =>
    bench.task({
      schedules: [{ at }],
      run: { command: ['/bin/true'] },
      startingDeadline: '10m',
      concurrencyPolicy: 'Allow',
    }),
  );
  const before = cpuOf(pid);
  const begin = performance.now();
  let first = 0;
  let left = runs;
  const done = new Promise<void>((resolve) => {
    const off = bench.center.events.on('report', (report) => {
      if (report.endTime === undefined) return;
      first ||= performance.now();
      left -= 1;
      if (left > 0) return;
      off();
      resolve();
    });
  });
  await bench.allocate('a1', tasks);
  await done;
  const seconds = (performance.now() - first) / 1000;
  process.stdout.write(
    `${JSON.stringify({
      round,
      runs,
      agentCpuMicrosPerRun: Math.round(((cpuOf(pid) - before) * 1000) / runs),
      runsPerSecond: Math.round(runs / seconds),
      withAllocationSeconds: Math.round(performance.now() - begin) / 1000,
    })}\n`,
  );
}
for (const teardown of teardowns) await teardown();
process.exit(0);
