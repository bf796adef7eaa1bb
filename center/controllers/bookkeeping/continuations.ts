// Runs that wait for an attempt which their agent cannot make: their slot has another owner by now (rule R10), or the run is Lost
// and its task wants it run again. The leader gives each to the present owner; the owner's claim decides.

import type { MembersInformer } from '../../../coordination/index.js';
import { readTriggerRecord, triggerName, type VersionedRecord } from '../../../coordination/index.js';
import type { Run } from '../../../manifests/index.js';
import type { Stored } from '../../store/store-types.js';
import type { RecordCache } from '../allocation/record-cache.js';
import type { Leadership } from '../leadership.js';
import type { StoreView } from '../store-view.js';
import { againIn, done, type ReconcileResult } from '../workqueue/reconcile-loop.js';
import { decideContinuation, isUnclaimed, nextAttempt, waitsForAttempt, wantsRerun } from './decide-continuation.js';
import { endOfSlot, verdictReport } from './run-facts.js';

/** Tasks asked about in one statement. */
const TASKS_PER_QUERY = 500;

export class Continuations {
  /** Runs that may have to be given on, with their tasks. Bounded by the open runs, and the Lost ones of one catchUpWindow. */
  private readonly waiting = new Map<
    string,
    { readonly taskUid: string; readonly name: string; agent: string | undefined }
  >();
  /** Monotonic time since which a run is known to wait for an attempt that a former owner has claimed. */
  private readonly claimedSince = new Map<string, number>();
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

  /** True when the run is to be looked at now. */
  note(run: Stored<Run>): boolean {
    const { uid } = run.metadata;
    const { taskUid, slot } = run.spec;
    const waits = waitsForAttempt(run);
    const task = this.view.tasks.get(taskUid);
    if (!waits && (task === undefined || !wantsRerun(run, task, this.leadership.clock.now()))) {
      this.waiting.delete(uid);
      this.claimedSince.delete(uid);
      return false;
    }
    const known = { taskUid, name: triggerName(taskUid, slot), agent: waits ? run.status?.agent : undefined };
    this.waiting.set(uid, known);
    return this.isForeign(known);
  }

  /** Those of the tasks, or all, that may be given on now. */
  *due(tasks?: ReadonlySet<string>): Generator<string> {
    for (const [uid, known] of this.waiting) {
      if ((tasks === undefined || tasks.has(known.taskUid)) && this.isForeign(known)) yield uid;
    }
  }

  /** Lost runs of tasks that want them again; of all such tasks, or of one whose specification has changed. */
  async *lost(taskUid?: string): AsyncGenerator<Stored<Run>> {
    const { store, clock } = this.leadership;
    const all = taskUid === undefined ? [...this.view.tasks.keys()] : [taskUid];
    const uids = all.filter((uid) => this.view.tasks.get(uid)?.rerun !== undefined);
    for (let start = 0; start < uids.length; start += TASKS_PER_QUERY) {
      const some = uids.slice(start, start + TASKS_PER_QUERY);
      const windowMs = Math.max(...some.map((uid) => this.view.tasks.get(uid)?.rerun?.windowMs ?? 0));
      yield* await store.lostRuns(some, clock.now() - windowMs);
    }
  }

  /** Whether the run certainly waits, whatever its agent does: nobody has claimed its next attempt. */
  async waits(run: Stored<Run>): Promise<boolean> {
    if (!waitsForAttempt(run)) return false;
    const found = await this.read(run);
    return found !== undefined && isUnclaimed(run, found.record);
  }

  async reconcile(uid: string): Promise<ReconcileResult> {
    const { store, fence, clock } = this.leadership;
    const run = await store.getByUid<Run>('Run', uid);
    if (run === undefined || !this.note(run)) return done;
    const task = this.view.tasks.get(run.spec.taskUid);
    const end = endOfSlot(this.view, run);
    if (task === undefined || end !== undefined) return end === undefined ? done : this.endOfGone(run, end);
    const owner = this.cache.get(triggerName(run.spec.taskUid, run.spec.slot))?.owner ?? null;
    // Without an owner that could claim it the run waits; a plan that was applied, or the next round, calls again.
    if (owner === null || !this.members.members.has(owner)) return done;
    // This session wrote the change of owner, or read it: what it reads now is not older.
    const found = await this.read(run);
    if (found === undefined || found.record.owner !== owner) return done;
    const next = decideContinuation(run, task, found.record, clock.now());
    if (next !== undefined) await store.continueRun({ uid, agent: owner, ...next }, fence);
    else if (waitsForAttempt(run)) return this.awaitClaimed(run, task.cluster);
    return done;
  }

  /** A former owner has claimed the attempt. It starts it soon or never: when the reply to its claim was lost, and later
   * claims hide it, it takes the claim for refused. */
  private async awaitClaimed(run: Stored<Run>, cluster: string): Promise<ReconcileResult> {
    const { store, fence, clock } = this.leadership;
    const { uid } = run.metadata;
    const since = this.claimedSince.get(uid) ?? clock.monotonic();
    this.claimedSince.set(uid, since);
    // Twice: of an agent that is silent rule R7 speaks first.
    const leftMs = since + 2 * this.view.lostAfterMs(cluster) - clock.monotonic();
    if (leftMs > 0) return againIn(leftMs);
    this.claimedSince.delete(uid);
    const message = `attempt ${nextAttempt(run)} was claimed by a former owner of the slot and never reported`;
    const report = verdictReport(run, { state: 'Lost', reason: 'NeverReported', message, time: clock.now() });
    await store.recordVerdicts([{ report, agent: run.status?.agent ?? null }], fence);
    return done;
  }

  /** A retry that waits belongs to its agent while that owns the slot. */
  private isForeign({ name, agent, taskUid }: { name: string; agent: string | undefined; taskUid: string }): boolean {
    if (!this.view.tasks.has(taskUid)) return true;
    return agent === undefined || this.cache.get(name)?.owner !== agent;
  }

  /** Nobody will own the slot again. The row follows its task when it is final. */
  private async endOfGone(run: Stored<Run>, end: NonNullable<ReturnType<typeof endOfSlot>>): Promise<ReconcileResult> {
    const { store, fence, clock } = this.leadership;
    if (!waitsForAttempt(run)) return done; // Lost, and nobody is there to run it again
    const owner = this.cache.get(triggerName(run.spec.taskUid, run.spec.slot))?.owner ?? null;
    if (!this.cache.filled || owner !== null) return done;
    const report = verdictReport(run, { ...end, time: clock.now() });
    await store.recordVerdicts([{ report, agent: null }], fence);
    return done;
  }

  private read({ spec }: Stored<Run>): Promise<VersionedRecord | undefined> {
    const { coordinator, layout } = this.leadership;
    return readTriggerRecord(coordinator, layout.trigger(spec.taskUid, spec.slot));
  }
}
