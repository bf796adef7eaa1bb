import fc from 'fast-check';
import t from 'tap';
import { goldenView, misfit, plainText } from '../../../test/support/dashboard-lines.js';
import { aRun, aTask, largeWorld, NOON, smallWorld } from '../../../test/support/dashboard-objects.js';
import { PULSE_CARDS } from './pulse-cards.js';
import { cardBeside, nextCard, pulsesLines } from './pulses.js';
import { buildPulses } from './pulses-model.js';

const context = { now: NOON, ascii: false };
const EMPTY = { tasks: [], runs: [], agents: [] };

t.test('the pulses, as read (T-42)', async (t) => {
  const model = buildPulses(smallWorld(), NOON);
  goldenView(t, 'pulses', (size) => pulsesLines(model, size, { ...context, selected: 'success' }));
  goldenView(t, 'pulses-ascii', (size) => pulsesLines(model, size, { now: NOON, ascii: true, selected: 'runs' }));
  const empty = buildPulses(EMPTY, NOON);
  goldenView(t, 'pulses-empty', (size) => pulsesLines(empty, size, context), [{ width: 80, height: 24 }]);
});

t.test('figures are about the last hour, and of runs that ran', async (t) => {
  const task = aTask({ name: 'a' });
  const model = buildPulses(
    {
      ...EMPTY,
      tasks: [task],
      runs: [
        aRun({ name: 'r1', task, state: 'Succeeded', before: 600_000, took: 1000 }),
        aRun({ name: 'r2', task, state: 'Failed', before: 60_000, took: 3000 }),
        aRun({ name: 'r3', task, state: 'Cancelled', before: 50_000, took: 9000 }),
        aRun({ name: 'r4', task, state: 'Skipped', before: 40_000 }),
        aRun({ name: 'r5', task, state: 'Succeeded', before: 7_200_000, took: 9000 }),
        aRun({ name: 'r6', task, state: 'Queued', before: 0 }),
      ],
    },
    NOON,
  );
  t.match(model, { ended: 2, succeeded: 1, p50: 1000, p95: 3000, running: 0, waiting: 1, coveredMs: 3_600_000 });
  t.equal(
    model.starts.reduce((a, b) => a + b),
    3,
  );
  t.equal(model.starts.at(-11), 1);
});

t.test('of a list that was cut, figures say what they cover', async (t) => {
  const task = aTask({ name: 'a' });
  const runs = [aRun({ name: 'r', task, state: 'Succeeded', before: 720_000, took: 10 })];
  const model = buildPulses({ ...EMPTY, runs, runsCut: true }, NOON);
  t.equal(model.coveredMs, 720_000);
  t.match(plainText(pulsesLines(model, { width: 120, height: 30 }, context)), '1 of 1 in 12m');
});

t.test('what is due next comes from schedules, several times of the same task too', async (t) => {
  const often = aTask({
    name: 'often',
    spec: { schedules: [{ every: '10s' }] },
    status: { nextTime: '2026-11-22T12:00:10Z' },
  });
  const rare = aTask({
    name: 'rare',
    spec: { schedules: [{ cron: '1 12 * * *' }] },
    status: { nextTime: '2026-11-22T12:01:00Z' },
  });
  const suspended = aTask({ name: 'off', spec: { suspend: true, schedules: [{ every: '1s' }] } });
  const keys = (now: number) =>
    buildPulses({ ...EMPTY, tasks: [rare, often, suspended] }, now).fires.map(
      ({ time, key }) => `${(time - now) / 1000} ${key}`,
    );
  t.same(
    keys(NOON).slice(0, 7),
    ['10', '20', '30', '40', '50', '60', '60'].map((s, i) => `${s} billing/${i === 6 ? 'rare' : 'often'}`),
  );
  t.equal(keys(NOON).length, 10);
  t.equal(keys(NOON + 15_000)[0], '5 billing/often', 'also later, from what was computed before');
  t.equal(keys(NOON + 115_000)[0], '5 billing/often');
});

t.test('tasks that fail come with the latest first', async (t) => {
  const model = buildPulses(largeWorld(5000), NOON);
  t.equal(model.failing, 100);
  t.equal(model.failingTasks.length, 20);
  t.same(model.failingTasks[0], { key: 'team-0/task-00000', state: 'Failed', since: NOON });
});

t.test('keys move over the cards', async (t) => {
  t.equal(cardBeside('runs', 'left'), 'runs');
  t.equal(cardBeside('runs', 'down'), 'queue');
  t.equal(cardBeside('tasks', 'up'), 'duration');
  t.equal(cardBeside('tasks', 'down'), 'tasks');
  t.equal(nextCard('tasks'), 'runs');
  t.equal(nextCard('runs', -1), 'tasks');
});

t.test('any pulses in any window take exactly its cells', async () => {
  const worlds = [EMPTY, smallWorld(), largeWorld(2000)].map((world) => buildPulses(world, NOON));
  const size = fc.record({ width: fc.integer({ min: 1, max: 140 }), height: fc.integer({ min: 0, max: 50 }) });
  fc.assert(
    fc.property(
      fc.constantFrom(...worlds),
      size,
      fc.boolean(),
      fc.constantFrom(...PULSE_CARDS),
      (model, size, ascii, selected) => {
        const lines = pulsesLines(model, size, { now: NOON, ascii, selected });
        const wrong = misfit(lines, size);
        if (wrong !== undefined) throw new Error(wrong);
        if (ascii && /[^\x20-\x7e\n]/.test(plainText(lines))) throw new Error('not ASCII');
      },
    ),
  );
});
