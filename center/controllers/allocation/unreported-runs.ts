// Rule R8 for runs that the store has not heard of: reports are held and paced, so a run that began just before its owner
// was cut off has no row yet. The trigger record knows of it: its cursor and attempt authorised a start.
import { readTriggerRecords, triggerName } from '../../../coordination/index.js';
import { compileSchedules, runUid, scheduleSpecOf, type Task } from '../../../manifests/index.js';
import { OWED_MAX } from '../bookkeeping/owe-points.js';
import type { Leadership } from '../leadership.js';
import type { OpenRun, RecordUpdate } from './types.js';

interface Claimed {
  readonly update: RecordUpdate;
  readonly uid: string;
  readonly cursor: number;
  readonly revision: number;
}

/**
 * By trigger name: the run that was claimed last in each of these slots, unless its end is known. A claimed run of an owner
 * that left cleanly has its row. `versions` gets those of the records that were read.
 */
export async function unreportedRuns(
  leadership: Leadership,
  updates: readonly RecordUpdate[],
  versions = new Map<string, number>(),
): Promise<Map<string, OpenRun>> {
  const { coordinator, layout, store } = leadership;
  const found = await readTriggerRecords(
    coordinator,
    updates.map(({ taskUid, slot }) => layout.trigger(taskUid, slot)),
  );
  const claimed = updates.flatMap((update, i): Claimed[] => {
    const record = found[i]?.record;
    if (found[i] !== undefined) versions.set(update.name, found[i].version);
    if (record === undefined || record.attempt < 1) return [];
    const { taskUid, slot } = update;
    const { cursor, revision } = record;
    return [{ update, uid: runUid({ taskUid, slot, point: cursor }), cursor, revision }];
  });
  const finished = await store.finishedRuns(claimed.map(({ uid }) => uid));
  const open = claimed.filter(({ uid }) => !finished.has(uid));
  if (open.length === 0) return new Map();
  const tasks = await store.listByUid<Task>('Task', [...new Set(open.map(({ update }) => update.taskUid))]);
  const byUid = new Map(tasks.map((task) => [task.metadata.uid, task]));
  const points = new Set(open.filter((claim) => mayBeTimePoint(claim, byUid.get(claim.update.taskUid))));
  const edited = open.filter((claim) => !points.has(claim));
  const before = edited.length === 0 ? [] : await claimedBeforeEdit(leadership, edited);
  return new Map([...points, ...before].map(({ update, uid }) => [update.name, { uid, agent: update.from.owner }]));
}

/** After an edit the cursor is no point of the schedules of now. What was claimed last is owed a row since then (rule R12): whoever claimed it
 * may have started it as well. */
async function claimedBeforeEdit({ store }: Leadership, edited: readonly Claimed[]): Promise<Claimed[]> {
  const last = new Map<string, number>();
  for (const { taskUid, slot, point } of await store.owedPoints(OWED_MAX)) last.set(triggerName(taskUid, slot), point);
  const claimed = edited.flatMap((claim): Claimed[] => {
    const { name, taskUid, slot } = claim.update;
    const point = last.get(name);
    return point === undefined ? [] : [{ ...claim, uid: runUid({ taskUid, slot, point }), cursor: point }];
  });
  const finished = await store.finishedRuns(claimed.map(({ uid }) => uid));
  return claimed.filter(({ uid }) => !finished.has(uid));
}

/** A leader puts cursors to times at which nothing is due (creation, edit, resume): nothing was claimed there. */
function mayBeTimePoint({ cursor, revision }: Claimed, task: Task | undefined): boolean {
  if (task === undefined) return false;
  if (task.metadata.generation !== revision) return true; // of schedules that are not known any more
  const points = compileSchedules(scheduleSpecOf(task), task.metadata.uid ?? '');
  return points.between(cursor - 1, cursor, 1).length > 0;
}
