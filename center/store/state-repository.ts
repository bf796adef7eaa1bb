import type { AnyObject, KindName, RunReport, RunReportReply } from '../../manifests/index.js';
import { applyBatch } from './apply-batch.js';
import { appendAudit } from './audit/append-audit.js';
import type { AuditFilter, AuditPage, AuditRefusal, AuditSource } from './audit/audit-trail.js';
import { pruneAudit } from './audit/prune-audit.js';
import { readAudit } from './audit/read-audit.js';
import { auditedUpTo, deleteAuditMarks, setAuditMarks } from './audit-marks.js';
import type { ChangeFeed } from './change-feed.js';
import type { ContinueToken } from './continue-token.js';
import type { SqlDatabase } from './database.js';
import { forgetDeleted, readDeleted } from './deleted-tasks.js';
import { raiseEpoch, readEpoch, readIdentity } from './epochs.js';
import { deleteOldEvents, keyedEvent, upsertEvents } from './events.js';
import type { LeaderFence } from './leader-fence.js';
import { listObjects } from './list-objects.js';
import { getEvent, listNewestFirst } from './list-runs.js';
import { listSorted } from './list-sorted.js';
import {
  deleteObject,
  ensureBuiltIns,
  finishDeletion,
  getObject,
  getObjectByUid,
  getObjectsByUid,
  heartbeatAgent,
  updateObjectStatus,
} from './objects.js';
import { addOwedPoints, forgetOwedOf, readOwedPoints, removeOwedPoints } from './owed-points.js';
import { type ReferencesAfter, type ReferencesPage, readReferences } from './packages/package-references.js';
import { orphanRuns, runsBeyondLimits } from './prune-runs.js';
import { ReportQueue } from './report-queue.js';
import type { ObjectPage, ObjectText, OutcomeText } from './repository-types.js';
import { requestCancel } from './request-cancel.js';
import { RestoreRepository } from './restore-repository.js';
import type { DeletedTask, StoredRevision } from './revision-book.js';
import { continueRun, lostRuns } from './run-continuation.js';
import { mergeReports } from './run-reports.js';
import { runSummaries } from './run-summaries.js';
import {
  assignRun,
  createRun,
  createRuns,
  deleteRun,
  existingTimePoints,
  finishedRuns,
  getRun,
  getRunByUid,
  getRunsByUid,
  openRuns,
  removeFinishedRuns,
} from './runs.js';
import type { StateSchema } from './schema.js';
import { readStatistics, type StoreStatistics } from './statistics.js';
import { readAmounts, type StoredAmounts } from './store-facts.js';
import type {
  ApplyOptions,
  CancelAsk,
  DeleteOptions,
  LeaderRunVerdict,
  ListOptions,
  NewEvent,
  NewRun,
  ObjectKey,
  OwedPoint,
  RunContinuation,
  RunSummary,
  StoredEdit,
  TokenRow,
} from './store-types.js';
import { readEdits } from './task-edits.js';
import { readRevisions } from './task-revisions.js';
import { findSubject, findToken, hasToken, putToken } from './tokens.js';
import { WriteQueue } from './write-queue.js';

/** Runs that stay without their task have no history limits of their own: as long as a task keeps its runs by default. */
const ORPHANS_KEPT_MS = 90 * 86_400_000;

export interface StateRepositoryOptions {
  readonly database: SqlDatabase<StateSchema>;
  readonly feed: ChangeFeed;
  /** Wall time, ms. */
  readonly now: () => number;
}

/**
 * Definitions, runs, events and what belongs to them: what the store offers of them, see `Store`, with objects as JSON
 * text. It lives in the thread of the database, and every public method may be called from the store's.
 */
export class StateRepository extends RestoreRepository {
  private readonly feed: ChangeFeed;
  private readonly reports: ReportQueue;

  constructor({ database, feed, now }: StateRepositoryOptions) {
    super(database, new WriteQueue({ database, now, versioning: feed }), now);
    this.feed = feed;
    this.reports = new ReportQueue(this.queue);
  }

  /** Makes what exists by itself. */
  prepare(): Promise<void> {
    return this.queue.run(ensureBuiltIns);
  }

  /** Resolves when all writes that were accepted are committed. */
  close(): Promise<void> {
    return this.queue.close();
  }

  // --- objects ---

  async get(key: ObjectKey): Promise<ObjectText | undefined> {
    if (key.kind === 'Run') return getRun(this.database, key.namespace, key.name);
    return key.kind === 'Event' ? getEvent(this.database, key.namespace, key.name) : getObject(this.database, key);
  }

