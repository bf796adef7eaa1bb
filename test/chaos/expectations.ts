// What was due: from what was declared and when, each time point of a task is one of three kinds. One that is none of them
// must not fire.
import type { DeclaredTask, Stretch } from './history.js';
import { timePoints } from './time-points.js';

/**
 * must: one start, or a record that says why not. skip: a record, no start (suspended). may: a change was under way; it
 * may fire, be recorded, or be neither.
 */
export type Expectation = 'must' | 'skip' | 'may';

/** A claim may stand this long before its time point, so a change that came into force after it does not undo it. */
export const CLAIM_LEAD_MS = 10_500;
/** The cursor of a new revision is the leader's now, which is a little before the write is in the log. */
const EFFECT_SLACK_MS = 1_000;

export function expectations(task: DeclaredTask, window: Stretch): Map<number, Expectation> {
  const expected = new Map<number, Expectation>();
  task.phases.forEach((phase, index) => {
    const next = task.phases[index + 1] ?? task.deleted;
    const last = Math.min(next === undefined ? window.to : next.effective + CLAIM_LEAD_MS, window.to);
    // Its first time points may be settled by what was in force before.
    const slack = phase.suspended ? CLAIM_LEAD_MS : phase.byItself ? -1 : EFFECT_SLACK_MS;
    const settled = phase.effective + slack;
    for (const point of timePoints(phase.rule, Math.max(phase.invoked, window.from), last)) {
      const stable = point > settled && (next === undefined || point < next.invoked - 1);
      const kind = stable && task.deleted === undefined ? (phase.suspended ? 'skip' : 'must') : 'may';
      const known = expected.get(point);
      // Two phases may both yield it while one follows the other; only a stable phase decides.
      if (known === undefined || known === 'may') expected.set(point, kind);
    }
  });
  return expected;
}
