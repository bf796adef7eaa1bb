import t from 'tap';
import { newCursor } from './new-cursor.js';
import type { PlanRecord } from './types.js';

const NOW = 1_000_000;
const PAST = NOW - 60_000;
const AHEAD = NOW + 60_000;

const record = (revision: number, changes: Partial<PlanRecord> = {}): PlanRecord => ({
  ...{ taskUid: 'u', slot: '', owner: 'a1', ownerEpoch: 1, revision, suspended: false, blockedBy: null },
  ...changes,
});
const moved = (from: Partial<PlanRecord>, to: Partial<PlanRecord>, scheduleChanged = false) =>
  newCursor({ from: record(1, from), to: record(2, to) }, scheduleChanged, NOW);

t.test('what a change of the record makes of the cursor', async (t) => {
  const forGood = { suspended: true };
  const ended = { suspendedUntil: PAST };
  const ending = { suspendedUntil: AHEAD };
  const cases: [string, number | undefined, Partial<PlanRecord>, Partial<PlanRecord>, boolean?][] = [
    ['other schedules', NOW, {}, {}, true],
    ['another edit', undefined, {}, {}],
    ['suspended', undefined, {}, forGood],
    ['resumed', NOW, forGood, {}],
    ['resumed before its end', NOW, ending, {}],
    ['an end for one that had none', undefined, forGood, ending],
    ['an end in the past for one that had none', NOW, forGood, ended],
    ['another end', undefined, { suspendedUntil: AHEAD + 5 }, ending],
    ['no end any more', undefined, ending, forGood],
    ['cleared after it had ended: up to its end', PAST - 1, ended, {}],
    ['edited after it had ended', undefined, ended, ended],
    ['suspended anew after it had ended', undefined, ended, ending],
    ['deleted in the foreground', undefined, ending, { ...ending, suspended: true }],
  ];
  for (const [what, cursor, from, to, edited] of cases) t.equal(moved(from, to, edited), cursor, what);
  t.equal(
    newCursor({ from: record(1, forGood), to: record(1) }, false, NOW),
    undefined,
    'nothing was changed by a user',
  );
});
