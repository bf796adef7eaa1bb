// The contract of the store: what API and controllers may ask of the SQL database, which works in a thread of its own. Every method that writes is one transaction, resolves after
// the commit is durable, and emits the committed changes to `changes` in commit order.
import type { Service } from '../../base/index.js';
import type {
  AnyObject,
  KindName,
  LogAppendReply,
  LogChunk,
  Run,
  RunReport,
  RunReportReply,
} from '../../manifests/index.js';
import type { AccessBook } from './access/access-book.js';
import type { AuditSource, AuditTrail } from './audit/audit-trail.js';
import type { DependencyBook } from './dependencies/dependency-book.js';
import type { LeaderFence } from './leader-fence.js';
import type { NotificationBook } from './notifications/notification-book.js';
import type { PackageStore } from './packages/package-store.js';
import type { RestoreBook } from './restore-book.js';
import type { RevisionBook } from './revision-book.js';
import type { SecretBook } from './secrets/secret-book.js';
import type { StoreStatistics } from './statistics.js';
import type { StoredAmounts } from './store-facts.js';
import type {
  ApplyOptions,
  ApplyOutcome,
  CancelAsk,
  Change,
  DeleteOptions,
  LeaderRunVerdict,
  ListOptions,
  ListReply,
  ListText,
  LogSlice,
  NewEvent,
  NewRun,
  ObjectKey,
  OwedPoint,
  RunContinuation,
  RunSummary,
  Stored,
  StoredEdit,
  TokenRow,
  UpdateOptions,
} from './store-types.js';

export interface Store extends Service {
  // --- objects (every kind but Run and Event is applied by users) ---
  get<T extends AnyObject>(key: ObjectKey): Promise<Stored<T> | undefined>;
  getByUid<T extends AnyObject>(kind: KindName, uid: string): Promise<Stored<T> | undefined>;
  /** The objects of these uids that exist, in any order. Every kind but Event. */
  listByUid<T extends AnyObject>(kind: KindName, uids: readonly string[]): Promise<Stored<T>[]>;
  list<T extends AnyObject>(kind: KindName, options?: ListOptions): Promise<ListReply<T>>;
  /** The same as `list`, as text. */
  listText(kind: KindName, options?: ListOptions): Promise<ListText>;
  /**
   * All or nothing. Objects come valid, as their authors wrote them: defaults are filled in here. `status` in the input is
   * ignored. generation grows only when spec changed; nothing is written for an object that is unchanged, owners included.
   * metadata.resourceVersion in the input is a precondition (CT_CONFLICT). Missing namespace: CT_NOT_FOUND. With `create`, an
   * existing object is CT_ALREADY_EXISTS. What a merge makes may be invalid: CT_MANIFEST_INVALID. Causes of conflicts and of
   * invalid merges begin with the number of the object: `objects[0].spec.timeout`. With `dryRun` everything is checked and
   * nothing stored. A member of another set than `applyset` is CT_CONFLICT. The outcomes of the objects come first, in their
   * order; those of members that go, or are kept in spite of that, follow.
   */
  apply(objects: readonly AnyObject[], options: ApplyOptions): Promise<ApplyOutcome[]>;
  /** Reads, changes, and writes if nobody else has written meanwhile; otherwise `change` is asked again. It returns undefined
   * for "leave it". A resourceVersion that it makes up itself is a precondition (CT_CONFLICT). Throws CT_NOT_FOUND. With
   * `dryRun` everything is checked and nothing stored. */
  update<T extends AnyObject>(
    key: ObjectKey,
    change: (object: Stored<T>) => T | undefined,
    options: UpdateOptions,
  ): Promise<Stored<T>>;
  /** Writes status only; no change (deep-equal) is no write. Missing object: undefined. */
  updateStatus<T extends AnyObject>(
    key: ObjectKey,
    status: T['status'],
    fence?: LeaderFence,
  ): Promise<Stored<T> | undefined>;
  /** Throws CT_NOT_FOUND, or CT_CONFLICT for a failed precondition. Deleting a Task leaves its runs until `pruneOrphanRuns`;
   * in the foreground the task itself stays, marked with a deletionTimestamp, until `finishDeletion`. */
  delete(key: ObjectKey, options: DeleteOptions): Promise<Stored>;
  /** Removes a task that is deleted in the foreground, when its runs have ended. */
  finishDeletion(taskUid: string, fence: LeaderFence): Promise<void>;

