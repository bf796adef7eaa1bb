// spec.maxConcurrentRuns: at most so many runs of a task are open at once.
import t, { type Test } from 'tap';
import { FakeClock } from '../../base/index.js';
import type { TaskSpec } from '../../manifests/index.js';
import { AgentWorld } from '../../test/semantics/agent-world.js';

const start = Date.parse('2026-03-02T10:00:00Z');
const MINUTE = 60_000;

function worldOf(t: Test, takesMs: (index: number) => number, failing = false) {
  const clock = new FakeClock(start);
  const fate = (index: number, { env }: { env: Record<string, string> }) => ({
    ms: takesMs(index),
    exitCode: failing && env.CTASK_ATTEMPT === '1' ? 1 : 0,
  });
  const world = new AgentWorld({ directory: t.testdir(), clock, fate });
  t.teardown(() => world.end());
  return world;
}

const limited = (concurrencyPolicy: 'Allow' | 'Queue', spec: Partial<TaskSpec> = {}): TaskSpec => ({
  schedules: [{ every: '1m' }],
  run: { command: ['true'] },
  concurrencyPolicy,
  maxConcurrentRuns: 2,
  ...spec,
});

function endsOf(world: AgentWorld): string[] {
  const ends = new Map<number, string>();
  for (const { scheduledTime, state, reason } of world.reports) {
    if (scheduledTime !== null) ends.set(scheduledTime, reason ?? state);
  }
  return [...ends].sort(([a], [b]) => a - b).map(([, end]) => end);
}

/** Most processes at a time. */
function peakOf({ runner: { processes } }: AgentWorld): number {
  const goesAt = (at: number) =>
    processes.filter(({ from, to }) => from <= at && (to ?? Number.POSITIVE_INFINITY) > at).length;
  return Math.max(...processes.map(({ from }) => goesAt(from)));
}

t.test('Allow: what is one too many is skipped', async (t) => {
  const world = worldOf(t, () => 2.5 * MINUTE);
  world.own('task', limited('Allow'));
  await world.advanceTo(start + 9.8 * MINUTE);
  t.strictSame(endsOf(world).slice(0, 6), [
    'Succeeded',
    'Succeeded',
    'ConcurrencyLimit',
    'Succeeded',
    'Succeeded',
    'ConcurrencyLimit',
  ]);
  t.equal(peakOf(world), 2);
});

t.test('Queue: what is one too many waits, and one more is skipped', async (t) => {
  const world = worldOf(t, () => 3.5 * MINUTE);
  world.own('task', limited('Queue'));
  await world.advanceTo(start + 20 * MINUTE);
  const ends = endsOf(world).slice(0, 8);
  t.strictSame(new Set(ends), new Set(['Succeeded', 'ConcurrencyQueueFull']));
  t.equal(peakOf(world), 2);
  const gaps = world.runner.processes.filter(({ from }) => from > start + 4 * MINUTE && (from - start) % MINUTE !== 0);
  t.ok(gaps.length > 0, 'one that waited starts when another one ends');
});

t.test('runs on demand count, and are counted', async (t) => {
  const world = worldOf(t, () => 90_000);
  const owned = world.own('task', limited('Allow', { schedules: [{ every: '1h' }] }));
  await world.advanceTo(start + 30_000);
  const asked = [1, 2, 3].map(() => world.startManual(owned));
  await world.advanceTo(start + 40_000);
  const states = asked.map((name) => world.reports.filter((report) => report.name === name).at(-1));
  t.match(states[2], { state: 'Skipped', reason: 'ConcurrencyLimit' });
  t.strictSame(
    states.slice(0, 2).map((report) => report?.state),
    ['Running', 'Running'],
  );
  await world.advanceTo(start + 3 * MINUTE);
  world.startManual(owned);
  await world.advanceTo(start + 5 * MINUTE);
  t.equal(world.runner.processes.length, 3, 'there is room again');
});

t.test('a run whose retry waits is open', async (t) => {
  const world = worldOf(t, () => 10_000, true);
  const retry = { limit: 1, backoff: { initial: '150s', jitter: 0 } };
  world.own('task', limited('Allow', { retry }));
  await world.advanceTo(start + 3.5 * MINUTE);
  t.strictSame(endsOf(world).slice(0, 3), ['Retry', 'Retry', 'ConcurrencyLimit']);
});

t.test('Allow: nothing starts beside what a former owner may still run', async (t) => {
  const world = worldOf(t, () => 1000);
  const owned = world.own('task', limited('Allow'), { blockedBy: 'former' });
  await world.advanceTo(start + MINUTE + 30_000);
  owned.register.change({ blockedBy: null });
  world.look(owned);
  await world.advanceTo(start + 3 * MINUTE);
  t.strictSame(endsOf(world).slice(0, 2), ['PreviousUnknown', 'Succeeded']);
});

t.test('what was due while nobody was there starts as far as there is room, and waits beyond', async (t) => {
  const world = worldOf(t, () => 20_000);
  const spec = limited('Allow', { schedules: [{ every: '10s' }], startingDeadline: '60s' });
  world.own('task', spec, { cursor: start - 41_000 });
  await world.advanceTo(start + 5000);
  t.equal(world.runner.processes.length, 2);
  await world.advanceTo(start + 30_000);
  t.equal(peakOf(world), 2);
  t.notMatch(endsOf(world).slice(0, 4), ['ConcurrencyLimit'], 'waiting comes before skipping');
});
