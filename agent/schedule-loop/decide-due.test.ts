import t from 'tap';
import type { TimePoint } from '../../manifests/index.js';
import { decideDue, decideLateClaim, decideSuspended, type MissPolicy, waitForEarlier } from './decide-due.js';

const at = (text: string) => Date.parse(`2026-03-02T${text}Z`);
const point = (text: string, jitterMs = 0): TimePoint => ({
  time: at(text),
  schedule: 'default',
  startTime: at(text) + jitterMs,
});
const policy = (missedRunPolicy: MissPolicy['missedRunPolicy'], catchUpWindowMs = 3600_000): MissPolicy => ({
  missedRunPolicy,
  startingDeadlineMs: 60_000,
  catchUpWindowMs,
});
const hourly = [point('11:00:00'), point('12:00:00'), point('13:00:00')];

/** Follows the steps to the end, as the loop does when every run ends at once. */
function follow(points: TimePoint[], now: number, rules: MissPolicy): string[] {
  const told: string[] = [];
  let rest = points;
  while (rest.length > 0) {
    const { unrun, run } = decideDue(rest, true, now, rules);
    const text = (each: TimePoint) => new Date(each.time).toISOString().slice(11, 16);
    for (const each of unrun) told.push(`${text(each.point)} ${each.state} ${each.reason}`);
    if (run !== undefined) told.push(`${text(run.point)} ${run.trigger}`);
    const done = run?.point.time ?? unrun.at(-1)?.point.time ?? 0;
    rest = rest.filter((each) => each.time > done);
  }
  return told;
}

t.test('misfire scenarios of the reference', async (t) => {
  const now = at('13:10:00');
  t.strictSame(
    follow(hourly, now, policy('RunOnce')),
    ['11:00 Missed CatchUpWindow', '12:00 Missed CatchUpWindow', '13:00 CatchUp'],
    'S01: only the latest runs',
  );
  t.strictSame(
    follow(hourly, now, policy('Skip')),
    ['11:00 Missed StartingDeadline', '12:00 Missed StartingDeadline', '13:00 Missed StartingDeadline'],
    'S02: none runs, all are recorded',
  );
  t.strictSame(
    follow(hourly, now, policy('RunAll', 2 * 3600_000)),
    ['11:00 Missed CatchUpWindow', '12:00 CatchUp', '13:00 CatchUp'],
    'S03: those within the window run, oldest first',
  );
  const fives = [point('10:05:00'), point('10:10:00'), point('10:15:00'), point('10:20:00')];
  t.strictSame(
    follow(fives, at('10:20:01'), policy('RunOnce')),
    ['10:05 Missed RunOnce', '10:10 Missed RunOnce', '10:15 Missed RunOnce', '10:20 Schedule'],
    'S11: the latest is not late at all',
  );
});

t.test('points within their deadline are merely late: each one runs', async (t) => {
  const points = [point('10:00:00'), point('10:00:20'), point('10:00:40')];
  t.strictSame(follow(points, at('10:00:50'), policy('Skip')), ['10:00 Schedule', '10:00 Schedule', '10:00 Schedule']);
});

t.test('the deadline counts from the start, jitter included', async (t) => {
  const late = point('10:00:00', 30_000);
  t.equal(decideDue([late], true, at('10:01:25'), policy('Skip')).run?.startBefore, at('10:01:30'));
  t.equal(decideDue([late], true, at('10:01:31'), policy('Skip')).run, undefined);
});

t.test('the latest of an incomplete list is not the latest', async (t) => {
  const plan = decideDue(hourly, false, at('13:10:00'), policy('RunOnce', 86_400_000));
  t.equal(plan.run, undefined);
  t.equal(plan.unrun.length, 3);
});

t.test(
  'what came due while runs followed one another without a pause is skipped, also if it is looked at later',
  async (t) => {
    const told = (missed: Parameters<typeof policy>[0], busy: { since: number; until: number }) => {
      const { unrun, run } = decideDue(hourly, true, at('13:00:30'), policy(missed, 86_400_000), busy);
      return [...unrun.map(({ point, reason }) => `${reason} ${point.time}`), run?.point.time];
    };
    const [first, second, third] = hourly.map(({ time }) => time) as [number, number, number];
    const since = first + 1000;
    t.strictSame(told('RunOnce', { since, until: third + 1000 }), [
      `RunOnce ${first}`,
      `ConcurrencyForbid ${second}`,
      `ConcurrencyForbid ${third}`,
      undefined,
    ]);
    t.strictSame(told('RunOnce', { since, until: second + 1000 }), [
      `RunOnce ${first}`,
      `ConcurrencyForbid ${second}`,
      third,
    ]);
    t.strictSame(told('RunAll', { since, until: third + 1000 }), [first]);
  },
);

t.test('what fell into a suspension is skipped', async (t) => {
  t.strictSame(
    decideSuspended(hourly).unrun.map(({ state, reason }) => `${state} ${reason}`),
    ['Skipped Suspended', 'Skipped Suspended', 'Skipped Suspended'],
  );
});

t.test('overdue points wait for a run that itself began late', async (t) => {
  const plan = { point: point('10:00:00'), trigger: 'Schedule', startBefore: at('10:01:00') } as const;
  const now = at('10:00:30');
  const lateRun = [{ since: at('10:00:10') }];
  t.equal(waitForEarlier(plan, lateRun, 1, now), at('10:01:00'), 'until the deadline');
  t.equal(waitForEarlier(plan, lateRun, Number.POSITIVE_INFINITY, now), undefined, 'runs may overlap');
  t.equal(waitForEarlier(plan, lateRun, 2, now), undefined, 'two of them may');
  const earlier = { since: at('09:59:00') };
  t.equal(waitForEarlier(plan, [earlier, ...lateRun], 2, now), at('10:01:00'), 'no room, and one of them began late');
  t.equal(waitForEarlier(plan, [earlier, earlier], 2, now), undefined, 'both were in time: skip by policy');
  t.equal(
    waitForEarlier({ ...plan, trigger: 'CatchUp' }, lateRun, Number.POSITIVE_INFINITY, now),
    at('10:01:00'),
    'catch-ups never do',
  );
  t.equal(waitForEarlier(plan, [{ since: at('09:59:00') }], 1, now), undefined, 'one that was in time: skip by policy');
  t.equal(waitForEarlier(plan, lateRun, 1, at('10:01:00')), undefined, 'the deadline has come');
  t.equal(waitForEarlier(plan, lateRun, 1, at('09:59:59')), undefined, 'not due yet');
});

t.test('a claim that was confirmed too late', async (t) => {
  const plan = { point: point('10:00:00'), trigger: 'Schedule', startBefore: at('10:01:00') } as const;
  t.equal(decideLateClaim(plan, false, at('10:00:59'), policy('Skip')), plan, 'in time after all');
  t.match(decideLateClaim(plan, false, at('10:02:00'), policy('RunOnce')), { trigger: 'CatchUp' });
  t.match(decideLateClaim(plan, true, at('10:02:00'), policy('RunOnce')), { state: 'Missed' }, 'a later one is due');
  t.match(decideLateClaim(plan, true, at('10:02:00'), policy('RunAll')), { trigger: 'CatchUp' });
  t.match(decideLateClaim(plan, false, at('10:02:00'), policy('Skip')), { reason: 'StartingDeadline' });
  t.match(decideLateClaim(plan, false, at('11:02:00'), policy('RunAll')), { reason: 'CatchUpWindow' });
});