  // --- agents ---
  /** Creates or updates the Agent object from a heartbeat; keeps user-set labels and spec.unschedulable. */
  heartbeat(
    name: string,
    spec: { cluster: string },
    labels: Record<string, string>,
    status: Record<string, unknown>,
  ): Promise<Stored>;

  // --- runs ---
  createRun(run: NewRun, audit?: AuditSource): Promise<Stored<Run>>;
  /** All of them or, when one cannot be made, none. */
  createRuns(runs: readonly NewRun[], audit?: AuditSource): Promise<Stored<Run>[]>;
  /** Applies reports by rank (`runRank`); commits before it resolves. */
  acceptReports(agent: string, reports: readonly RunReport[]): Promise<RunReportReply>;
  /** Sets spec.cancelRequestedTime and spec.cancelReason once, and spec.cancelGracePeriod; asked again, that can only become less
   * than what holds. A Pending run without agent becomes Cancelled. */
  requestCancel(namespace: string, name: string, ask?: CancelAsk, audit?: AuditSource): Promise<Stored<Run>>;
  /** Assigns a Pending run on demand to an agent; does nothing when it has one already. */
  assignRun(uid: string, agent: string, fence: LeaderFence): Promise<Stored<Run> | undefined>;
  /** Gives the next attempt of a Pending run whose retry waits, or of a Lost run, to an agent. From then on what other agents
   * report of the run does not count. undefined when the run is not so any more, or an attempt of that number was
   * reported. */
  continueRun(continuation: RunContinuation, fence: LeaderFence): Promise<Stored<Run> | undefined>;
  /** Scheduled runs of these tasks that became Lost after `since`. */
  lostRuns(taskUids: readonly string[], since: number): Promise<Stored<Run>[]>;
  /** Runs in a non-final state, optionally of one agent or task. */
  openRuns(filter: { agent?: string; taskUid?: string }): Promise<Stored<Run>[]>;
  /** Which of these time points of a slot have a run row (for the no-gap audit, rule R12). */
  existingTimePoints(taskUid: string, slot: string, points: readonly number[]): Promise<Set<number>>;
  /** Which of these runs are stored in a final state. */
  finishedRuns(uids: readonly string[]): Promise<Set<string>>;
  recordVerdicts(verdicts: readonly LeaderRunVerdict[], fence: LeaderFence): Promise<number>;
  /** Removes a finished run and its log. Throws CT_NOT_FOUND, and CT_CONFLICT while the run is open. */
  deleteRun(namespace: string, name: string, audit?: AuditSource): Promise<Stored<Run>>;
  /** Removes finished runs beyond the task's history limits and their logs; returns how many. */
  pruneRuns(taskUid: string, limits: { runs: number; olderThan: number }, fence: LeaderFence): Promise<number>;
  /** Removes output of finished runs of the task, oldest first, until it is within `bytes`; returns of how many attempts. */
  trimLogs(taskUid: string, bytes: number, fence: LeaderFence): Promise<number>;
  /** Removes finished runs of tasks that no longer exist; returns how many. */
  pruneOrphanRuns(limit: number, fence: LeaderFence): Promise<number>;
  /** Per task: open runs and the latest finished one, for status columns. */
  runSummaries(taskUids: readonly string[]): Promise<Map<string, RunSummary>>;

  /** The latest edits of the specifications of these tasks, oldest first. */
  taskEdits(taskUids: readonly string[]): Promise<StoredEdit[]>;

