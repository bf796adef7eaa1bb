// The center of dashboard-scale in a process of its own: says where it is when all tasks are there, changes some ten times a second from
// the first line on its input, and ends with its input.
import { once } from 'node:events';
import { systemClock } from '../../base/index.js';
import { API_VERSION, type Task } from '../../manifests/index.js';
import { CliCenter } from '../support/cli-center.js';

const BATCH = 1_000;
const TICK_MS = 100;
/** Three, so that two changes that come together do not undo each other. */
const STATES = ['Degraded', 'Active', 'Suspended'] as const;

const [home = '', count = '', rate = ''] = process.argv.slice(2);
const tasks = Number(count);
const center = new CliCenter(home);
await center.start();

const nameOf = (i: number) => `task-${String(i).padStart(5, '0')}`;
for (let start = 0; start < tasks; start += BATCH) {
  const batch = Array.from({ length: BATCH }, (_, i) => ({
    ...{ apiVersion: API_VERSION, kind: 'Task', metadata: { name: nameOf(start + i), namespace: 'default' } },
    spec: { schedules: [{ name: 'default', cron: '0 2 * * *' }], run: { command: ['/bin/true'] } },
  })) as unknown as Task[];
  await center.store.apply(batch, { user: 'bench' });
}
console.log(JSON.stringify({ url: center.url, tokenFile: center.tokenFile }));

/** Half of the changes are to tasks that the screen shows. */
async function change(signal: AbortSignal): Promise<void> {
  const each = (Number(rate) * TICK_MS) / 1000;
  let due = systemClock.monotonic();
  for (let round = 0; !signal.aborted; round++) {
    const state = STATES[round % STATES.length];
    const numbers = Array.from({ length: each }, (_, i) => (i < each / 2 ? i : (round * each + i) % tasks));
    await Promise.all(
      numbers.map((i) => {
        const status = { state } as unknown as NonNullable<Task['status']>;
        return center.store.updateStatus<Task>({ kind: 'Task', namespace: 'default', name: nameOf(i) }, status);
      }),
    );
    // As many a second as were promised, also when the machine is busy.
    due += TICK_MS;
    await systemClock.sleep(Math.max(0, due - systemClock.monotonic()));
  }
}

const stop = new AbortController();
await once(process.stdin, 'data');
const changing = change(stop.signal);
await once(process.stdin, 'end');
stop.abort();
await changing;
await center.stop();
