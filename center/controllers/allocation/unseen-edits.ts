// Edits that happened while nobody led, or under another leader: the store remembers what they replaced.
import type { Task } from '../../../manifests/index.js';
import type { Leadership } from '../leadership.js';
import type { StoreView } from '../store-view.js';
import { scheduleSpecOf, type TaskEdit } from '../task-view.js';
import type { RecordUpdate } from './types.js';

/** Tells the view of the edits between the two revisions of each update. */
export async function learnUnseenEdits(
  { store }: Leadership,
  view: StoreView,
  updates: readonly RecordUpdate[],
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
    const later = (i: number) => mine[i + 1]?.schedules ?? scheduleSpecOf(spec);
    view.learnEdits(
      metadata.uid,
      mine.map(({ from, schedules }, i): TaskEdit => {
        return { from, schedules, scheduleChanged: JSON.stringify(schedules) !== JSON.stringify(later(i)) };
      }),
    );
  }
}
