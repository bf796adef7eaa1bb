// Whole stories of one slot, told by the pure decisions of the schedule loop: what its time points come to under outages,
// suspensions, edits and overlaps. The names are those of the scenario list in the project's reliability reference.
import t from 'tap';
import { compileSchedules, runsAtOnce, type TaskSpec } from '../../manifests/index.js';
import { decideConcurrency, type SlotView as Overlap } from '../runs/decide-concurrency.js';
import { decideClaim } from './decide-claim.js';
import type { MissPolicy } from './decide-due.js';

type Schedules = Pick<TaskSpec, 'schedules' | 'timeZone' | 'dst'>;

interface Story {
  readonly schedules: Schedules;
  /** Where the cursor stands, and when the story begins. */
  readonly cursor: number;
  readonly until: number;
  readonly missedRunPolicy?: MissPolicy['missedRunPolicy'];
  readonly startingDeadlineMs?: number;
  readonly catchUpWindowMs?: number;
  readonly concurrency?: Overlap['policy'];
  /** How long a run takes; a second unless told. */
  readonly runMs?: number;
  /** Nobody owns the slot, or its owner is asleep. */
  readonly down?: readonly [from: number, to: number];
  readonly suspended?: readonly [from: number, to: number];
  /** The suspension was declared with its end; otherwise somebody resumes the task then. */
  readonly endsByItself?: true;
  readonly edit?: { readonly at: number; readonly schedules: Schedules };
}

interface Open {
  readonly time: number;
  startAt: number;
  end: number | undefined;
}

const LEAD_MS = 1000;

/** One line for each time point, in the order in which its fate is decided. */
function tell(story: Story): string[] {
  const lines: string[] = [];
  const say = (time: number, what: string) => void lines.push(`${clockOf(time)} ${what}`);
  const policy: MissPolicy = {
    missedRunPolicy: story.missedRunPolicy ?? 'RunOnce',
    startingDeadlineMs: story.startingDeadlineMs ?? 60_000,
    catchUpWindowMs: story.catchUpWindowMs ?? 3_600_000,
  };
  const runMs = story.runMs ?? 1000;
  let after = story.cursor;
  let now = story.cursor;
  let aheadUntil = 0;
  const claimed: Open[] = [];
  let running: Open[] = [];
  const begin = (open: Open) => {
    open.end = now + runMs;
    running.push(open);
    say(open.time, `run at ${clockOf(now)}`);
  };
  const points = (at: number) =>
    compileSchedules(story.edit !== undefined && at >= story.edit.at ? story.edit.schedules : story.schedules, 'uid');
  const suspendedUntil = (at: number): number => {
    if (story.suspended === undefined || at < story.suspended[0]) return 0;
    const [, end] = story.suspended;
    if (story.endsByItself) return end;
    return at < end ? Number.POSITIVE_INFINITY : end + 1;
  };
  while (now <= story.until) {
    if (story.down !== undefined && now >= story.down[0] && now < story.down[1]) now = story.down[1];
    // What ended lets the one that waits start.
    running = running.filter(({ end }) => end! > now);
    const queued = claimed.find((open) => open.startAt === Number.POSITIVE_INFINITY);
    if (queued !== undefined && running.length === 0) {
      claimed.splice(claimed.indexOf(queued), 1);
      begin(queued);
    }
    for (const open of claimed.filter(({ startAt }) => startAt <= now)) {
      const waiting = claimed.filter(({ startAt }) => startAt === Number.POSITIVE_INFINITY).length;
      const admission = decideConcurrency({
        policy: story.concurrency ?? 'Forbid',
        limit: runsAtOnce({ concurrencyPolicy: story.concurrency }),
        open: running.length + waiting,
        queued: waiting,
        blocked: false,
      });
      if (admission.kind === 'queue') open.startAt = Number.POSITIVE_INFINITY;
      else claimed.splice(claimed.indexOf(open), 1);
      if (admission.kind === 'start') begin(open);
      if (admission.kind === 'skip') say(open.time, `Skipped ${admission.reason}`);
    }
    const plan = decideClaim(
      {
        after,
        suspendedUntil: suspendedUntil(now),
        aheadUntil,
        nextBatchAt: 0,
        leadMs: LEAD_MS,
        policy,
        limit: runsAtOnce({ concurrencyPolicy: story.concurrency }),
        active: running.map(({ startAt }) => ({ since: startAt })),
      },
      points(now),
      now,
    );
    if (plan.kind === 'claim') {
      for (const { point, state, reason } of plan.unrun) say(point.time, `${state} ${reason}`);
      after = plan.cursor;
      if (plan.run !== undefined) {
        const { time, startTime } = plan.run.point;
        const startAt = Math.max(startTime, now);
        aheadUntil = startAt;
        claimed.push({ time, startAt, end: undefined });
      }
      continue;
    }
    const changes = [
      plan.kind === 'wait' ? plan.until : story.until + 1,
      ...claimed.map(({ startAt }) => startAt),
      ...running.map(({ end }) => end!),
      ...[story.down?.[0], story.suspended?.[0], story.suspended?.[1], story.edit?.at].filter((at) => at !== undefined),
    ].filter((at) => at > now);
    now = Math.min(story.until + 1, ...changes);
  }
  return lines;
}

