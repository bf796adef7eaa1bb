import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { silentLogger } from '../../base/index.js';
import type { Task } from '../../manifests/index.js';
import { TaskCache } from './task-cache.js';

const task = (generation: number) =>
  ({
    apiVersion: 'cloudtask.dev/v1',
    kind: 'Task',
    metadata: { name: 'hello', namespace: 'default', uid: 'u1', generation },
    spec: { schedules: [{ every: '1s' }], run: { command: ['true'] } },
  }) as Task;

t.test('a task is kept, for this process and for the next one', async (t) => {
  const dataDir = t.testdir();
  const cache = new TaskCache(dataDir, silentLogger);
  await cache.open();
  t.equal(await cache.get('u1'), undefined);
  t.equal((await cache.put(task(1))).generation, 1);
  t.equal((await cache.get('u1'))?.generation, 1);
  t.equal((await new TaskCache(dataDir, silentLogger).get('u1'))?.generation, 1);
  await cache.delete('u1');
  t.equal(await cache.get('u1'), undefined);
});

t.test('a disk that takes nothing does not keep a task from being scheduled', async (t) => {
  const dataDir = t.testdir();
  const cache = new TaskCache(dataDir, silentLogger);
  await cache.open();
  await cache.put(task(1));
  await mkdir(join(dataDir, 'tasks', 'u1.json.tmp')); // the next write fails, as on a full disk
  t.equal((await cache.put(task(2))).generation, 2);
  t.equal((await cache.get('u1'))?.generation, 2);
  t.same(await readdir(join(dataDir, 'tasks')), ['u1.json', 'u1.json.tmp']);
});
