// What the store takes and gives: the shapes that its methods speak in.
import type {
  Access,
  AnyObject,
  Event,
  EventReason,
  FieldRequirement,
  KindName,
  LogStream,
  ParameterValue,
  RunReport,
  RunState,
  RunTrigger,
  ScheduleSpec,
} from '../../manifests/index.js';
import type { AuditSource } from './audit/audit-trail.js';
import type { PackageBlob } from './packages/package-store.js';
import type { SealedValue } from './secrets/secret-book.js';

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
  /** Of these namespaces only; of kind Namespace, only these. */
  readonly within?: readonly string[];
  /** Parsed by the API; all requirements must hold. */
  readonly labels?: readonly LabelRequirement[];
  readonly fields?: readonly FieldRequirement[];
  /** Only names that contain it; small letters or not are the same. */
  readonly search?: string;
  /** Another order than that of namespace and name; not of runs and events. Each page shows what is stored when it is read. */
  readonly sortBy?: SortBy;
  readonly limit?: number;
  /** From an earlier reply. Throws CT_EXPIRED when it cannot be honoured any more. */
  readonly continueToken?: string;
}

export interface SortBy {
  /** Of `sortableFields` of the kind, or metadata.name. What does not have it comes last. */
  readonly field: string;
  readonly descending: boolean;
}

export interface LabelRequirement {
  readonly key: string;
  readonly operator: '=' | '!=' | 'in' | 'notin' | 'exists' | '!exists';
  readonly values: readonly string[];
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
  /** Who asks, for the audit; absent for what the center does by itself. */
  readonly audit?: AuditSource;
  /** What they may, where it depends on what the write comes to; absent for what the center does by itself. */
  readonly access?: Access;
  readonly dryRun?: boolean;
  readonly create?: boolean;
  readonly as?: WriteAs;
  /** The objects are the whole of themselves, the label of their set included: a replacement, not a wish. */
  readonly whole?: boolean;
  /** Name of the set that the objects are, or become, members of. */
  readonly applyset?: string;
  /** Delete the members of the set that are not among the objects. */
  readonly prune?: { readonly expected?: readonly ExpectedPrune[] };
  /** Complete blobs that the Packages among the objects refer to; the store fills them in. */
  readonly blobs?: readonly PackageBlob[];
  /** What the marks of the secrets among the objects stand for; the store itself adds them. */
  readonly sealed?: readonly SealedValue[];
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
  /** Who asks, for the audit; absent for what the center does by itself. */
  readonly audit?: AuditSource;
  readonly access?: Access;
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
  /** Checked, and whole: with the defaults of the task. */
  readonly parameters?: readonly ParameterValue[];
  readonly retryOf?: string;
  /** Names of the runs whose results made it due. */
  readonly causedBy?: readonly string[];
  /** The time point that it makes up for, ms. Its identity is the manual id all the same. */
  readonly scheduledTime?: number;
  readonly labels?: Record<string, string>;
}

/** How a run is to be cancelled. */
export interface CancelAsk {
  /** Instead of the task's. */
  readonly gracePeriodMs?: number;
  /** Unless a person asks. */
  readonly reason?: 'Drained';
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

export type UpdateOptions = Pick<ApplyOptions, 'user' | 'audit' | 'access' | 'as' | 'dryRun'>;

export interface TokenRow {
  readonly subject: string;
  /** admin: everything; agent: the agent routes and reading. */
  readonly role: 'admin' | 'agent';
}

export interface RunSummary {
  readonly open: number;
  readonly openStates: readonly RunState[];
  /** The last to end that was not Skipped; where a time point has several runs, the worst of them. */
  readonly lastFinished?: LastFinished;
  /** Runs that were Skipped since that ended; at most a hundred are counted. */
  readonly skipped: number;
}

export interface LastFinished {
  readonly name: string;
  readonly state: RunState;
  /** When it ended, or its time point when it never started, ms. */
  readonly time: number;
}

/** Its type is that of its reason (eventReasons). */
export type NewEvent = Pick<Event['spec'], 'message' | 'regarding' | 'source'> & {
  readonly reason: EventReason;
  readonly time: number;
};
