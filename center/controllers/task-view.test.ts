import t from 'tap';
import type { Task } from '../../manifests/index.js';
import { task } from '../../test/support/leading-center.js';
import type { Stored } from '../store/store-types.js';
import { firesUntilOf, taskViewOf } from './task-view.js';

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

t.test('until when time points are run: for ever, or not at all, or until the last of them is past', async (t) => {
  const at = [{ name: 'once', at: '2026-11-23T10:00:00Z' }];
  const point = Date.UTC(2026, 10, 23, 10);
  const status = (of: Partial<Task['spec']>, was: object) =>
    firesUntilOf({ ...task('t', of), status: was } as unknown as Stored<Task>).firesUntil;
  const every = { schedules: [...at, { name: 'hourly', every: '1h' }] };
  t.equal(viewOf(every).firesUntil, undefined);
  t.equal(viewOf({ schedules: [] }).firesUntil, 0, 'by hand, or after others');
  t.equal(status({ ...every, maxRuns: 2 }, { state: 'Complete' }), 0);
  t.equal(status({ ...every, maxRuns: 2 }, { state: 'Active' }), undefined);
  t.equal(viewOf({ schedules: at, catchUpWindow: '2h' }).firesUntil, point + 7_200_000);
  const lastRun = (time: string) => ({ state: 'Active', lastRun: { name: 'r', state: 'Succeeded', time } });
  t.equal(status({ schedules: at, catchUpWindow: '2h' }, lastRun('2026-11-23T09:00:00Z')), point + 7_200_000);
  t.equal(status({ schedules: at, catchUpWindow: '2h' }, lastRun('2026-11-23T10:00:09Z')), point);
});
