// The past is kept within limits: runs per task by count and age, their output by bytes, runs of deleted tasks, events by age. Slices are small,
// so that reports never wait behind a clean-up.
import type { Run } from '../../../manifests/index.js';
import { isFinal } from '../../../manifests/index.js';
import type { Stored } from '../../store/store-types.js';
import type { Leadership } from '../leadership.js';
import type { StoreView } from '../store-view.js';

const EVENTS_KEPT_MS = 24 * 3_600_000;
/** A task that was deleted can come back for a day. */
const DELETED_KEPT_MS = 24 * 3_600_000;
const EVENTS_EVERY_MS = 600_000;
const PACKAGES_EVERY_MS = 600_000;
/** A backup that is older than this finds no proof that a task was deleted: its record is kept until an operator decides. */
const TOMBSTONES_KEPT_MS = 400 * 24 * 3_600_000;
/** Which runs have caused others is known for as long as a report could be repeated that long after. */
const USES_KEPT_MS = 90 * 24 * 3_600_000;
/** Also quiet tasks have runs that grow too old. */
const ALL_TASKS_EVERY_MS = 3_600_000;
const TASKS_PER_TURN = 50;
/** What one call of the store removes at most; when it removed that many there may be more. */
const SLICE = 500;

/** Unless the center is told otherwise. */
export const AUDIT_RETENTION_MS = 90 * 24 * 3_600_000;
/** Entries removed in one round. */
const AUDIT_SLICE = 2000;

export class Pruning {
  private readonly leadership: Leadership;
  private readonly view: StoreView;
  private readonly counters: { prunedRuns: number };
  /** Tasks that had a run end, or whose audit moved on, since they were last pruned: the store keeps what the audit has
   * not passed. */
  private readonly tasks = new Set<string>();
  private eventsAt = Number.NEGATIVE_INFINITY;
  private allTasksAt = Number.NEGATIVE_INFINITY;
  private orphansMayExist = true;
  private auditAt = Number.NEGATIVE_INFINITY;
  /** Set at the first round: a center that has just begun to lead has better things to do. */
  private packagesAt: number | undefined;
  private readonly auditRetentionMs: number;

  constructor(
    leadership: Leadership,
    view: StoreView,
    counters: { prunedRuns: number },
    auditRetentionMs = AUDIT_RETENTION_MS,
  ) {
    this.auditRetentionMs = auditRetentionMs;
    this.leadership = leadership;
    this.view = view;
    this.counters = counters;
  }

  noteRun(run: Stored<Run>): void {
    if (run.status !== undefined && isFinal(run.status.state)) this.tasks.add(run.spec.taskUid);
  }

  noteTask(uid: string): void {
    this.tasks.add(uid);
  }

  noteDeletedTask(): void {
    this.orphansMayExist = true;
  }

  async reconcile(): Promise<void> {
    const { store, clock, fence, signal } = this.leadership;
    const monotonic = clock.monotonic();
    if (monotonic - this.allTasksAt >= ALL_TASKS_EVERY_MS) {
      this.allTasksAt = monotonic;
      for (const uid of this.view.tasks.keys()) this.tasks.add(uid);
      this.orphansMayExist = true;
    }
    for (const uid of [...this.tasks].slice(0, TASKS_PER_TURN)) {
      if (signal.aborted) return;
      await this.pruneTask(uid);
    }
    if (this.orphansMayExist) {
      const removed = await store.pruneOrphanRuns(SLICE, fence);
      this.counters.prunedRuns += removed;
      this.orphansMayExist = removed > 0;
    }
    if (monotonic - this.auditAt >= EVENTS_EVERY_MS) {
      const removed = await store.audit.prune(clock.now() - this.auditRetentionMs, AUDIT_SLICE, fence);
      // There may be more: the next round goes on.
      if (removed < AUDIT_SLICE) this.auditAt = monotonic;
    }
    this.packagesAt ??= monotonic;
    if (monotonic - this.packagesAt >= PACKAGES_EVERY_MS) {
      this.packagesAt = monotonic;
      await store.packages.collect(clock.now(), fence);
    }
    if (monotonic - this.eventsAt >= EVENTS_EVERY_MS) {
      this.eventsAt = monotonic;
      await store.pruneEvents(clock.now() - EVENTS_KEPT_MS, fence);
      await store.revisions.forgetDeleted(clock.now() - DELETED_KEPT_MS, fence);
      await store.dependencies.forgetUses(clock.now() - USES_KEPT_MS, fence);
      await store.restores.pruneTombstones(clock.now() - TOMBSTONES_KEPT_MS, fence);
    }
  }

  private async pruneTask(uid: string): Promise<void> {
    const { store, clock, fence } = this.leadership;
    const task = this.view.tasks.get(uid);
    this.tasks.delete(uid);
    if (task === undefined) {
      this.orphansMayExist = true;
      return;
    }
    const limits = { runs: task.history.runs, olderThan: clock.now() - task.history.ageMs };
    const removed = await store.pruneRuns(uid, limits, fence);
    this.counters.prunedRuns += removed;
    if (task.history.bytes !== undefined) await store.trimLogs(uid, task.history.bytes, fence);
    if (removed >= SLICE) this.tasks.add(uid);
  }
}
