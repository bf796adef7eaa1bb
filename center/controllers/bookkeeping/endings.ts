// Tasks that are deleted in the foreground: their open runs are cancelled, and when the last one has ended the task
// goes. Nothing fires meanwhile: a task that is going is out of force like one that is suspended.
import { readTriggerRecords } from '../../../coordination/index.js';
import type { Run, Task } from '../../../manifests/index.js';
import type { Stored } from '../../store/store-types.js';
import type { Leadership } from '../leadership.js';
import { againIn, done, type ReconcileResult } from '../workqueue/reconcile-loop.js';

/** How often the runs of a task are looked at besides when one ends. */
const LOOK_MS = 1_000;
/** Claims run ahead of the time point by 10 s at most (rule R4); after that time a run that was claimed has begun. */
const CLAIM_AHEAD_MS = 10_000;

export class Endings {
  private readonly leadership: Leadership;

  constructor(leadership: Leadership) {
    this.leadership = leadership;
  }

  async reconcile(uid: string): Promise<ReconcileResult> {
    const { store, fence } = this.leadership;
    const task = await store.getByUid<Task>('Task', uid);
    if (task?.metadata.deletionTimestamp === undefined) return done;
    // In this order: a run that is not seen by the second was seen by the first.
    const settled = await this.claimsNothing(task);
    const open = await store.openRuns({ taskUid: uid });
    await this.cancel(open);
    if (!settled || open.length > 0) return againIn(LOOK_MS);
    await store.finishDeletion(uid, fence);
    return done;
  }

  private async cancel(runs: readonly Stored<Run>[]): Promise<void> {
    for (const { metadata, spec } of runs) {
      if (spec.cancelRequestedTime !== undefined) continue;
      await this.leadership.store.requestCancel(metadata.namespace ?? 'default', metadata.name);
    }
  }

  /** The deletion is in force in the trigger record, and what was claimed before that has been reported. */
  private async claimsNothing({ metadata }: Stored<Task>): Promise<boolean> {
    const { coordinator, layout, store, clock } = this.leadership;
    const [found] = await readTriggerRecords(coordinator, [layout.trigger(metadata.uid, '')]);
    if (found === undefined) return true;
    const { owner, revision, suspended, cursor, attempt } = found.record;
    if (owner !== null && (revision < metadata.generation || !suspended)) return false;
    if (attempt === 0 || clock.now() > cursor + CLAIM_AHEAD_MS) return true;
    return (await store.existingTimePoints(metadata.uid, '', [cursor])).has(cursor);
  }
}
