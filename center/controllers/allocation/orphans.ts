// Records of tasks that the store does not know (rule R14). Only a tombstone proves that a task was deleted: a store that was
// restored from a backup does not know its newest tasks, and a record that is deleted cannot be brought back. Such a
// record is kept, without owner and suspended, until the task is known again or an operator says that it is gone.
import { readTriggerRecords } from '../../../coordination/index.js';
import type { Leadership } from '../leadership.js';
import type { PlanRecord, RecordRemove } from './types.js';

/** Uids named in one event. */
const NAMED_MAX = 10;

export interface SortedRemoves {
  /** Their tasks were deleted. */
  readonly buried: readonly RecordRemove[];
  /** Nobody is known to have deleted their tasks. */
  readonly orphaned: readonly RecordRemove[];
}

export class Orphans {
  private readonly leadership: Leadership;
  /** Names of records that were found to be orphaned, so that their tombstones are not looked for with each plan. */
  private readonly known = new Set<string>();
  private forgottenAt = 0;

  constructor(leadership: Leadership) {
    this.leadership = leadership;
  }

  /** `forgetBefore`: orphans since before this time (ms) are gone, an operator says. */
  async sort(removes: readonly RecordRemove[], forgetBefore: number): Promise<SortedRemoves> {
    const { store } = this.leadership;
    const wanted = new Set(removes.map(({ name }) => name));
    for (const name of this.known) if (!wanted.has(name)) this.known.delete(name);
    if (forgetBefore > this.forgottenAt) await this.forget(removes, forgetBefore);
    const asked = removes.filter(({ name, from }) => !this.known.has(name) || !isSuspended(from));
    if (asked.length === 0) return { buried: [], orphaned: [] };
    const tombs = await store.restores.buriedTasks([...new Set(asked.map(({ taskUid }) => taskUid))]);
    const orphaned = asked.filter(({ taskUid }) => !tombs.has(taskUid));
    const news = orphaned.filter(({ name }) => !this.known.has(name));
    if (news.length > 0) await this.tell(news);
    for (const { name } of orphaned) this.known.add(name);
    return { buried: asked.filter(({ taskUid }) => tombs.has(taskUid)), orphaned };
  }

  private async forget(removes: readonly RecordRemove[], before: number): Promise<void> {
    const { store, fence, coordinator, layout, log } = this.leadership;
    const suspended = removes.filter(({ from }) => isSuspended(from));
    const records = await readTriggerRecords(
      coordinator,
      suspended.map(({ taskUid, slot }) => layout.trigger(taskUid, slot)),
    );
    const gone = suspended.filter((_, i) => (records[i]?.mtime ?? Number.POSITIVE_INFINITY) <= before);
    if (gone.length > 0) {
      await store.restores.buryTasks([...new Set(gone.map(({ taskUid }) => taskUid))], fence);
      log.warn({ records: gone.length }, 'records of unknown tasks are deleted, as an operator wants');
    }
    for (const { name } of gone) this.known.delete(name);
    this.forgottenAt = before;
  }

  private async tell(orphaned: readonly RecordRemove[]): Promise<void> {
    const { store, clock, log } = this.leadership;
    const uids = orphaned.map(({ taskUid }) => taskUid);
    const named = uids.slice(0, NAMED_MAX).join(', ');
    log.error(
      { records: uids.length, tasks: named },
      'there are trigger records of tasks that the store does not know',
    );
    const more = uids.length > NAMED_MAX ? ` and ${uids.length - NAMED_MAX} more` : '';
    await store.recordEvents([
      {
        reason: 'UnknownTasks',
        message: `trigger records of tasks that the store does not know are kept and suspended: ${named}${more}; was the store restored from a backup?`,
        regarding: { kind: 'Cluster', name: 'default' },
        source: 'allocation',
        time: clock.now(),
      },
    ]);
  }
}

function isSuspended({ owner, suspended }: PlanRecord): boolean {
  return owner === null && suspended;
}
