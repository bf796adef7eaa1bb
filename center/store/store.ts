// The contract of the store: what API and controllers may ask of the SQL database, which works in a thread of its own. Every method that writes is one transaction, resolves after
// the commit is durable, and emits the committed changes to `changes` in commit order.
import type { Service } from '../../base/index.js';
import type {
  AnyObject,
  Event,
  KindName,
  LogAppendReply,
  LogChunk,
  LogStream,
  Run,
  RunReport,
  RunReportReply,
  RunState,
  RunTrigger,
  ScheduleSpec,
} from '../../manifests/index.js';
import type { RestoreBook } from './restore-book.js';
import type { RevisionBook } from './revision-book.js';

/** An object as stored: metadata complete, defaults filled in. */
export type Stored<T extends AnyObject = AnyObject> = T & {
  metadata: T['metadata'] & { uid: string; resourceVersion: string; generation: number; creationTimestamp: string };
};

export interface ObjectKey {
  readonly kind: KindName;
  /** '' for cluster-wide kinds. */
  readonly namespace: string;
  readonly name: string;
}

/** One committed change. `previous` is the object before it, for selectors; absent for ADDED. */
export interface Change {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  /** resourceVersion of the change: assigned in commit order, across all kinds. */
  readonly resourceVersion: number;
  readonly kind: KindName;
  readonly object: Stored;
  readonly previous?: Stored;
}

export interface ListOptions {
  /** '' or undefined: all namespaces. */
  readonly namespace?: string;
  /** Parsed by the API; all requirements must hold. */
  readonly labels?: readonly LabelRequirement[];
  readonly fields?: readonly FieldRequirement[];
  readonly limit?: number;
  /** From an earlier reply. Throws CT_EXPIRED when it cannot be honoured any more. */
  readonly continueToken?: string;
}
export interface LabelRequirement {
  readonly key: string;
  readonly operator: '=' | '!=' | 'in' | 'notin' | 'exists' | '!exists';
  readonly values: readonly string[];
}
export interface FieldRequirement {
  readonly field: string;
  readonly operator: '=' | '!=';
  readonly value: string;
}
export interface ListReply<T extends AnyObject> {
  readonly items: Stored<T>[];
  /** Version of the snapshot: a watch from here misses nothing. */
  readonly resourceVersion: string;
  readonly continueToken?: string;
  readonly remaining?: number;
}

/** A list whose objects are JSON already, for those who only pass it on. */
export interface ListText extends Omit<ListReply<AnyObject>, 'items'> {
  /** The objects, joined by commas. */
  readonly text: string;
  readonly count: number;
}

/** What one object of a batch apply came to. */
export interface ApplyOutcome {
  readonly operation: 'created' | 'configured' | 'unchanged' | 'pruned' | 'kept';
  readonly object: Stored;
  /** What it was before, for a dry run; absent for one that is created. */
  readonly previous?: Stored;
}

export interface ApplyOptions {
  readonly user: string;
  readonly dryRun?: boolean;
  readonly create?: boolean;
  readonly as?: WriteAs;
  /** The objects are the whole of themselves, the label of their set included: a replacement, not a wish. */
  readonly whole?: boolean;
  /** Name of the set that the objects are, or become, members of. */
  readonly applyset?: string;
  /** Delete the members of the set that are not among the objects. */
  readonly prune?: { readonly expected?: readonly ExpectedPrune[] };
}

/** A member of a set that is to go, as it was when somebody looked. */
export interface ExpectedPrune {
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
  readonly resourceVersion: string;
}

/** Background: the object goes, its runs follow. Foreground: its runs are cancelled first. Orphan: its runs stay. */
export type DeletionPolicy = 'Background' | 'Foreground' | 'Orphan';

export interface DeleteOptions {
  readonly user: string;
  /** Preconditions. */
  readonly uid?: string;
  readonly resourceVersion?: string;
  /** Of a Task. Background unless given; then one that is being deleted in the foreground goes at once. */
  readonly policy?: DeletionPolicy;
}

/** How a write is entered into metadata.managedFields (decision 0012). Without it nobody gets what changes. */
export interface WriteAs {
  /** Name of the field manager. */
  readonly manager: string;
  /** Apply: the object is merged with what is stored, by ownership. Update: it replaces what is stored. */
  readonly operation: 'Apply' | 'Update';
  /** Of Apply: takes what others own with other values; otherwise that is CT_CONFLICT, with a cause per field. */
  readonly force?: boolean;
}

/** A run on demand, created by the API in state Pending. */
export interface NewRun {
  readonly taskUid: string;
  readonly trigger: RunTrigger;
  readonly manualId: string;
  readonly slot: string;
  readonly args?: readonly string[];
  readonly env?: readonly { name: string; value: string }[];
  readonly retryOf?: string;
  /** The time point that it makes up for, ms. Its identity is the manual id all the same. */
  readonly scheduledTime?: number;
  readonly labels?: Record<string, string>;
}

