// The result of a task with several slots: that of all its runs of one time point, or of one request.
import { isFinal, type Run, type RunState, runUid } from '../../../manifests/index.js';
import type { Cause, RunResult } from '../../store/dependencies/dependency-book.js';
import { groupName } from '../../store/dependencies/results.js';
import { RESTORED } from '../../store/restore-book.js';
import type { Store } from '../../store/store.js';
import { stateOfAll } from './decide.js';

export interface GroupResult {
  /** undefined: none of the runs ran. */
  readonly cause: Cause | undefined;
  /** The results that it is made of. */
  readonly ids: readonly number[];
}

/** undefined while a run of the group may still come, or is open. `slots`: those that the task has now. `comesBack`: whether a run
 * that was Lost ends once more. */
export async function groupResult(
  store: Pick<Store, 'dependencies' | 'listByUid' | 'auditedUpTo'>,
  result: RunResult,
  slots: readonly string[],
  comesBack: (result: RunResult) => Promise<boolean>,
): Promise<GroupResult | undefined> {
  const { taskUid, point } = result;
  const group = await store.dependencies.resultsOfGroup(result.groupUid);
  // Of one run that was Lost and came back there are two: the later word counts.
  const states = new Map<string, RunState>(latestOf(group).map(({ slot, state }) => [slot, state]));
  for (const one of latestOf(group)) if (one.state === 'Lost' && (await comesBack(one))) return undefined;
  const untold = slots.filter((slot) => slot !== '' && !states.has(slot));
  const uids = new Map(untold.map((slot) => [runUid({ taskUid, slot, point }), slot]));
  for (const { metadata, status } of await store.listByUid<Run>('Run', [...uids.keys()])) {
    const { state = 'Pending' } = status ?? {};
    if (!isFinal(state)) return undefined;
    if (status?.reason === RESTORED) return { cause: undefined, ids: group.map(({ id }) => id) };
    states.set(uids.get(metadata.uid)!, state);
  }
  if (typeof point === 'number') {
    for (const slot of untold) {
      if (states.has(slot)) continue;
      // Rule R12: up to its mark every time point of a slot has its row, or the slot did not exist then.
      const mark = await store.auditedUpTo(taskUid, slot);
      if (mark === undefined || mark < point) return undefined;
    }
  }
  const state = stateOfAll([...states.values()]);
  const ids = group.map(({ id }) => id);
  if (state === undefined) return { cause: undefined, ids };
  const { task, scheduledTime, groupUid } = result;
  const endTime = Math.max(...group.map((one) => one.endTime));
  return { cause: { uid: groupUid, name: groupName(result), task, state, scheduledTime, endTime }, ids };
}

/** Of each slot. */
function latestOf(group: readonly RunResult[]): RunResult[] {
  return [...new Map(group.map((result) => [result.slot, result])).values()];
}
