// spec.maxRuns: at most so many time points are run, whoever owns the task, and what came to nothing does not count.
import t, { type Test } from 'tap';
import { FakeClock } from '../../base/index.js';
import type { TaskSpec } from '../../manifests/index.js';
import { AgentWorld, type OwnedTask } from '../../test/semantics/agent-world.js';

const start = Date.parse('2026-03-02T10:00:00Z');
const MINUTE = 60_000;

const minutely = (spec: Partial<TaskSpec>): TaskSpec => ({
  schedules: [{ every: '1m' }],
  run: { command: ['true'] },
  ...spec,
});

function worldOf(t: Test, takesMs: (index: number) => number = () => 1000, exitCode = 0) {
  const clock = new FakeClock(start);
  const fate = (index: number) => ({ ms: takesMs(index), exitCode });
  const world = new AgentWorld({ directory: t.testdir(), clock, fate });
  t.teardown(() => world.end());
  return { world, clock };
}

/** What each time point came to, from the first on. */
function endsOf(world: AgentWorld): string[] {
  const ends = new Map<number, string>();
  for (const { scheduledTime, state, reason } of world.reports) {
    if (scheduledTime !== null) ends.set(scheduledTime, reason ?? state);
  }
  return [...ends].sort(([a], [b]) => a - b).map(([, end]) => end);
}

const countOf = ({ register }: OwnedTask) => register.current.record.runs;

t.test('so many time points run, the later ones are recorded, and others do not count', async (t) => {
  const { world } = worldOf(t);
  const owned = world.own('task', minutely({ maxRuns: 3 }));
  await world.advanceTo(start + 90_000);
  world.startManual(owned);
  await world.advanceTo(start + 6 * MINUTE + 15_000);
  t.strictSame(endsOf(world), ['Succeeded', 'Succeeded', 'Succeeded', 'MaxRuns', 'MaxRuns', 'MaxRuns']);
  t.equal(countOf(owned), 3);
  t.equal(world.runner.processes.length, 4, 'and the run on demand');
  world.startManual(owned);
  await world.advanceTo(start + 7 * MINUTE);
  t.equal(world.runner.processes.length, 5, 'which goes on to work');
});

t.test('further attempts do not count, runs that end badly do', async (t) => {
  const { world } = worldOf(t, undefined, 1);
  const retry = { limit: 1, backoff: { initial: '5s', jitter: 0 } };
  world.own('task', minutely({ maxRuns: 2, retry }));
  await world.advanceTo(start + 3 * MINUTE + 30_000);
  t.strictSame(endsOf(world), ['ExitCode', 'ExitCode', 'MaxRuns']);
  t.equal(world.runner.processes.length, 4);
});

t.test('a time point that is skipped because another run is open does not count', async (t) => {
  const { world } = worldOf(t, (index) => (index === 0 ? 150_000 : 1000));
  const owned = world.own('task', minutely({ maxRuns: 2 }));
  await world.advanceTo(start + 6 * MINUTE);
  t.strictSame(endsOf(world).slice(0, 5), [
    'Succeeded',
    'ConcurrencyForbid',
    'ConcurrencyForbid',
    'Succeeded',
    'MaxRuns',
  ]);
  t.equal(countOf(owned), 2);
});

t.test('a record does not say that there are no runs left while there are', async (t) => {
  const { world } = worldOf(t, (index) => (index === 0 ? 150_000 : 1000));
  const owned = world.own('task', minutely({ maxRuns: 2 }));
  await world.advanceTo(start + 2 * MINUTE + 30_000);
  t.strictSame(endsOf(world), ['Running', 'ConcurrencyForbid']);
  t.equal(countOf(owned), 1, 'what came to nothing is taken off at once');
  const { version } = owned.register.current;
  await world.advanceTo(start + 3 * MINUTE - 5000);
  t.equal(owned.register.current.version, version, 'once');
});

t.test('a correction that fails leaves the count too high, never too low', async (t) => {
  const { world } = worldOf(t, (index) => (index === 0 ? 90_000 : 1000));
  const owned = world.own('task', minutely({ maxRuns: 2 }));
  owned.register.refuseNext();
  await world.advanceTo(start + 6 * MINUTE);
  t.strictSame(endsOf(world).slice(0, 3), ['Succeeded', 'ConcurrencyForbid', 'MaxRuns']);
  t.equal(countOf(owned), 2);
});

t.test('the next owner goes on counting', async (t) => {
  const { world } = worldOf(t);
  const owned = world.own('task', minutely({ maxRuns: 3 }), { runs: 2 });
  await world.advanceTo(start + 3 * MINUTE);
  t.strictSame(endsOf(world).slice(0, 2), ['Succeeded', 'MaxRuns']);
  t.equal(countOf(owned), 3);
});

t.test('what is caught up counts, one time point after the other', async (t) => {
  const { world } = worldOf(t);
  world.own('task', minutely({ maxRuns: 2, missedRunPolicy: 'RunAll' }), { cursor: start - 4 * MINUTE - 1 });
  await world.advanceTo(start + 30_000);
  t.strictSame(endsOf(world), ['Succeeded', 'Succeeded', 'MaxRuns', 'MaxRuns', 'MaxRuns']);
});

t.test('a larger number lets it go on; a suspension says its own reason', async (t) => {
  const { world } = worldOf(t);
  const owned = world.own('task', minutely({ maxRuns: 1 }));
  await world.advanceTo(start + MINUTE + 30_000);
  owned.register.change({ suspended: true });
  world.look(owned);
  await world.advanceTo(start + 2 * MINUTE + 30_000);
  t.strictSame(endsOf(world), ['Succeeded', 'Suspended']);
  owned.register.change({ suspended: false });
  world.look({ ...owned, task: { ...owned.task, policy: { ...owned.task.policy, maxRuns: 2 } } });
  await world.advanceTo(start + 5 * MINUTE);
  t.strictSame(endsOf(world), ['Succeeded', 'Suspended', 'Succeeded', 'MaxRuns', 'MaxRuns']);
});

t.test('nothing is counted of a task without it', async (t) => {
  const { world } = worldOf(t);
  const owned = world.own('task', minutely({}));
  await world.advanceTo(start + 3 * MINUTE);
  t.equal(countOf(owned), undefined);
});
