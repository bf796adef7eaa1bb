// spec.maxRuns: how many time points of a slot were given to runs. The count is in the trigger record and moves with the
// compare-and-set that authorises a run, so it holds for whoever owns the slot.
import type { TriggerRecord } from '../../coordination/index.js';
import type { Slot } from './slot.js';

type Counted = Pick<Slot, 'task' | 'unused'>;

/** True when no further time point may be run. */
export function isSpent(slot: Counted, record: TriggerRecord): boolean {
  const maxRuns = slot.task?.policy.maxRuns;
  return maxRuns !== undefined && countOf(slot, record) >= maxRuns;
}

/** What a claim that authorises one more run writes; undefined: nothing is counted for the task. */
export function countWithOneMore(slot: Counted, record: TriggerRecord): number | undefined {
  return slot.task?.policy.maxRuns === undefined ? undefined : countOf(slot, record) + 1;
}

/**
 * The count without what came to nothing, where the record says that there are no runs left and there are: others go by the record.
 * undefined: it need not be written. What is taken here is not taken again, whatever becomes of the write: a count that is too
 * high runs one too few, one that is too low would run one too many.
 */
export function takeMiscount(slot: Pick<Slot, 'task'> & { unused: number }, record: TriggerRecord): number | undefined {
  const maxRuns = slot.task?.policy.maxRuns;
  if (maxRuns === undefined || slot.unused === 0 || (record.runs ?? 0) < maxRuns) return undefined;
  const runs = countOf(slot, record);
  slot.unused = 0;
  return runs;
}

/** What came to nothing does not count. That is known to the agent that claimed it, until it writes it with its next claim. */
function countOf({ unused }: Counted, { runs = 0 }: TriggerRecord): number {
  return Math.max(0, runs - unused);
}
