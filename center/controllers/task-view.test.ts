import t from 'tap';
import type { Task } from '../../manifests/index.js';
import { task } from '../../test/support/leading-center.js';
import type { Stored } from '../store/store-types.js';
import { taskViewOf } from './task-view.js';

const viewOf = (spec: Partial<Task['spec']>) => {
  const made = task('t', spec);
  const metadata = { ...made.metadata, uid: 'u', generation: 1, creationTimestamp: '2026-11-22T12:00:00Z' };
  return taskViewOf({ ...made, metadata } as Stored<Task>);
};

t.test(
  'runs overlap freely under Allow without a limit alone: all others are blocked by a former owner’s (rule R8)',
  async (t) => {
    t.equal(viewOf({ concurrencyPolicy: 'Allow' }).allowsOverlap, true);
    t.equal(viewOf({ concurrencyPolicy: 'Allow', maxConcurrentRuns: 5 }).allowsOverlap, false);
    for (const concurrencyPolicy of ['Forbid', 'Queue', 'Replace'] as const) {
      t.equal(viewOf({ concurrencyPolicy }).allowsOverlap, false, concurrencyPolicy);
    }
    t.equal(viewOf({}).allowsOverlap, false);
  },
);

t.test('a retry elsewhere is said, the same agent is not', async (t) => {
  t.equal(viewOf({ retry: { limit: 1, agent: 'Other' } }).retryElsewhere, true);
  t.notOk('retryElsewhere' in viewOf({ retry: { limit: 1, agent: 'Same' } }));
});
