import t, { type Test } from 'tap';
import { FakeClock } from '../../base/index.js';
import { AgentWorld, type OwnedTask } from '../../test/semantics/agent-world.js';
import { manualRunOf } from '../schedule-loop/planned-claim.js';
import { TimerQueue } from '../schedule-loop/timer-queue.js';
import type { OpenRun } from './open-run.js';
import { PLACES_WAITING_MAX, Places } from './places.js';

const start = Date.parse('2026-03-02T10:00:00Z');
const MINUTE = 60_000;

interface Setup {
  readonly maxRunning: number;
  /** Of processes, by the name of their task; a minute unless told. */
  readonly takes?: Readonly<Record<string, number>>;
  readonly failing?: string;
}

function worldOf(t: Test, { maxRunning, takes = {}, failing }: Setup) {
  const clock = new FakeClock(start);
  const fate = (_index: number, { env }: { env: Record<string, string> }) => ({
    ms: takes[env.CTASK_TASK ?? ''] ?? MINUTE,
    exitCode: env.CTASK_TASK === failing && env.CTASK_ATTEMPT === '1' ? 1 : 0,
  });
  const world = new AgentWorld({ directory: t.testdir(), clock, fate, maxRunning });
  t.teardown(() => world.end());
  const onDemand = (name: string, priority = 0): OwnedTask =>
    world.own(name, { schedules: [], run: { command: ['true'] }, priority, concurrencyPolicy: 'Allow' });
  const names = () => world.runner.processes.map(({ runUid }) => taskOf(world, runUid));
  return { clock, world, onDemand, names };
}

const taskOf = (world: AgentWorld, uid: string) => world.reports.find((report) => report.uid === uid)?.task;
const statesOf = (world: AgentWorld, task: string) =>
  world.reports
    .filter((report) => report.task === task)
    .map(({ state, reason }) => (reason === undefined ? state : `${state} ${reason}`));

t.test('those that wait start by priority, then in the order in which they were due', async (t) => {
  const { world, onDemand, names } = worldOf(t, { maxRunning: 1 });
  for (const [name, priority] of [
    ['first', 0],
    ['low', -5],
    ['middle', 0],
    ['high', 7],
    ['later', 0],
    ['high-later', 7],
  ] as const) {
    world.startManual(onDemand(name, priority));
    await world.advanceTo(start + 1000 * (world.runner.processes.length + world.reports.length));
  }
  await world.advanceTo(start + 10 * MINUTE);
  t.strictSame(names(), ['first', 'high', 'high-later', 'middle', 'later', 'low']);
  t.strictSame(statesOf(world, 'low'), ['Queued AgentBusy', 'Running', 'Succeeded']);
  t.strictSame(statesOf(world, 'first'), ['Running', 'Succeeded']);
});

t.test('never more than the limit at a time, and never fewer while some wait', async (t) => {
  const { world, onDemand } = worldOf(t, { maxRunning: 3 });
  const task = onDemand('many');
  for (let run = 0; run < 20; run++) world.startManual(task);
  await world.advanceTo(start + 30 * MINUTE);
  const { processes } = world.runner;
  t.equal(processes.length, 20);
  for (const process of processes) {
    const beside = processes.filter(({ from, to }) => from <= process.from && to! > process.from);
    t.ok(beside.length <= 3);
  }
  t.equal(Math.max(...processes.map(({ to }) => to!)), start + 7 * MINUTE, 'twenty minutes of work, three at a time');
});

t.test('a time point waits for a place until its starting deadline and no longer', async (t) => {
  const { world, onDemand } = worldOf(t, { maxRunning: 1, takes: { long: 10 * MINUTE } });
  world.startManual(onDemand('long'));
  await world.advanceTo(start + 1000);
  const at = new Date(start + 2 * MINUTE).toISOString();
  const once = (startingDeadline: string) => ({ schedules: [{ at }], run: { command: ['true'] }, startingDeadline });
  world.own('patient', once('9m'));
  world.own('impatient', once('5m'));
  await world.advanceTo(start + 7 * MINUTE);
  t.strictSame(statesOf(world, 'impatient'), ['Queued AgentBusy'], 'to the end of the last millisecond');
  await world.advanceTo(start + 7 * MINUTE + 1);
  t.strictSame(statesOf(world, 'impatient'), ['Queued AgentBusy', 'Missed StartingDeadline']);
  await world.advanceTo(start + 20 * MINUTE);
  t.strictSame(statesOf(world, 'patient'), ['Queued AgentBusy', 'Running', 'Succeeded']);
});

t.test('a retry gives its place away while it waits for its time, and then waits for one', async (t) => {
  const { world, onDemand, names } = worldOf(t, { maxRunning: 1, takes: { long: 10 * MINUTE }, failing: 'flaky' });
  const retry = { limit: 1, backoff: { initial: '3m', jitter: 0 } };
  world.startManual(world.own('flaky', { schedules: [], run: { command: ['true'] }, retry }));
  world.startManual(onDemand('long'));
  await world.advanceTo(start + 20 * MINUTE);
  t.strictSame(names(), ['flaky', 'long', 'flaky']);
  const expected = ['Running', 'Pending Retry', 'Queued AgentBusy', 'Running', 'Succeeded'];
  t.strictSame(statesOf(world, 'flaky'), expected);
});

t.test('one that waits can be cancelled, and is not started afterwards', async (t) => {
  const { world, onDemand, names } = worldOf(t, { maxRunning: 1 });
  world.startManual(onDemand('first'));
  const uid = world.startManual(onDemand('second'));
  world.startManual(onDemand('third'));
  await world.advanceTo(start + 1000);
  t.ok(world.runs.cancelRequested({ type: 'Cancel', runUid: uid }));
  await world.advanceTo(start + 10 * MINUTE);
  t.strictSame(names(), ['first', 'third']);
  t.strictSame(statesOf(world, 'second'), ['Queued AgentBusy', 'Cancelled Requested']);
});

t.test('with too many waiting the agent is told to claim no more', async (t) => {
  const { onDemand, clock } = worldOf(t, { maxRunning: 1 });
  const { task, slot } = onDemand('many');
  const launched: OpenRun[] = [];
  const places = new Places({
    ...{ clock, timers: new TimerQueue(clock), maxRunning: 1 },
    directories: { make: (directory) => directory },
    isEnding: () => false,
    launch: (run) => void launched.push(run),
    expire: () => t.fail('runs on demand have no deadline'),
    recordWait: () => undefined,
  });
  const run = (index: number) =>
    manualRunOf(slot, task, { ...names(task), uid: `run-${index}`, manualId: `run-${index}` }, start + index);
  for (let index = 0; index < PLACES_WAITING_MAX; index++) places.launch(run(index));
  t.notOk(places.isCrowded);
  places.launch(run(PLACES_WAITING_MAX));
  t.ok(places.isCrowded);
  places.leave(launched[0]!);
  places.fill();
  t.notOk(places.isCrowded);
  t.strictSame(
    launched.map(({ uid }) => uid),
    ['run-0', 'run-1'],
  );
});

function names({ namespace, name, uid, generation }: OwnedTask['task']) {
  return { name, namespace, task: name, taskUid: uid, slot: '', revision: generation, trigger: 'Manual' } as const;
}
