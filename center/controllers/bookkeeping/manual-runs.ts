// Runs on demand: the API creates them Pending, the leader gives each to the agent that owns the slot, once. Only that
// agent may ever start it.
import { type MembersInformer, triggerName } from '../../../coordination/index.js';
import type { Run } from '../../../manifests/index.js';
import type { RecordCache } from '../allocation/record-cache.js';
import type { Leadership } from '../leadership.js';
import type { StoreView } from '../store-view.js';
import { againIn, done, type ReconcileResult } from '../workqueue/reconcile-loop.js';
import { endOfSlot, verdictReport, waitsForAgent } from './run-facts.js';

/** How often a run looks for an agent while its slot has none. A plan that was applied calls earlier. */
const RETRY_MS = 2_000;

export class ManualRuns {
  /** Uids of runs that wait for an agent. */
  readonly waiting = new Set<string>();
  private readonly leadership: Leadership;
  private readonly view: StoreView;
  private readonly cache: RecordCache;
  private readonly members: MembersInformer;

  constructor(leadership: Leadership, view: StoreView, cache: RecordCache, members: MembersInformer) {
    this.leadership = leadership;
    this.view = view;
    this.cache = cache;
    this.members = members;
  }

  async reconcile(uid: string): Promise<ReconcileResult> {
    const { store, fence, clock } = this.leadership;
    const run = await store.getByUid<Run>('Run', uid);
    if (run === undefined || !waitsForAgent(run)) {
      this.waiting.delete(uid);
      return done;
    }
    const end = endOfSlot(this.view, run);
    if (end !== undefined) {
      const report = verdictReport(run, { ...end, time: clock.now() });
      await store.recordVerdicts([{ report, agent: null }], fence);
      return done;
    }
    const owner = this.cache.get(triggerName(run.spec.taskUid, run.spec.slot))?.owner ?? null;
    if (owner === null || !this.members.members.has(owner)) {
      this.waiting.add(uid);
      return againIn(RETRY_MS);
    }
    await store.assignRun(uid, owner, fence);
    this.waiting.delete(uid);
    return done;
  }
}
