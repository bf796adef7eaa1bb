import fc from 'fast-check';
import t from 'tap';
import type { TriggerRecord, VersionedRecord } from '../../coordination/index.js';
import { compileSchedules, taskPolicy } from '../../manifests/index.js';
import { decideClaim } from './decide-claim.js';
import type { LoadedTask } from './loaded-task.js';
import { newSlot } from './slot.js';
import { endWithoutWord, noteResumption, suspendedUntil } from './suspension.js';

const START = Date.parse('2026-03-02T10:00:00Z');
const NEVER = Number.POSITIVE_INFINITY;
const entry = { taskUid: 'u', slot: '', revision: 1, ownerEpoch: 1, suspended: false };

const record = (changes: Partial<TriggerRecord> = {}): TriggerRecord => ({
  ...{ owner: 'a', ownerEpoch: 1, revision: 1, suspended: false },
  ...{ cursor: START, attempt: 0, claimId: '', blockedBy: null },
  ...changes,
});
const read = (changes: Partial<TriggerRecord>, mtime: number): VersionedRecord => ({
  ...{ record: record(changes), version: 1, mtime },
});

t.test('what a record says, and what is left over of a suspension that was cut off', async (t) => {
  const until = START + 60_000;
  const after = (from: Partial<TriggerRecord>, to: Partial<TriggerRecord>, mtime: number) => {
    const slot = newSlot(entry, '/x');
    slot.known = read(from, START);
    noteResumption(slot, read(to, mtime));
    return suspendedUntil(slot, record(to), mtime + 500);
  };
  t.equal(suspendedUntil(newSlot(entry, '/x'), record({ suspended: true }), START), NEVER);
  t.equal(suspendedUntil(newSlot(entry, '/x'), record({ suspendedUntil: until }), START), until);
  t.equal(after({ suspended: true }, {}, START + 1000), START + 1001, 'up to the word that resumed it');
  t.equal(after({ suspendedUntil: until }, {}, START + 1000), START + 1001);
  t.equal(after({ suspendedUntil: until }, {}, until + 1000), until, 'it had ended by itself: up to its end');
  t.equal(after({ suspended: true }, { suspendedUntil: until }, START + 1000), until, 'it was given an end');
  t.equal(after({ suspended: true }, { suspendedUntil: until }, until + 1000), until + 1001, 'an end that had passed');
  t.ok(after({}, { suspendedUntil: START + 1 }, START + 1000) <= START + 1, 'nothing was suspended');
});

t.test('a slot that goes on without claims looks at the end', async (t) => {
  const slot = newSlot(entry, '/x');
  const policy = { ...taskPolicy({ run: { command: ['true'] }, partitionPolicy: 'Continue' }) };
  slot.task = { policy } as LoadedTask;
  slot.known = read({ suspendedUntil: START + 5 }, START);
  t.equal(endWithoutWord(slot, START), START + 5);
  t.equal(endWithoutWord(slot, START + 5), undefined, 'it has ended');
  slot.known = read({ suspended: true, suspendedUntil: START + 5 }, START);
  t.equal(endWithoutWord(slot, START), undefined, 'it does not end');
});

t.test('any end, any absence of the owner: before the end all is skipped, from the end on nothing is', async (_t) => {
  const stories = fc.record({
    everyMs: fc.integer({ min: 1, max: 30 }).map((seconds) => seconds * 1000),
    untilMs: fc.integer({ min: 0, max: 300_000 }),
    leadMs: fc.constantFrom(0, 1000, 10_000),
    batchMs: fc.constantFrom(0, 10_000),
    /** When the owner looks; between two looks it is away. */
    looks: fc.array(fc.integer({ min: 0, max: 400_000 }), { minLength: 1, maxLength: 40 }),
  });
  fc.assert(
    fc.property(stories, ({ everyMs, untilMs, leadMs, batchMs, looks }) => {
      const points = compileSchedules({ schedules: [{ every: `${everyMs / 1000}s` }] }, 'u');
      const policy = { missedRunPolicy: 'RunAll', startingDeadlineMs: 1000, catchUpWindowMs: 3_600_000 } as const;
      const end = START + untilMs;
      const decided: { time: number; skipped: boolean; at: number }[] = [];
      let after = START;
      let nextBatchAt = 0;
      const view = () => ({ after, suspendedUntil: end, aheadUntil: 0, nextBatchAt, leadMs, policy });
      for (const at of [...looks, 400_000].sort((a, b) => a - b)) {
        const now = START + at;
        for (;;) {
          const plan = decideClaim({ ...view(), limit: Number.POSITIVE_INFINITY, active: [] }, points, now);
          if (plan.kind !== 'claim') break;
          for (const { point, reason } of plan.unrun)
            decided.push({ time: point.time, skipped: reason === 'Suspended', at: now });
          if (plan.run !== undefined) decided.push({ time: plan.run.point.time, skipped: false, at: now });
          if (now < end) nextBatchAt = now + batchMs;
          after = plan.cursor;
          if (plan.run !== undefined && plan.run.point.time > now) break; // one ahead
        }
      }
      const due = points.between(START, START + 400_000, 1000).map(({ time }) => time);
      const settled = decided.filter(({ time }) => time <= START + 400_000);
      return (
        JSON.stringify(settled.map(({ time }) => time)) === JSON.stringify(due) && // each once, in order
        settled.every(({ time, skipped }) => skipped === time < end) &&
        settled.every(({ time, skipped, at }) => !skipped || time <= at) // never ahead: somebody may resume the task
      );
    }),
    { numRuns: 500 },
  );
});