const clockOf = (time: number): string => new Date(time).toISOString().slice(11, 19);
const at = (text: string): number => Date.parse(`2026-03-02T${text}Z`);
const hourly: Schedules = { schedules: [{ cron: '0 * * * *' }] };
const outage = { schedules: hourly, cursor: at('10:00:00'), until: at('14:00:00') };
const down = [at('10:20:00'), at('13:10:00')] as const;

t.test('S01 to S03: an outage under each policy', async (t) => {
  t.strictSame(tell({ ...outage, down }), [
    '11:00:00 Missed CatchUpWindow',
    '12:00:00 Missed CatchUpWindow',
    '13:00:00 run at 13:10:00',
    '14:00:00 run at 14:00:00',
  ]);
  t.strictSame(tell({ ...outage, down, missedRunPolicy: 'Skip' }), [
    '11:00:00 Missed StartingDeadline',
    '12:00:00 Missed StartingDeadline',
    '13:00:00 Missed StartingDeadline',
    '14:00:00 run at 14:00:00',
  ]);
  t.strictSame(tell({ ...outage, down, missedRunPolicy: 'RunAll', catchUpWindowMs: 7_200_000 }), [
    '11:00:00 Missed CatchUpWindow',
    '12:00:00 run at 13:10:00',
    '13:00:00 run at 13:10:01',
    '14:00:00 run at 14:00:00',
  ]);
});

const everyTen = { schedules: { schedules: [{ every: '10s' }] }, cursor: at('00:00:00') - 1, until: at('00:00:35') };

t.test('S04: a run that takes longer than its interval, Forbid', async (t) => {
  t.strictSame(tell({ ...everyTen, runMs: 25_000 }), [
    '00:00:00 run at 00:00:00',
    '00:00:10 Skipped ConcurrencyForbid',
    '00:00:20 Skipped ConcurrencyForbid',
    '00:00:30 run at 00:00:30',
  ]);
});

t.test('S05: the same, Queue: one waits, a second one does not', async (t) => {
  t.strictSame(tell({ ...everyTen, runMs: 25_000, concurrency: 'Queue', until: at('00:00:55') }), [
    '00:00:00 run at 00:00:00',
    '00:00:20 Skipped ConcurrencyQueueFull',
    '00:00:10 run at 00:00:25',
    '00:00:40 Skipped ConcurrencyQueueFull',
    '00:00:30 run at 00:00:50',
  ]);
});

t.test('S06: what falls into a suspension is skipped and not caught up', async (t) => {
  const suspended = [at('09:30:00'), at('12:30:00')] as const;
  t.strictSame(tell({ schedules: hourly, cursor: at('09:00:00'), until: at('13:00:00'), suspended }), [
    '10:00:00 Skipped Suspended',
    '11:00:00 Skipped Suspended',
    '12:00:00 Skipped Suspended',
    '13:00:00 run at 13:00:00',
  ]);
});

t.test('S06 with an end: from its end on the task fires, whoever is there', async (t) => {
  const suspended = [at('09:30:00'), at('12:00:00')] as const;
  const story = {
    schedules: hourly,
    cursor: at('09:00:00'),
    until: at('13:00:00'),
    suspended,
    endsByItself: true,
  } as const;
  const skipped = ['10:00:00 Skipped Suspended', '11:00:00 Skipped Suspended'];
  t.strictSame(tell(story), [...skipped, '12:00:00 run at 12:00:00', '13:00:00 run at 13:00:00']);
  const away = [at('09:40:00'), at('12:20:00')] as const;
  t.strictSame(tell({ ...story, down: away }), [...skipped, '12:00:00 run at 12:20:00', '13:00:00 run at 13:00:00']);
  t.strictSame(tell({ ...story, down: away, missedRunPolicy: 'Skip' }), [
    ...skipped,
    '12:00:00 Missed StartingDeadline',
    '13:00:00 run at 13:00:00',
  ]);
});

