import { mkdir, readdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { FakeClock, silentLogger } from '../../base/index.js';
import type { Task } from '../../manifests/index.js';
import { TimerQueue } from '../schedule-loop/timer-queue.js';
import { TaskCache } from './task-cache.js';

const task = (generation: number) =>
  ({
    apiVersion: 'cloudtask.dev/v1',
    kind: 'Task',
    metadata: { name: 'hello', namespace: 'default', uid: 'u1', generation },
    spec: { schedules: [{ every: '1s' }], run: { command: ['true'] } },
  }) as Task;

function cacheIn(dataDir: string, clock = new FakeClock()): TaskCache {
  return new TaskCache({ dataDir, clock, timers: new TimerQueue(clock), log: silentLogger });
}

t.test('a task is kept, for this process and for the next one', async (t) => {
  const dataDir = t.testdir();
  const cache = cacheIn(dataDir);
  await cache.open();
  t.equal(await cache.get('u1'), undefined);
  t.equal((await cache.put(task(1))).generation, 1);
  t.equal((await cache.get('u1'))?.generation, 1);
  t.equal((await cacheIn(dataDir).get('u1'))?.generation, 1);
  await cache.delete('u1');
  t.equal(await cache.get('u1'), undefined);
});

t.test(
  'a disk that takes nothing does not keep a task from being scheduled, and has it when it takes it',
  async (t) => {
    const dataDir = t.testdir();
    const clock = new FakeClock();
    const cache = cacheIn(dataDir, clock);
    await cache.open();
    await cache.put(task(1));
    const inTheWay = join(dataDir, 'tasks', 'u1.json.tmp');
    await mkdir(inTheWay); // the next write fails, as on a full disk
    t.equal((await cache.put(task(2))).generation, 2);
    t.equal((await cache.get('u1'))?.generation, 2);
    t.same(await readdir(join(dataDir, 'tasks')), ['u1.json', 'u1.json.tmp']);
    const stored = async () => (await cacheIn(dataDir).get('u1'))?.generation;
    await clock.advance(5_000);
    t.equal(await stored(), 1);
    await rmdir(inTheWay);
    // Each look gives the file system time of its own.
    while ((await stored()) !== 2) await clock.advance(1_000);
    t.pass('a restart finds it');
  },
);

t.test('a task that is given up is not written again', async (t) => {
  const dataDir = t.testdir();
  const clock = new FakeClock();
  const cache = cacheIn(dataDir, clock);
  await cache.open();
  const inTheWay = join(dataDir, 'tasks', 'u1.json.tmp');
  await mkdir(inTheWay);
  const put = cache.put(task(1));
  await Promise.all([put, cache.delete('u1')]);
  await cache.put({ ...task(1), metadata: { ...task(1).metadata, uid: 'u2' } });
  await cache.delete('u1');
  await rmdir(inTheWay);
  await clock.advance(5_000);
  t.equal(await cache.get('u1'), undefined);
  t.same(await readdir(join(dataDir, 'tasks')), ['u2.json']);
});
