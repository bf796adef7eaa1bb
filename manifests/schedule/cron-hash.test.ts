import fc from 'fast-check';
import t from 'tap';
import { isCloudTaskError } from '../../base/index.js';
import { withHashes, withoutHash } from './cron-hash.js';
import { compileCron } from './cron-pattern.js';
import { compileSchedules, scheduleSpecOf } from './task-schedules.js';

const keys = Array.from({ length: 6000 }, (_, i) => `default/task-${i}/default`);

t.test('numbers for ever: what they are may never change', async (t) => {
  t.equal(withoutHash('H H * * *', 'billing/report/default'), '34 18 * * *');
  t.equal(withoutHash('H/15 * * * *', 'billing/report/default'), '4-59/15 * * * *');
  t.equal(withoutHash('H H(0-7) * * MON-FRI', 'billing/report/default'), '34 2 * * MON-FRI');
  t.equal(withoutHash('H H H H H H', 'billing/report/default'), '25 34 18 20 2 1');
  t.equal(withoutHash('h H/6 * * *', 'billing/other/default'), withoutHash('H H/6 * * *', 'billing/other/default'));
});

t.test('what has no H stays as it is', async (t) => {
  for (const cron of ['0 0 * * THU', '@hourly', ' 0  2 * * * ', '* * *', '0 0 * MAR THU#2']) {
    t.equal(withoutHash(cron, 'a/b/c'), cron);
  }
});

t.test('every number is in its range, every expression compiles', async () => {
  const range = (min: number, max: number) =>
    fc
      .tuple(fc.integer({ min, max }), fc.integer({ min, max }), fc.option(fc.integer({ min: 1, max: max - min + 1 })))
      .map(([a, b, step]) => ({ low: Math.min(a, b), high: Math.max(a, b), step }));
  fc.assert(
    fc.property(range(0, 59), fc.string(), ({ low, high, step }, key) => {
      const item = `H(${low}-${high})${step === null ? '' : `/${step}`}`;
      const [first, rest] = withoutHash(`${item} * * * *`, key).split(' ')[0]!.split('-');
      compileCron(withoutHash(`${item} ${step === null ? 'H' : `H/${Math.min(step, 24)}`} H * H`, key));
      return Number(first) >= low && Number(first) <= high && (step === null) === (rest === undefined);
    }),
  );
});

t.test('tasks are spread evenly', async (t) => {
  // 6000 tasks over 60 minutes: 100 each, and a deviation of 10; five of these are not seen by chance.
  const perMinute = new Map<string, number>();
  for (const key of keys) {
    const [minute] = withoutHash('H * * * *', key).split(' ');
    perMinute.set(minute!, (perMinute.get(minute!) ?? 0) + 1);
  }
  t.equal(perMinute.size, 60);
  const counts = [...perMinute.values()];
  t.ok(Math.min(...counts) > 50 && Math.max(...counts) < 150, `${Math.min(...counts)} to ${Math.max(...counts)}`);
  const pairs = new Set(keys.map((key) => withoutHash('H H * * *', key)));
  t.ok(pairs.size > 1300, `${pairs.size} of 1440 times of day: hour and minute do not go together`);
});

t.test('namespace, name and schedule decide, nothing else', async (t) => {
  const spec = {
    schedules: [{ cron: 'H H * * *' }, { name: 'second', cron: 'H H * * *' }, { name: 'x', every: '5s' }],
  };
  const of = (namespace: string | undefined, name: string) => withHashes(spec.schedules, { namespace, name });
  t.strictSame(of(undefined, 'report'), of('default', 'report'));
  t.notSame(of('default', 'report')[0]?.cron, of('other', 'report')[0]?.cron);
  t.notSame(of('default', 'report')[0]?.cron, of('default', 'report')[1]?.cron, 'two schedules of one task');
  const metadata = { namespace: 'default', name: 'report' };
  const next = (uid: string) => compileSchedules(scheduleSpecOf({ metadata, spec }), uid).next(0)?.time;
  t.equal(next('one'), next('two'), 'a task that is deleted and applied again keeps its time');
});

t.test('an H that is none, and one without a task', async (t) => {
  const bad = [
    'H(5-3) * * * *',
    'H(0-99) * * * *',
    'H/0 * * * *',
    'H-5 * * * *',
    'H( * * * *',
    '0 0 0 * * * H',
    'H/99 * * * *',
  ];
  for (const cron of bad) {
    t.throws(() => compileCron(withoutHash(cron, 'a/b/c')), { name: 'CronError' }, cron);
  }
  t.throws(() => compileCron(withoutHash('H/99 * * * *', 'a/b/c')), { message: /minute step must be 1 to 60/ });
  try {
    compileSchedules({ schedules: [{ cron: 'H * * * *' }] }, 'uid');
    t.fail('schedules without numbers must not be compiled');
  } catch (error) {
    t.ok(isCloudTaskError(error, 'CT_SCHEDULE_INVALID'));
    t.match(String(error), /derived from a task/);
  }
});
