// What this agent knows of its own: time points that it consumed, whatever the trigger record says (rule R13).
import type { Journal } from '../journal/journal.js';
import type { RunTable } from '../runs/run-table.js';
import { slotKey } from '../schedule-loop/slot.js';

/** Latest time point of the slot that was claimed here, as far as is remembered; 0 for none. None up to it starts again. */
export function consumedUpTo(journal: Journal, table: RunTable, key: string): number {
  let latest = journal.state.consumed.get(key) ?? 0;
  for (const { point } of table.ofSlot(key)) if (typeof point === 'number' && point > latest) latest = point;
  return latest;
}

/** By slot, what may have been consumed here: of claims that are not resolved nobody else knows, so they count. */
export function consumedHere(journal: Journal): Map<string, number> {
  const { consumed, claims } = journal.state;
  const latest = new Map(consumed);
  for (const { taskUid, slot, point } of claims.values()) {
    if (typeof point !== 'number') continue;
    const key = slotKey(taskUid, slot);
    latest.set(key, Math.max(point, latest.get(key) ?? 0));
  }
  return latest;
}
