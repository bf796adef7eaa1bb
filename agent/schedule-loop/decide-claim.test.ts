import t from 'tap';
import { compileSchedules } from '../../manifests/index.js';
import { decideClaim, type SlotView, STEP_MAX } from './decide-claim.js';

const START = Date.parse('2026-03-02T10:00:00Z');
const NEVER = Number.POSITIVE_INFINITY;
const every10s = compileSchedules({ schedules: [{ every: '10s' }] }, 'uid');
const once = compileSchedules({ schedules: [{ at: '2026-03-02T10:00:05Z' }] }, 'uid');

const view = (changes: Partial<SlotView> = {}): SlotView => ({
  after: START,
  suspendedUntil: 0,
  aheadUntil: 0,
  nextBatchAt: 0,
  leadMs: 1000,
  policy: { missedRunPolicy: 'RunOnce', startingDeadlineMs: 60_000, catchUpWindowMs: 3600_000 },
  limit: 1,
  active: [],
  ...changes,
});

t.test('nothing is due for ever', async (t) => {
  t.strictSame(decideClaim(view({ after: START + 5000 }), once, START), { kind: 'idle' });
});

t.test('the next time point is claimed ahead, not earlier', async (t) => {
  t.strictSame(decideClaim(view(), every10s, START + 1), { kind: 'wait', until: START + 9000 });
  t.match(decideClaim(view(), every10s, START + 9000), {
    kind: 'claim',
    cursor: START + 10_000,
    unrun: [],
    run: { trigger: 'Schedule', startBefore: START + 70_000 },
  });
});

t.test('only one time point is claimed ahead', async (t) => {
  const plan = decideClaim(view({ leadMs: 10_000, aheadUntil: START + 8000 }), every10s, START + 1);
  t.strictSame(plan, { kind: 'wait', until: START + 8000 });
});

t.test('a suspended slot consumes its time points in batches', async (t) => {
  t.strictSame(decideClaim(view({ suspendedUntil: NEVER }), every10s, START + 9000), {
    kind: 'wait',
    until: START + 10_000,
  });
  const paced = view({ suspendedUntil: NEVER, nextBatchAt: START + 40_000 });
  t.strictSame(decideClaim(paced, every10s, START + 15_000), { kind: 'wait', until: START + 40_000 });
  const plan = decideClaim(paced, every10s, START + 40_000);
  t.match(plan, { kind: 'claim', cursor: START + 40_000, run: undefined });
  if (plan.kind === 'claim') t.equal(plan.unrun.length, 4);
});

t.test('after a suspension only what came later counts as missed', async (t) => {
  const resumed = view({ suspendedUntil: START + 25_001 });
  const plan = decideClaim(resumed, every10s, START + 31_000);
  t.match(plan, { kind: 'claim', cursor: START + 20_000, unrun: [{ reason: 'Suspended' }, { reason: 'Suspended' }] });
  t.match(decideClaim({ ...resumed, after: START + 20_000 }, every10s, START + 31_000), {
    kind: 'claim',
    cursor: START + 30_000,
    run: { trigger: 'Schedule' },
  });
});

t.test('a suspension that ends by itself: its end fires, what came before is recorded first', async (t) => {
  const ending = view({ suspendedUntil: START + 30_000, nextBatchAt: START + 35_000 });
  t.strictSame(decideClaim(ending, every10s, START + 15_000), { kind: 'wait', until: START + 29_000 }, 'not its batch');
  const late = decideClaim(ending, every10s, START + 29_000);
  t.match(late, { kind: 'claim', cursor: START + 20_000, unrun: [{ reason: 'Suspended' }, { reason: 'Suspended' }] });
  t.match(decideClaim({ ...ending, after: START + 20_000 }, every10s, START + 29_000), {
    kind: 'claim',
    cursor: START + 30_000,
    run: { trigger: 'Schedule', point: { time: START + 30_000 } },
  });
});

t.test('an owner that comes long after the end skips what was before it, and misses what came after', async (t) => {
  const ended = view({ suspendedUntil: START + 30_000 });
  const now = START + 125_000;
  const first = decideClaim(ended, every10s, now);
  t.match(first, { kind: 'claim', cursor: START + 20_000, run: undefined });
  const then = decideClaim({ ...ended, after: START + 20_000 }, every10s, now);
  t.match(then, { kind: 'claim', cursor: START + 70_000, run: { trigger: 'Schedule' } });
  if (then.kind === 'claim') t.ok(then.unrun.every(({ reason }) => reason === 'RunOnce'));
});

t.test('a long downtime is worked off in pieces, and nothing is left out', async (t) => {
  const now = START + 10_000 * (STEP_MAX * 2 + 50);
  let after = START;
  let unrun = 0;
  let steps = 0;
  for (;;) {
    const plan = decideClaim(view({ after }), every10s, now);
    if (plan.kind !== 'claim' || plan.cursor > now) break;
    steps += 1;
    unrun += plan.unrun.length;
    t.ok(plan.unrun.length <= STEP_MAX);
    t.ok(plan.cursor > after, 'the cursor moves');
    after = plan.cursor;
    if (plan.run !== undefined) unrun += 1;
  }
  t.equal(unrun, STEP_MAX * 2 + 50);
  t.ok(steps >= 3);
});

t.test('an overdue point behind a late run waits, its missed predecessors do not', async (t) => {
  const now = START + 81_000;
  const policy = { missedRunPolicy: 'Skip', startingDeadlineMs: 60_000, catchUpWindowMs: 3600_000 } as const;
  const busy = view({ policy, active: [{ since: START + 80_500 }] });
  const plan = decideClaim(busy, every10s, now);
  t.match(plan, { kind: 'claim', cursor: START + 20_000, run: undefined });
  t.match(decideClaim({ ...busy, after: START + 20_000 }, every10s, now), { kind: 'wait', until: START + 90_000 });
});
