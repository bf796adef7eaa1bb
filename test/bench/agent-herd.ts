// Lateness of one agent: a herd of N tasks due in the same second, tasks one at a time (idle), and a sustained rate. The
// start is the instant the runner noted. Usage: tsx test/bench/agent-herd.ts [herd …]
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { platform } from '../../agent/index.js';
import { AgentBench } from '../support/agent-bench.js';

const sizes = process.argv.slice(2).map(Number);
const quantile = (sorted: number[], q: number) =>
  sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? 0;
const say = (fields: Record<string, unknown>) => process.stdout.write(`${JSON.stringify(fields)}\n`);

function summary(late: number[]) {
  const sorted = [...late].sort((a, b) => a - b);
  return {
    runs: sorted.length,
    min: sorted[0],
    p50: quantile(sorted, 0.5),
    p99: quantile(sorted, 0.99),
    max: sorted.at(-1),
  };
}

async function measure(
  name: string,
  tasks: number,
  schedule: (now: number) => { at: string }[] | { every: string }[],
  runs: number,
) {
  const teardowns: (() => unknown)[] = [];
  const bench = await AgentBench.open(
    { teardown: (fn) => teardowns.push(fn) },
    { runners: Number(process.env.RUNNERS ?? 1) },
  );
  const agent = await bench.agent();
  const command = ['/bin/true'];
  const now = Date.now();
  const list = Array.from({ length: tasks }, () =>
    bench.task({ schedules: schedule(now), run: { command }, concurrencyPolicy: 'Allow' }),
  );
  const late: number[] = [];
  let ended = 0;
  let reported = 0;
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const done = new Promise<void>((resolve) => {
    agent.events.on('started', ({ startTime, startAt }) => late.push(startTime - startAt));
    agent.events.on('ended', () => {
      ended += 1;
    });
    agent.events.on('reported', (report) => {
      if (report.endTime === undefined) return;
      reported += 1;
      if (reported === runs) resolve();
    });
  });
  await bench.allocate('a1', list, { cursor: now });
  await agent.events.next('allocationApplied');
  delay.enable();
  const cpu = process.cpuUsage();
  const begin = performance.now();
  await done;
  const { user, system } = process.cpuUsage(cpu);
  delay.disable();
  say({
    name,
    ...summary(late),
    ended,
    seconds: Math.round(performance.now() - begin) / 1000,
    cpuMicrosPerRun: Math.round((user + system) / runs),
    loopDelayP99: Math.round(delay.percentile(99) / 1e4) / 100,
    loopDelayMax: Math.round(delay.max / 1e4) / 100,
    boot: platform.bootId().slice(0, 8),
  });
  for (const teardown of teardowns) await teardown();
}

const inSeconds = (seconds: number) => (now: number) => [
  { at: new Date(Math.ceil(now / 1000) * 1000 + seconds * 1000).toISOString() },
];
if (sizes.length === 0) await measure('idle', 1, () => [{ every: '1s' }], 20);
for (const size of sizes) await measure(`herd ${size}`, size, inSeconds(6 + Math.ceil(size / 100)), size);
process.exit(0);
