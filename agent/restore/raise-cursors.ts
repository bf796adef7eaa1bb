import {
  type Coordinator,
  encodeTriggerRecord,
  inParallel,
  isCoordinationError,
  type Layout,
  readTriggerRecord,
} from '../../coordination/index.js';

/** Records looked at at a time. */
const IN_FLIGHT = 64;
/** Tries against the leader, which raises the same records. */
const TRIES_MAX = 20;

/** A run of this agent that goes on. */
export interface OpenHere {
  readonly uid: string;
}

/**
 * Brings the cursors of a restored coordination to what this agent consumed (rule R13). Only for this agents write records
 * they do not own, only while nobody claims, and only forward. A slot that was given to another agent meanwhile is blocked
 * by the run that goes on here (rule R8), as the leader would have done. Returns how many records were behind.
 */
export async function raiseCursors(
  coordinator: Coordinator,
  layout: Layout,
  agent: string,
  consumed: ReadonlyMap<string, number>,
  openRun: (slotKey: string) => OpenHere | undefined,
): Promise<number> {
  let raised = 0;
  await inParallel([...consumed], IN_FLIGHT, async ([key, point]) => {
    const cut = key.indexOf('/');
    const path = layout.trigger(key.slice(0, cut), key.slice(cut + 1));
    for (let tries = 1; tries <= TRIES_MAX; tries++) {
      const found = await readTriggerRecord(coordinator, path);
      if (found === undefined) return; // no such task any more
      const { record, version } = found;
      const open = record.owner === agent ? undefined : openRun(key);
      const blockedBy = record.blockedBy ?? open?.uid ?? null;
      if (record.cursor >= point && blockedBy === record.blockedBy) return;
      const next = { ...record, cursor: Math.max(record.cursor, point), blockedBy };
      try {
        await coordinator.setData(path, encodeTriggerRecord(next), version);
        if (next.cursor > record.cursor) raised += 1;
        return;
      } catch (error) {
        if (!isCoordinationError(error, 'badVersion') || tries === TRIES_MAX) throw error;
      }
    }
  });
  return raised;
}
