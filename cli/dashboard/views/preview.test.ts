import t from 'tap';
import { goldenView, misfit, plainText } from '../../../test/support/dashboard-lines.js';
import { aTask, NOON, smallWorld } from '../../../test/support/dashboard-objects.js';
import { buildPreview, previewLines } from './preview.js';

const context = { now: NOON, ascii: false };
const WIDE = { width: 140, height: 24 };

t.test('a task with its next time points and its last runs, as read (T-31)', async (t) => {
  const { tasks, runs } = smallWorld();
  goldenView(t, 'preview', (size) => previewLines(buildPreview(tasks[1]!, runs, NOON), size, context));
  goldenView(
    t,
    'preview-ascii',
    (size) => previewLines(buildPreview(tasks[1]!, runs, NOON), size, { now: NOON, ascii: true }),
    [{ width: 80, height: 24 }],
  );
});

t.test('a clock change is told where it makes a gap', async (t) => {
  const from = Date.UTC(2026, 2, 27, 12);
  const task = aTask({ name: 'nightly', spec: { schedules: [{ cron: '0 2 * * *' }], timeZone: 'Europe/Berlin' } });
  const lines = plainText(previewLines(buildPreview(task, [], from), WIDE, { ...context, now: from })).split('\n');
  t.match(
    lines.find((line) => line.includes('2026-03-29T01:00:00Z')),
    '+24h    Sun, 29 Mar 2026 03:00:00 +0200  clock change',
  );
  t.match(
    lines.find((line) => line.includes('2026-03-30T00:00:00Z')),
    '+23h    Mon, 30 Mar 2026 02:00:00 +0200',
  );
});

t.test('jitter, several schedules, suspension, none, and those that are not understood', async (t) => {
  const text = (spec: Parameters<typeof aTask>[0]['spec']) =>
    plainText(
      previewLines(
        buildPreview(aTask({ name: 'a', ...(spec === undefined ? {} : { spec }) }), [], NOON),
        WIDE,
        context,
      ),
    );
  t.match(text({ schedules: [{ every: '10m', jitter: '5m' }] }), /starts \d+[ms0-9]* later/);
  t.match(
    text({
      schedules: [
        { name: 'early', every: '7m' },
        { name: 'late', every: '1h' },
      ],
    }),
    /7m {2}UTC {2}\(early\)[\s\S]*\+7m +early/,
  );
  t.match(text({ suspend: true }), 'suspended: none of these fires');
  t.match(text({ schedules: [] }), 'no schedule: runs on demand only');
  t.match(text({ schedules: [{ at: '2020-01-01T00:00:00Z' }] }), 'never');
  t.match(text({ schedules: [{ cron: '61 * * * *' }] }), 'cron "61 * * * *"');
});

t.test('all time points have the same columns, as many as there is room for', async (t) => {
  const schedules = [
    { name: 'night', cron: '0 2 * * *' },
    { name: 'noon-of-working-days', cron: '30 12 * * MON-FRI' },
  ];
  const task = aTask({ name: 'a', spec: { timeZone: 'Europe/Berlin', schedules } });
  const first = (width: number) =>
    plainText(previewLines(buildPreview(task, [], NOON), { width, height: 24 }, context))
      .split('\n')
      .slice(5, 9);
  for (const line of first(110)) t.match(line, /in \S+ +\d{4}-\d\d-\d\dT\S+Z .* \+0100 {2}(night|noon)/);
  for (const line of first(90)) t.match(line, /in \S+ +(\+\d+h)? +\w{3}, \d\d .* \+0100 {2}(night|noon)/);
  for (const line of first(66)) t.match(line, /in \S+ +(\+\d+h)? +\d\d Nov \d\d:\d\d \+0100 {2}(night|noon)/);
  for (const line of first(44)) t.match(line, /^ {3}in \S+ +\d\d Nov \d\d:\d\d \+0100 {2}noo|^ {3}in \S+ .* night/);
  t.match(plainText(previewLines(buildPreview(task, undefined, NOON), WIDE, context)), 'reading…');
});

t.test('a task that is suspended until then shows what fires after it', async (t) => {
  const task = aTask({ name: 'a', spec: { schedules: [{ every: '1h' }], suspendUntil: '2026-11-22T18:30:00Z' } });
  const text = plainText(previewLines(buildPreview(task, [], NOON), WIDE, context));
  t.match(text, 'suspended until 2026-11-22T18:30:00Z');
  t.match(text, /in 7h .*2026-11-22T19:00:00Z/);
  t.notMatch(text, 'T13:00:00Z');
});

t.test('fits any window', async (t) => {
  const { tasks, runs } = smallWorld();
  for (const task of tasks) {
    for (const size of [
      { width: 1, height: 1 },
      { width: 40, height: 10 },
      { width: 7, height: 30 },
      { width: 10, height: 0 },
    ]) {
      t.equal(misfit(previewLines(buildPreview(task, runs, NOON), size, context), size), undefined);
    }
  }
});
