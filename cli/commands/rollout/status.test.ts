import t from 'tap';
import type { Task } from '../../../manifests/index.js';
import { progress } from './status.js';

t.test('a time point that has just passed is due now', async (t) => {
  const now = Date.parse('2026-11-22T23:21:48.500Z');
  const task = {
    metadata: { name: 'hello', generation: 1 },
    spec: {},
    status: {
      observedGeneration: 1,
      nextTime: '2026-11-22T23:21:45.000Z',
      conditions: [{ type: 'Ready', status: 'True' }],
    },
  } as unknown as Task;
  t.equal(progress(task, now).line, 'task "hello" is active: next run 2026-11-22T23:21:45Z (in 0s)');
});
