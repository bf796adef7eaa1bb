// Slots that begin or end while their task goes on: an agent that joins or leaves an EveryAgent task, another number of shards,
// another mode. The audit (rule R12) must know the stretch of time in which a slot has time points: its mark is put to where the slot
// begins before there is a record, and what a slot that ended still owes is in the store before its record goes.
import { readTriggerRecords } from '../../../coordination/index.js';
import { scheduleSpecOf, type Task } from '../../../manifests/index.js';
import { oweStretch } from '../bookkeeping/owe-points.js';
import type { Leadership } from '../leadership.js';
import type { StoreView } from '../store-view.js';
import type { RecordCreate, RecordRemove } from './types.js';

export interface SlotMark {
  readonly taskUid: string;
  readonly slot: string;
  readonly upTo: number;
}

/** A record to make, with its cursor in numbers. */
export type DatedCreate = RecordCreate & { readonly cursor: number };

/** Gives slots that begin now their instant. Returns the marks it wrote for them. */
export async function beginSlots(
  { store, fence, clock }: Leadership,
  creates: readonly RecordCreate[],
): Promise<{ creates: DatedCreate[]; marks: SlotMark[] }> {
  const now = clock.now();
  const marks = creates
    .filter(({ cursor }) => cursor === 'now')
    .map(({ taskUid, slot }): SlotMark => ({ taskUid, slot, upTo: now }));
  if (marks.length > 0) await store.setAuditedUpTo(marks, fence);
  return {
    creates: creates.map((create) => ({ ...create, cursor: create.cursor === 'now' ? now : create.cursor })),
    marks,
  };
}

/** Settles what ended slots owe. Nobody may claim in them any more. Returns the marks it wrote. */
export async function settleEnded(
  leadership: Leadership,
  view: StoreView,
  ended: readonly RecordRemove[],
): Promise<SlotMark[]> {
  if (ended.length === 0) return [];
  const { store, coordinator, layout } = leadership;
  const paths = ended.map(({ taskUid, slot }) => layout.trigger(taskUid, slot));
  const records = await readTriggerRecords(coordinator, paths);
  const tasks = await store.listByUid<Task>('Task', [...new Set(ended.map(({ taskUid }) => taskUid))]);
  const specs = new Map(tasks.map((task) => [task.metadata.uid, scheduleSpecOf(task)]));
  const marks: SlotMark[] = [];
  for (const [i, { taskUid, slot, from }] of ended.entries()) {
    const cursor = records[i]?.record.cursor;
    const schedules = view.editSince(taskUid, from.revision)?.schedules ?? specs.get(taskUid);
    if (cursor === undefined || schedules === undefined) continue;
    leadership.signal.throwIfAborted();
    const audited = await store.auditedUpTo(taskUid, slot);
    const mark = audited ?? (from.revision === 1 ? view.tasks.get(taskUid)?.createdAt : undefined);
    await oweStretch(leadership, { taskUid, slot, mark, from: cursor, to: cursor, schedules });
    marks.push({ taskUid, slot, upTo: cursor });
  }
  return marks;
}
