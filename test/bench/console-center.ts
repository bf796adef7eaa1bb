// The center of console-tasks in a process of its own, with the real store, API and console, and without a leader: what it writes is
// another measurement. Says where it is when a page full of tasks is there, and again when all are; ends with its input.
import { once } from 'node:events';
import { join } from 'node:path';
import { systemClock } from '../../base/index.js';
import { API_VERSION, type Task } from '../../manifests/index.js';
import { CliCenter } from '../support/cli-center.js';
import { repository } from '../support/ctask.js';

const BATCH = 1_000;
const STATES = ['Active', 'Active', 'Active', 'Suspended', 'Degraded'] as const;
const DAY_MS = 86_400_000;

const [home = '', few = '', all = ''] = process.argv.slice(2);
const center = new CliCenter(home, systemClock, join(repository, 'dist', 'console'));
await center.start();

const nameOf = (i: number) => `task-${i}`;

async function add(from: number, to: number): Promise<void> {
  for (let start = from; start < to; start += BATCH) {
    const numbers = Array.from({ length: Math.min(BATCH, to - start) }, (_, i) => start + i);
    const batch = numbers.map((i) => ({
      ...{ apiVersion: API_VERSION, kind: 'Task' },
      metadata: { name: nameOf(i), namespace: 'default', labels: { team: `team-${i % 20}` } },
      spec: { schedules: [{ name: 'default', cron: '0 2 * * *' }], run: { command: ['/bin/true'] } },
    })) as unknown as Task[];
    await center.store.apply(batch, { user: 'bench' });
    await Promise.all(
      numbers.map((i) => {
        const name = nameOf(i);
        const time = (of: number) => new Date(Date.UTC(2026, 0, 1) + ((of * 7919) % DAY_MS)).toISOString();
        const status = {
          ...{ observedGeneration: 1, state: STATES[i % STATES.length], nextTime: time(i + DAY_MS / 2) },
          allocations: [{ slot: '', agent: `agent-${i % 50}` }],
          lastRun: { name: `${name}-1`, state: 'Succeeded', time: time(i) },
        } as NonNullable<Task['status']>;
        return center.store.updateStatus<Task>({ kind: 'Task', namespace: 'default', name }, status);
      }),
    );
  }
}

await add(0, Number(few));
console.log(JSON.stringify({ url: center.url, tokenFile: center.tokenFile }));
await once(process.stdin, 'data');
await add(Number(few), Number(all));
console.log('all');
await once(process.stdin, 'end');
await center.stop();
