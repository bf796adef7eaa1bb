// Brings the trigger records of a restored coordination to what the store knows: records that are missing are made, cursors
// put to the latest time point that has a row or was audited, and slots blocked by the runs that go on elsewhere.
import {
  bucketOf,
  encodeTriggerRecord,
  inParallel,
  type Operation,
  readTriggerRecords,
  type TriggerRecord,
  triggerName,
  type VersionedRecord,
} from '../../../coordination/index.js';
import type { Run, Task } from '../../../manifests/index.js';
import { objectPages } from '../../store/object-pages.js';
import type { Stored } from '../../store/store-types.js';
import { type FencedWrite, writeFenced } from '../allocation/fenced-writes.js';
import type { Leadership } from '../leadership.js';
import { type TaskView, taskViewOf } from '../task-view.js';

/** Tries against agents, which raise the same records. */
const ROUNDS_MAX = 20;
const PATHS_IN_FLIGHT = 16;

export interface Raise {
  /** Where the cursor of the task must be at least, whatever the store knows; 0 for nowhere. */
  floorOf(task: TaskView): number;
  /** Where the cursor of a record that is missing must be at least, ms. */
  readonly missingFrom: number;
  /** Of time points up to here it is not known which attempts were claimed. */
  readonly forgottenUpTo: number;
}

export interface Raised {
  made: number;
  raised: number;
}

interface Wanted {
  readonly task: TaskView;
  readonly slot: string;
  readonly path: string;
  readonly cursor: number;
  readonly openRun: Stored<Run> | undefined;
}

export async function raiseRecords(leadership: Leadership, raise: Raise): Promise<Raised> {
  const { store, signal } = leadership;
  const open = new Map<string, Stored<Run>>();
  for (const run of await store.openRuns({})) open.set(triggerName(run.spec.taskUid, run.spec.slot), run);
  const total: Raised = { made: 0, raised: 0 };
  for await (const tasks of objectPages<Task>(store, 'Task')) {
    signal.throwIfAborted();
    await bring(leadership, await wantedOf(leadership, tasks.map(taskViewOf), raise, open), raise, total);
  }
  return total;
}

async function wantedOf(
  { store, layout }: Leadership,
  tasks: readonly TaskView[],
  raise: Raise,
  open: ReadonlyMap<string, Stored<Run>>,
): Promise<Wanted[]> {
  const consumed = new Map<string, Map<string, number>>();
  for (const { taskUid, slot, upTo } of await store.restores.consumedPoints(tasks.map(({ uid }) => uid))) {
    const slots = consumed.get(taskUid) ?? new Map<string, number>();
    slots.set(slot, Math.max(upTo, slots.get(slot) ?? 0));
    consumed.set(taskUid, slots);
  }
  return tasks.flatMap((task) => {
    const slots = consumed.get(task.uid) ?? new Map<string, number>();
    return [...new Set(['', ...slots.keys()])].map((slot): Wanted => {
      const cursor = Math.max(raise.floorOf(task), slots.get(slot) ?? 0);
      const openRun = open.get(triggerName(task.uid, slot));
      return { task, slot, path: layout.trigger(task.uid, slot), cursor, openRun };
    });
  });
}

async function bring(leadership: Leadership, wanted: readonly Wanted[], raise: Raise, total: Raised): Promise<void> {
  const { coordinator, layout, epoch } = leadership;
  let pending = wanted;
  const made = () => {
    total.made += 1;
  };
  for (let round = 1; pending.length > 0; round++) {
    if (round > ROUNDS_MAX) throw new Error('trigger records change faster than they can be raised');
    const records = await readTriggerRecords(
      coordinator,
      pending.map(({ path }) => path),
    );
    const again: Wanted[] = [];
    const writes: FencedWrite[] = [];
    const missing: Wanted[] = [];
    for (const [i, each] of pending.entries()) {
      const found = records[i];
      const refused = () => again.push(each);
      if (found === undefined) {
        missing.push(each);
        writes.push({ operation: creation(each, raise), refused, committed: made });
        continue;
      }
      const next = raisedRecord(found, each, raise);
      if (next === undefined) continue;
      const operation: Operation = {
        ...{ op: 'setData', path: each.path, version: found.version },
        data: encodeTriggerRecord(next),
      };
      const committed = () => {
        if (next.cursor > found.record.cursor) total.raised += 1;
      };
      writes.push({ operation, refused, committed });
    }
    const buckets = [...new Set(missing.map(({ task }) => bucketOf(task.uid)))];
    await inParallel(buckets, PATHS_IN_FLIGHT, (bucket) => coordinator.ensurePath(layout.bucket(bucket)));
    await writeFenced(coordinator, layout, epoch, writes);
    pending = again;
  }
}

/** Without an owner: the allocation gives it one when all of this is over. */
function creation({ task, path, cursor }: Wanted, { missingFrom }: Raise): Operation {
  const record: TriggerRecord = {
    ...{ owner: null, ownerEpoch: 1, revision: task.generation },
    ...{ suspended: task.suspended, suspendedUntil: task.suspendedUntil },
    ...{ cursor: Math.max(cursor, task.createdAt, missingFrom), attempt: 0, claimId: '', blockedBy: null },
  };
  return { op: 'create', path, data: encodeTriggerRecord(record) };
}

/** undefined: it says all that already. */
function raisedRecord({ record }: VersionedRecord, wanted: Wanted, raise: Raise): TriggerRecord | undefined {
  const { task, openRun } = wanted;
  const cursor = Math.max(record.cursor, wanted.cursor);
  const elsewhere = openRun?.status?.agent !== undefined && openRun.status.agent !== record.owner;
  const blockedBy = record.blockedBy ?? (elsewhere && !task.allowsOverlap ? openRun.metadata.uid : null);
  const forgotten = record.retried?.forgottenUpTo ?? 0;
  if (cursor === record.cursor && blockedBy === record.blockedBy && forgotten >= raise.forgottenUpTo) return undefined;
  const retried = { forgottenUpTo: Math.max(forgotten, raise.forgottenUpTo), latest: record.retried?.latest ?? [] };
  return { ...record, cursor, blockedBy, retried };
}