/** Fences the leader's writes: refused with CT_STALE_EPOCH when the store has seen a greater epoch (guarantee: DESIGN 3). */
export interface LeaderFence {
  readonly epoch: number;
}

/** What an edit of a task replaced. */
export interface StoredEdit {
  readonly taskUid: string;
  /** Generation before the edit. */
  readonly from: number;
  readonly schedules: ScheduleSpec;
}

/** A time point that was consumed under schedules that an edit has replaced (rule R12). */
export interface OwedPoint {
  readonly taskUid: string;
  readonly slot: string;
  readonly point: number;
  readonly schedule: string;
}

/** A run that the leader states because no agent can (rules R7, R12). Ignored when the run has a final state already. */
export interface LeaderRunVerdict {
  readonly report: RunReport;
  /** Agent that should have reported. */
  readonly agent: string | null;
}

/** The next attempt of a run, and the agent that is to make it. */
export interface RunContinuation {
  readonly uid: string;
  readonly agent: string;
  /** Number of the attempt that is to be made. */
  readonly attempt: number;
  /** Retry: it waited on a former owner. Rerun: the run was Lost. */
  readonly reason: 'Retry' | 'Rerun';
}

export interface LogSlice {
  /** Merged byte offset of the first byte of `bytes`. */
  readonly offset: number;
  /** Pieces in stored order; together they are contiguous from `offset`. */
  readonly pieces: readonly { readonly stream: LogStream; readonly time: number; readonly bytes: Buffer }[];
  /** Merged offset after the last piece. */
  readonly nextOffset: number;
  /** The attempt's output is complete and nextOffset is its end. */
  readonly ended: boolean;
}

export interface Store extends Service {
  // --- objects (every kind but Run and Event is applied by users) ---
  get<T extends AnyObject>(key: ObjectKey): Promise<Stored<T> | undefined>;
  getByUid<T extends AnyObject>(kind: KindName, uid: string): Promise<Stored<T> | undefined>;
  /** The objects of these uids that exist, in any order. Every kind but Run and Event. */
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
    options: { user: string; as?: WriteAs; dryRun?: boolean },
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
  createRun(run: NewRun): Promise<Stored<Run>>;
  /** Applies reports by rank (`runRank`); commits before it resolves. */
  acceptReports(agent: string, reports: readonly RunReport[]): Promise<RunReportReply>;
  /** Sets spec.cancelRequestedTime once. A Pending run without agent becomes Cancelled. */
  requestCancel(namespace: string, name: string): Promise<Stored<Run>>;
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
  deleteRun(namespace: string, name: string): Promise<Stored<Run>>;
  /** Removes finished runs beyond the task's history limits and their logs; returns how many. */
  pruneRuns(taskUid: string, limits: { runs: number; olderThan: number }, fence: LeaderFence): Promise<number>;
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

  // --- revisions of tasks (C-27) ---
  readonly revisions: RevisionBook;

  // --- events ---
  /** Same regarding+reason+message within an hour is counted up, not added. */
  recordEvents(events: readonly NewEvent[]): Promise<void>;
  pruneEvents(olderThan: number, fence: LeaderFence): Promise<number>;

  // --- logs (a database of their own) ---
  appendLogs(chunks: readonly LogChunk[]): Promise<LogAppendReply>;
  /** Bytes of an attempt from a merged offset, at most `maxBytes`. */
  readLog(runUid: string, attempt: number, offset: number, maxBytes: number): Promise<LogSlice>;
  /** Merged offset of the first bytes that were read at or after `time`; the length of the log when there are none. */
  logOffsetSince(runUid: string, attempt: number, time: number): Promise<number>;
  /** Length of the merged log; 0 when there is none. */
  logLength(runUid: string, attempt: number): Promise<{ bytes: number; ended: boolean }>;

  // --- leadership fence, tokens ---
  /** Names this store among all stores, the same for every center that uses it and for as long as it exists. */
  identity(): Promise<string>;
  /** Raises the epoch; throws CT_STALE_EPOCH when the store has a greater one. */
  raiseEpoch(epoch: number): Promise<void>;
  /** SHA-256 (hex) of the token → who it is; undefined when unknown. */
  findToken(sha256: string): Promise<TokenRow | undefined>;
  putToken(sha256: string, row: TokenRow): Promise<void>;
  hasToken(subject: string): Promise<boolean>;

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

export interface TokenRow {
  readonly subject: string;
  /** admin: everything; agent: the agent routes and reading. */
  readonly role: 'admin' | 'agent';
}

export interface RunSummary {
  readonly open: number;
  readonly openStates: readonly RunState[];
  readonly lastFinished?: { readonly name: string; readonly state: RunState; readonly time: number };
}

export type NewEvent = Pick<Event['spec'], 'type' | 'reason' | 'message' | 'regarding' | 'source'> & {
  readonly time: number;
};