  async getByUid(kind: KindName, uid: string): Promise<ObjectText | undefined> {
    return kind === 'Run' ? getRunByUid(this.database, uid) : getObjectByUid(this.database, kind, uid);
  }

  async listByUid(kind: KindName, uids: readonly string[]): Promise<ObjectText[]> {
    return kind === 'Run' ? getRunsByUid(this.database, uids) : getObjectsByUid(this.database, kind, uids);
  }

  /** A page as it is now. When this resolves, every change up to its version has been published. */
  async list(kind: KindName, options: ListOptions, token: ContinueToken | null): Promise<ObjectPage> {
    const from = token ?? undefined;
    const { sortBy } = options;
    const page = await (kind === 'Run' || kind === 'Event'
      ? listNewestFirst(this.database, kind, options, from)
      : sortBy === undefined
        ? listObjects(this.database, kind, options, from)
        : listSorted(this.database, kind, { ...options, sortBy }, from));
    await this.feed.reached(page.version);
    return page;
  }

  apply(given: readonly AnyObject[], options: ApplyOptions): Promise<OutcomeText[]> {
    return this.queue.run(async (tx) => {
      if (options.dryRun) tx.discard();
      return applyBatch(tx, given, options);
    });
  }

  updateStatus(key: ObjectKey, status: unknown, fence: LeaderFence | null): Promise<ObjectText | undefined> {
    return this.fenced(fence, (tx) => updateObjectStatus(tx, key, status));
  }

  delete(key: ObjectKey, options: DeleteOptions): Promise<ObjectText> {
    return this.queue.run((tx) => deleteObject(tx, key, options));
  }

  finishDeletion(taskUid: string, fence: LeaderFence): Promise<void> {
    return this.fenced(fence, (tx) => finishDeletion(tx, taskUid));
  }

  heartbeat(
    name: string,
    spec: { cluster: string },
    labels: Record<string, string>,
    status: Record<string, unknown>,
  ): Promise<ObjectText> {
    return this.queue.run((tx) => heartbeatAgent(tx, name, spec, labels, status));
  }

  // --- runs ---

  createRun(run: NewRun, audit: AuditSource | null): Promise<ObjectText> {
    return this.queue.run((tx) => createRun(tx, run, audit ?? undefined));
  }

  createRuns(runs: readonly NewRun[], audit: AuditSource | null): Promise<ObjectText[]> {
    return this.queue.run((tx) => createRuns(tx, runs, audit ?? undefined));
  }

  acceptReports(agent: string, reports: readonly RunReport[]): Promise<RunReportReply> {
    return this.reports.accept(agent, reports);
  }

  requestCancel(
    namespace: string,
    name: string,
    ask: CancelAsk | null,
    audit: AuditSource | null,
  ): Promise<ObjectText> {
    return this.queue.run((tx) => requestCancel(tx, { namespace, name }, ask ?? {}, audit ?? undefined));
  }

  continueRun(continuation: RunContinuation, fence: LeaderFence): Promise<ObjectText | undefined> {
    return this.fenced(fence, (tx) => continueRun(tx, continuation));
  }

  async lostRuns(taskUids: readonly string[], since: number): Promise<ObjectText[]> {
    return lostRuns(this.database, taskUids, since);
  }

  assignRun(uid: string, agent: string, fence: LeaderFence): Promise<ObjectText | undefined> {
    return this.fenced(fence, (tx) => assignRun(tx, uid, agent));
  }

  async openRuns(filter: { agent?: string; taskUid?: string }): Promise<ObjectText[]> {
    return openRuns(this.database, filter);
  }

  async existingTimePoints(taskUid: string, slot: string, points: readonly number[]): Promise<Set<number>> {
    return existingTimePoints(this.database, taskUid, slot, points);
  }

  async finishedRuns(uids: readonly string[]): Promise<Set<string>> {
    return finishedRuns(this.database, uids);
  }

  recordVerdicts(verdicts: readonly LeaderRunVerdict[], fence: LeaderFence): Promise<number> {
    return this.fenced(fence, async (tx) => (await mergeReports(tx, [verdicts]))[0]!.changed);
  }

  deleteRun(namespace: string, name: string, audit: AuditSource | null): Promise<{ uid: string; text: ObjectText }> {
    return this.queue.run((tx) => deleteRun(tx, namespace, name, audit ?? undefined));
  }

  /** Uids of a slice of the runs that a task's history limits do not keep; none when all are kept. */
  async runsBeyondLimits(taskUid: string, limits: { runs: number; olderThan: number }): Promise<string[]> {
    return runsBeyondLimits(this.database, taskUid, limits);
  }

