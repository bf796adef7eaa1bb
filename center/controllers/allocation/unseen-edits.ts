// Edits that happened while nobody led, or under another leader: the store remembers what they replaced.
import { scheduleSpecOf, type Task } from '../../../manifests/index.js';
import type { Leadership } from '../leadership.js';
import type { StoreView } from '../store-view.js';
import type { TaskEdit } from '../task-view.js';
import type { RecordCreate } from './types.js';

/** Generation of a task as it was created. */
const FIRST = 1;

/** A change of a record from one revision to another. */
export interface Revised {
  readonly taskUid: string;
  readonly from: { readonly revision: number };
  readonly to: { readonly revision: number };
}

/** Tells the view of the edits between the two revisions of each update. */
export async function learnUnseenEdits(
  { store }: Leadership,
  view: StoreView,
  updates: readonly Revised[],
): Promise<void> {
  const unseen = updates
    .filter(({ from, to }) => from.revision !== to.revision)
    .filter(({ taskUid, from }) => view.editSince(taskUid, from.revision) === undefined);
  const uids = [...new Set(unseen.map(({ taskUid }) => taskUid))];
  if (uids.length === 0) return;
  const edits = await store.taskEdits(uids);
  const tasks = await store.listByUid<Task>('Task', [...new Set(edits.map(({ taskUid }) => taskUid))]);
  for (const { metadata, spec } of tasks) {
    const mine = edits.filter(({ taskUid }) => taskUid === metadata.uid);
    const later = (i: number) => mine[i + 1]?.schedules ?? scheduleSpecOf({ metadata, spec });
    view.learnEdits(
      metadata.uid,
      mine.map(({ from, schedules }, i): TaskEdit => {
        return { from, schedules, scheduleChanged: JSON.stringify(schedules) !== JSON.stringify(later(i)) };
      }),
    );
  }
}

/**
 * A task may be edited before it gets its first record, and what was due until then was due by the schedules of before. Its record
 * is made for the generation it was created with, without an owner; the next plan brings it forward like any other.
 */
export async function createAsBorn(
  leadership: Leadership,
  view: StoreView,
  creates: readonly RecordCreate[],
): Promise<RecordCreate[]> {
  // A slot that begins now has no past.
  const isOld = ({ revision, cursor }: RecordCreate) => revision > FIRST && cursor !== 'now';
  const edited = creates.filter(isOld);
  const revised = edited.map(({ taskUid, revision }) => ({ taskUid, from: { revision: FIRST }, to: { revision } }));
  await learnUnseenEdits(leadership, view, revised);
  return creates.map((create) => {
    const edit = isOld(create) ? view.editSince(create.taskUid, FIRST) : undefined;
    return edit?.scheduleChanged === true ? { ...create, owner: null, revision: FIRST } : create;
  });
}
