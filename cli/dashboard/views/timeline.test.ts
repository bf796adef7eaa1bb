import fc from 'fast-check';
import t from 'tap';
import { goldenView, misfit, plainText } from '../../../test/support/dashboard-lines.js';
import { aRun, aTask, largeWorld, NOON, smallWorld } from '../../../test/support/dashboard-objects.js';
import { timelineLines } from './timeline.js';
import { buildTimeline, firesWithin } from './timeline-model.js';

const context = { now: NOON, ascii: false };

t.test('an hour back and an hour ahead, as read (T-44)', async (t) => {
  const { tasks, runs } = smallWorld();
  const rows = buildTimeline(tasks, runs, NOON);
  goldenView(t, 'timeline', (size) => timelineLines({ rows, top: 0, selected: 1 }, size, context));
  goldenView(t, 'timeline-ascii', (size) => timelineLines({ rows, top: 0 }, size, { now: NOON, ascii: true }), [
    { width: 80, height: 24 },
  ]);
});

t.test('who neither ran nor is due is no row; runs whose task has gone are one', async (t) => {
  const gone = aTask({ name: 'gone' });
  const quiet = aTask({ name: 'quiet', status: { nextTime: '2026-11-23T12:00:00Z' } });
  const busy = aTask({ name: 'busy' });
  const rows = buildTimeline(
    [quiet, busy],
    [
      aRun({ name: 'r1', task: gone, state: 'Succeeded', before: 60_000 }),
      aRun({ name: 'r2', task: quiet, state: 'Succeeded', before: 7_200_000 }),
    ],
    NOON,
  );
  t.same(
    rows.map(({ key }) => key),
    ['billing/busy', 'billing/gone'],
  );
  t.match(buildTimeline([quiet], [aRun({ name: 'r', task: quiet, state: 'Running', before: 9e6 })], NOON)[0]?.runs, [
    { name: 'r' },
  ]);
});

t.test('a bar lasts as long as its run', async (t) => {
  const task = aTask({ name: 'a', spec: { schedules: [] } });
  const rows = buildTimeline([], [aRun({ name: 'r', task, state: 'Failed', before: 1_800_000, took: 900_000 })], NOON);
  // 120 cells for two hours: one a minute.
  const line =
    plainText(timelineLines({ rows, top: 0 }, { width: 36 + 3 + 120, height: 3 }, context)).split('\n')[2] ?? '';
  t.equal(line.slice(38), `${' '.repeat(30)}${'━'.repeat(15)}✗${' '.repeat(14)}│`);
});

t.test('many time points of a column show how dense they are; of many runs the one that matters most', async (t) => {
  const every = (name: string, text: string) => aTask({ name, spec: { schedules: [{ every: text }] } });
  const often = ['5s', '10s', '30s', '60s', '10m'].map((text) => every(`every-${text}`, text));
  const failed = aTask({ name: 'mixed', spec: { schedules: [] } });
  const runs = [
    aRun({ name: 'bad', task: failed, state: 'Failed', before: 1_800_900, took: 10 }),
    aRun({ name: 'good', task: failed, state: 'Succeeded', before: 1_800_500, took: 10 }),
  ];
  const rows = buildTimeline(often, runs, NOON);
  const draw = (ascii: boolean) => {
    const lines = plainText(timelineLines({ rows, top: 0 }, { width: 36 + 3 + 80, height: 9 }, { now: NOON, ascii }));
    return lines
      .split('\n')
      .slice(2)
      .map((line) => line.slice(39));
  };
  const [rare, tens, thirties, fives, minutes, mixed] = draw(false);
  t.match(fives, /│▓{30,}$/);
  t.match(tens, /│▒{30,}$/);
  t.match(thirties, /│░{30,}$/);
  t.match(minutes, /│░{30,}$/);
  t.match(rare, /│ +◌ +◌ +◌ +◌ +◌/);
  t.match(mixed, /^ +✗ +│$/);
  t.match(draw(true)[3], /\|#{30,}$/);
});

t.test('time points to come are computed once a minute', async (t) => {
  const often = aTask({ name: 'often', spec: { schedules: [{ every: '1s' }] } });
  const times = firesWithin(often, NOON);
  t.equal(times.length, 61 * 12 + 1, 'one of each five seconds, and a minute more to last');
  t.equal(firesWithin(often, NOON + 59_999), times);
  const later = firesWithin(often, NOON + 60_000);
  t.equal(later[0], NOON + 65_000, 'what was computed before stays');
  t.equal(later.at(-1), NOON + 62 * 60_000);
});

t.test('a shorter and a longer time: other rows, other time points, words for the selected task', async (t) => {
  const HOUR = 3_600_000;
  const daily = aTask({
    name: 'daily',
    spec: { schedules: [{ cron: '0 17 * * *' }] },
    status: { nextTime: '2026-11-22T17:00:00Z' },
  });
  const runs = [aRun({ name: 'r', task: daily, state: 'Failed', before: 19 * HOUR, took: 90_000 })];
  t.equal(buildTimeline([daily], runs, NOON).length, 0);
  t.equal(buildTimeline([daily], runs, NOON, 6 * HOUR).length, 1, 'it is due within six hours');
  const rows = buildTimeline([daily], runs, NOON, 24 * HOUR);
  const lines = plainText(
    timelineLines(
      { rows, top: 0, selected: 0, spanMs: 24 * HOUR, namespace: 'billing' },
      { width: 160, height: 9 },
      context,
    ),
  ).split('\n');
  t.match(lines[1], /-24h 11-21 12:00Z +-12h 00:00Z +now 12:00Z +\+12h 00:00Z +\+24h 11-23 12:00Z/);
  const narrow = plainText(timelineLines({ rows, top: 0, spanMs: 24 * HOUR }, { width: 118, height: 9 }, context));
  t.match(narrow.split('\n')[1], /^ +-24h +-12h +now +\+12h +\+24h$/, 'no time of the day where it had no room');
  t.match(lines[2], /^▸daily +✗ +│ +◌$/, 'without the namespace that all are of');
  t.match(lines[8], ' ✗ Failed 19h ago, took 90s  next in 5h  billing/daily');
  t.same(firesWithin(daily, NOON, 24 * HOUR), [Date.UTC(2026, 10, 22, 17)]);
  t.same(firesWithin(daily, NOON), []);
});

t.test('any timeline in any window takes exactly its cells', async () => {
  const worlds = [
    [],
    buildTimeline(smallWorld().tasks, smallWorld().runs, NOON),
    buildTimeline(largeWorld(300).tasks, largeWorld(300).runs, NOON),
  ];
  const size = fc.record({ width: fc.integer({ min: 1, max: 140 }), height: fc.integer({ min: 0, max: 50 }) });
  fc.assert(
    fc.property(fc.constantFrom(...worlds), fc.nat(310), size, fc.boolean(), (rows, top, size, ascii) => {
      const wrong = misfit(timelineLines({ rows, top, selected: top }, size, { now: NOON, ascii }), size);
      if (wrong !== undefined) throw new Error(wrong);
    }),
  );
});