  /** Uids of a slice of the finished runs whose task is gone. */
  async orphanRuns(limit: number): Promise<string[]> {
    return orphanRuns(this.database, limit, this.now() - ORPHANS_KEPT_MS);
  }

  checkFence(fence: LeaderFence): Promise<void> {
    return this.fenced(fence, async () => undefined);
  }

  /** Removes those of the runs that are finished; with `marks`, the audit marks of their tasks too. */
  removeRuns(uids: readonly string[], marks: boolean, fence: LeaderFence): Promise<void> {
    return this.fenced(fence, async (tx) => {
      const tasks = await removeFinishedRuns(tx, uids);
      if (!marks || tasks.length === 0) return;
      await deleteAuditMarks(tx, tasks);
      await forgetOwedOf(tx, tasks);
    });
  }

  async runSummaries(taskUids: readonly string[]): Promise<Map<string, RunSummary>> {
    return runSummaries(this.database, taskUids);
  }

  async taskRevisions(taskUid: string): Promise<StoredRevision[]> {
    return readRevisions(this.database, taskUid);
  }

  async deletedTasks(namespace: string, name: string | null): Promise<DeletedTask[]> {
    return readDeleted(this.database, namespace, name ?? undefined);
  }

  forgetDeletedTasks(olderThan: number, max: number, fence: LeaderFence): Promise<void> {
    return this.fenced(fence, (tx) => forgetDeleted(tx, olderThan, max));
  }

  /** A page of the digests of packages that something refers to. */
  async packageReferences(after: ReferencesAfter | null): Promise<ReferencesPage> {
    return readReferences(this.database, after ?? undefined);
  }

  // --- audit of writes ---

  auditRefusals(refusals: readonly AuditRefusal[]): Promise<void> {
    return this.queue.run(async (tx) => {
      for (const refusal of refusals) await appendAudit(tx, [refusal], refusal);
    });
  }

  async readAudit(after: number, limit: number, filter: AuditFilter): Promise<AuditPage> {
    return readAudit(this.database, after, limit, filter);
  }

  pruneAudit(olderThan: number, limit: number, fence: LeaderFence): Promise<number> {
    return this.fenced(fence, (tx) => pruneAudit(tx, olderThan, limit));
  }

  // --- audit marks ---

  async taskEdits(taskUids: readonly string[]): Promise<StoredEdit[]> {
    return readEdits(this.database, taskUids);
  }

  async auditedUpTo(taskUid: string, slot: string): Promise<number | undefined> {
    return auditedUpTo(this.database, taskUid, slot);
  }

  setAuditedUpTo(
    marks: readonly { taskUid: string; slot: string; upTo: number }[],
    fence: LeaderFence,
    owed: readonly OwedPoint[],
  ): Promise<void> {
    return this.fenced(fence, async (tx) => {
      await setAuditMarks(tx, marks);
      await addOwedPoints(tx, owed);
    });
  }

  async owedPoints(limit: number): Promise<OwedPoint[]> {
    return readOwedPoints(this.database, limit);
  }

  settleOwed(points: readonly OwedPoint[], fence: LeaderFence): Promise<void> {
    return this.fenced(fence, (tx) => removeOwedPoints(tx, points));
  }

  // --- events ---

  recordEvents(events: readonly NewEvent[]): Promise<void> {
    return this.queue.run((tx) => upsertEvents(tx, events.map(keyedEvent)));
  }

  /** Removes at most `limit` events; returns how many. */
  pruneEvents(olderThan: number, limit: number, fence: LeaderFence): Promise<number> {
    return this.fenced(fence, (tx) => deleteOldEvents(tx, olderThan, limit));
  }

  // --- leadership fence, tokens ---

  identity(): Promise<string> {
    return this.queue.run((tx) => readIdentity(tx));
  }

  async amounts(): Promise<StoredAmounts> {
    return readAmounts(this.database);
  }

  async epoch(): Promise<number> {
    return readEpoch({ write: this.database.read });
  }

  raiseEpoch(epoch: number): Promise<void> {
    return this.queue.run((tx) => raiseEpoch(tx, epoch));
  }

  async statistics(overdueBefore: number): Promise<StoreStatistics> {
    return readStatistics(this.database, overdueBefore);
  }

  async findToken(sha256: string): Promise<TokenRow | undefined> {
    return findToken(this.database, sha256);
  }

  async hasToken(subject: string): Promise<boolean> {
    return hasToken(this.database, subject);
  }

  async findSubject(subject: string): Promise<TokenRow | undefined> {
    return findSubject(this.database, subject);
  }

  putToken(sha256: string, row: TokenRow): Promise<void> {
    return this.queue.run((tx) => putToken(tx, sha256, row));
  }
}