  // --- audit marks (rule R12) ---
  auditedUpTo(taskUid: string, slot: string): Promise<number | undefined>;
  /** Marks only move forward. `owed`: time points that a mark passes over though they have no row. */
  setAuditedUpTo(
    marks: readonly { taskUid: string; slot: string; upTo: number }[],
    fence: LeaderFence,
    owed?: readonly OwedPoint[],
  ): Promise<void>;
  /** What is owed a row, oldest first. */
  owedPoints(limit: number): Promise<OwedPoint[]>;
  /** These have their rows, or nobody wants them any more. */
  settleOwed(points: readonly OwedPoint[], fence: LeaderFence): Promise<void>;

  // --- restores (rule R13), tombstones (rule R14) ---
  readonly restores: RestoreBook;

  // --- audit of writes (A-34) ---
  readonly audit: AuditTrail;

  // --- revisions of tasks (C-27) ---
  readonly revisions: RevisionBook;

  // --- dependencies between tasks ---
  readonly dependencies: DependencyBook;

  // --- notifications ---
  readonly notifications: NotificationBook;

  // --- values of secrets ---
  readonly secrets: SecretBook;

  // --- passwords, sessions and tokens of users ---
  readonly access: AccessBook;

  // --- events ---
  /** Same regarding+reason+message within an hour is counted up, not added. */
  recordEvents(events: readonly NewEvent[]): Promise<void>;
  pruneEvents(olderThan: number, fence: LeaderFence): Promise<number>;

  /** How much there is of everything. Counts rows: for people, not for loops. */
  amounts(): Promise<StoredAmounts>;

  // --- logs (a database of their own) ---
  appendLogs(chunks: readonly LogChunk[]): Promise<LogAppendReply>;
  /** Bytes of an attempt from a merged offset, at most `maxBytes`. */
  readLog(runUid: string, attempt: number, offset: number, maxBytes: number): Promise<LogSlice>;
  /** Merged offset of the first bytes that were read at or after `time`; the length of the log when there are none. */
  logOffsetSince(runUid: string, attempt: number, time: number): Promise<number>;
  /** Length of the merged log; 0 when there is none. */
  logLength(runUid: string, attempt: number): Promise<{ bytes: number; ended: boolean }>;

  // --- bytes of packages (a database of their own) ---
  readonly packages: PackageStore;

  // --- leadership fence, tokens ---
  /** Names this store among all stores, the same for every center that uses it and for as long as it exists. */
  identity(): Promise<string>;
  /** Raises the epoch; throws CT_STALE_EPOCH when the store has a greater one. */
  raiseEpoch(epoch: number): Promise<void>;
  /** SHA-256 (hex) of the token → who it is; undefined when unknown. */
  findToken(sha256: string): Promise<TokenRow | undefined>;
  putToken(sha256: string, row: TokenRow): Promise<void>;
  hasToken(subject: string): Promise<boolean>;
  /** Who has a token as `subject`; undefined when nobody does. */
  findSubject(subject: string): Promise<TokenRow | undefined>;

  // --- metrics ---
  /** Counts of what is stored now, for metrics. `overdueBefore`: ms since the epoch. */
  statistics(overdueBefore: number): Promise<StoreStatistics>;

  // --- changes ---
  /** Committed changes of a kind after `version`, oldest first; undefined when it is too old to know them all (410). */
  changesSince(kind: KindName, version: number): readonly Change[] | undefined;
  /** Latest committed resourceVersion. */
  readonly resourceVersion: number;
  /** Called synchronously, in commit order, after each commit. Returns the function that unsubscribes. */
  onChange(listener: (changes: readonly Change[]) => void): () => void;
  /** Called after log bytes of an attempt were committed. */
  onLog(listener: (position: { runUid: string; attempt: number; bytes: number; ended: boolean }) => void): () => void;
}