t.test('S07 and S08: an edit right after or right before a time point fires it once', async (t) => {
  const ten: Schedules = { schedules: [{ cron: '0 10 * * *' }] };
  const both: Schedules = { schedules: [{ cron: '0 10,11 * * *' }] };
  const story = { schedules: ten, cursor: at('09:00:00'), until: at('11:30:00') };
  t.strictSame(tell({ ...story, edit: { at: at('10:00:00') + 400, schedules: both } }), [
    '10:00:00 run at 10:00:00',
    '11:00:00 run at 11:00:00',
  ]);
  t.strictSame(tell({ ...story, edit: { at: at('09:59:59'), schedules: { ...ten } } }), ['10:00:00 run at 10:00:00']);
});

t.test('S11: a machine that was suspended runs the latest, once', async (t) => {
  t.strictSame(
    tell({
      schedules: { schedules: [{ cron: '*/5 * * * *' }] },
      cursor: at('10:00:00'),
      until: at('10:24:00'),
      down: [at('10:00:30'), at('10:20:01')],
    }),
    ['10:05:00 Missed RunOnce', '10:10:00 Missed RunOnce', '10:15:00 Missed RunOnce', '10:20:00 run at 10:20:01'],
  );
});

t.test('S12 and S13: the owner changes within a change of daylight saving time', async (t) => {
  const newYork = (cron: string): Schedules => ({ timeZone: 'America/New_York', schedules: [{ cron }] });
  t.strictSame(
    tell({
      schedules: newYork('30 1 * * *'),
      cursor: Date.parse('2025-11-02T05:00:00Z'),
      until: Date.parse('2025-11-02T08:00:00Z'),
      down: [Date.parse('2025-11-02T05:40:00Z'), Date.parse('2025-11-02T05:45:00Z')],
    }),
    ['05:30:00 run at 05:30:00'],
    'the repeated hour fires in its first pass only',
  );
  t.strictSame(
    tell({
      schedules: newYork('30 2 * * *'),
      cursor: Date.parse('2025-03-09T06:00:00Z'),
      until: Date.parse('2025-03-09T09:00:00Z'),
      down: [Date.parse('2025-03-09T06:50:00Z'), Date.parse('2025-03-09T07:20:00Z')],
    }),
    ['07:00:00 run at 07:20:00'],
    'the missing hour fires at its end, caught up once',
  );
});

t.test('S14: an interval counts from its anchor, not from a restart', async (t) => {
  const anchored: Schedules = { schedules: [{ every: '90s', anchor: new Date(at('00:00:00')).toISOString() }] };
  t.strictSame(
    tell({
      schedules: anchored,
      cursor: at('00:01:30'),
      until: at('00:04:00'),
      down: [at('00:01:50'), at('00:02:10')],
    }),
    ['00:03:00 run at 00:03:00'],
  );
});

t.test('S15: jitter moves the start, not the time point', async (t) => {
  const spread: Schedules = { schedules: [{ cron: '0 10 * * *', jitter: '30s' }] };
  const [line = ''] = tell({ schedules: spread, cursor: at('09:00:00'), until: at('10:01:00') });
  t.match(line, /^10:00:00 run at 10:00:[0-3]\d$/);
  const { startTime } = compileSchedules(spread, 'uid').next(at('09:00:00'))!;
  t.ok(startTime > at('10:00:00') && startTime < at('10:00:30'), 'this uid is given a jitter');
  t.equal(line, `10:00:00 run at ${clockOf(startTime)}`);
});

t.test('S16: a task that is made anew begins with its own creation', async (t) => {
  t.strictSame(tell({ schedules: hourly, cursor: at('10:00:00') + 200, until: at('11:00:00') }), [
    '11:00:00 run at 11:00:00',
  ]);
});

t.test('S18: a schedule that lies in the past has no time point', async (t) => {
  const past: Schedules = { schedules: [{ cron: '0 0 0 1 1 * 2020' }] };
  t.strictSame(tell({ schedules: past, cursor: at('10:00:00'), until: at('12:00:00') }), []);
  t.equal(decideClaim(idleView(at('10:00:00')), compileSchedules(past, 'uid'), at('10:00:00')).kind, 'idle');
});

function idleView(after: number) {
  const policy = { missedRunPolicy: 'RunOnce', startingDeadlineMs: 60_000, catchUpWindowMs: 3_600_000 } as const;
  const times = { suspendedUntil: 0, aheadUntil: 0, nextBatchAt: 0, leadMs: LEAD_MS };
  return { after, ...times, policy, limit: 1, active: [] };
}
