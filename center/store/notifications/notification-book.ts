// The outbox of notifications: what is to be told is written in the commit of what has happened, and the leader sends it. Nothing is
// lost with a leader, and nobody sends what somebody else may be sending.
import type {
  AlarmEntry,
  NotificationEntry,
  NotifierUse,
  NotifyEvent,
  RunState,
  RunTrigger,
} from '../../../manifests/index.js';
import type { AuditSource } from '../audit/audit-trail.js';
import type { LeaderFence } from '../leader-fence.js';

/** How one run ended, or goes. Times are ms. */
export interface RunFacts {
  readonly about: 'Run';
  readonly uid: string;
  readonly name: string;
  readonly namespace: string;
  readonly task: string;
  readonly slot: string;
  readonly state: RunState;
  readonly trigger: RunTrigger;
  readonly attempts: number;
  readonly reason?: string;
  readonly message?: string;
  readonly agent?: string;
  readonly exitCode?: number;
  readonly signal?: string;
  readonly scheduledTime?: number;
  readonly startTime?: number;
  /** Absent while it runs, or has not started. */
  readonly endTime?: number;
  /** Changes between failing and succeeding within a time; of Flapping, and of what is told when that is over. */
  readonly changes?: { readonly count: number; readonly windowMs: number };
  /** Of Late and LongerThan: what the entry says, ms. */
  readonly limitMs?: number;
  /** Of Over: what is over by its start, or its end. */
  readonly ends?: 'Late' | 'LongerThan';
  /** End of the first of the runs in a row that did not succeed, and how many there were. */
  readonly failing?: { readonly since: number; readonly runs: number };
}

export interface AgentFacts {
  readonly about: 'Agent';
  readonly agent: string;
  readonly cluster: string;
  readonly hostname?: string;
  /** When it came or went, ms. */
  readonly time: number;
}

/** Events that last: they are told when they begin, and when they are over. */
export type AlarmEvent =
  | 'NoAgents'
  | 'NoEligibleAgent'
  | 'ClockSuspect'
  | 'NothingFires'
  | 'CenterLost'
  | 'CoordinationUnreachable'
  | 'StoreUnreachable';

export interface AlarmFacts {
  readonly about: 'Alarm';
  /** What it is about: `cluster eu`, `billing/report`. */
  readonly what: string;
  readonly message: string;
  /** When it was found, ms. */
  readonly since: number;
  /** What to type to look closer. */
  readonly commands: readonly string[];
  /** Of Resolved: what is over, and since when, ms. */
  readonly resolves?: AlarmEvent;
  readonly time?: number;
  /** When it was found last, ms: of what is not known to be over, and forgotten. */
  readonly seen?: number;
}

/** Something that is wrong with the installation. */
export interface Alarm {
  /** Names it for as long as it lasts: the event, a slash, and what it is about. */
  readonly key: string;
  readonly event: AlarmEvent;
  readonly subject: string;
  readonly message: string;
  readonly commands: readonly string[];
  /** Who is told: whom a task names, or a cluster, or all of these. */
  readonly to:
    | { readonly taskUid: string; readonly namespace: string }
    | { readonly cluster: string }
    | { readonly all: true };
  /** Of the event that is recorded. */
  readonly regarding: {
    readonly kind: string;
    readonly namespace?: string;
    readonly name: string;
    readonly uid?: string;
  };
}

/** What one look has found. */
export interface AlarmLook {
  /** Told, unless they stand already; those are found to last. */
  readonly raised: readonly Alarm[];
  /** Keys of what is over, also of what has just been raised: that is told afterwards. */
  readonly over: readonly string[];
}

export interface TestFacts {
  readonly about: 'Test';
  readonly user: string;
  readonly time: number;
}

/** Words of the entry that asked to be told. */
export interface NotifyWords {
  readonly subject?: string;
  readonly text?: string;
}

/** What is told again in another message than before. */
export interface Repeated {
  /** Batches that told it, and of which nobody knows whether they arrived. */
  readonly perhapsToldIn?: readonly string[];
}

export type NotificationFacts = (RunFacts | AgentFacts | AlarmFacts | TestFacts) & NotifyWords & Repeated;
/** As the outbox has them. */
export type StoredFacts = NotificationFacts & {
  /** It was refused by itself, or waits behind what was. */
  readonly refused?: true;
};
/** `Over`: a run that was Late, or took LongerThan, does not any more; for who keeps incidents. */
export type NotificationEvent = NotifyEvent | 'Test' | 'Over';

export interface Notification {
  readonly id: number;
  /** The same wherever it is stored: names what has happened, and to whom it is told. */
  readonly key: string;
  readonly event: NotificationEvent;
  readonly facts: NotificationFacts;
  /** Tries that have begun, the one for which it was taken too. */
  readonly attempts: number;
}

export interface NotifierKey {
  readonly namespace: string;
  readonly notifier: string;
}

export interface WaitingNotifier extends NotifierKey {
  /** Grows with each event that is added. */
  readonly newest: number;
}

/** What is to be sent together now. */
export interface NotificationBatch {
  /** The same however often it is tried. */
  readonly id: string;
  /** An earlier try may have arrived: it is sent again as it is; a part of it says in which message it may have been told. */
  readonly fixed: boolean;
  /** Addresses; '' among them stands for those of the notifier. */
  readonly recipients: readonly string[];
  /** In the order of what has happened. */
  readonly notifications: readonly Notification[];
}

export interface ClaimQuery extends NotifierKey {
  /** How long the first one waits for others, ms. */
  readonly groupWaitMs: number;
  /** Nobody else takes the batch for so long, ms: longer than any try lasts. */
  readonly leaseMs: number;
  /** Nothing but these; everything unless given. */
  readonly only?: readonly NotificationEvent[];
  /** Messages to different recipients are different messages: of mail. */
  readonly byRecipients?: boolean;
  /** The other side knows what it has been told: no batch needs to go again as it was. */
  readonly repeatable?: boolean;
  /** What has happened before this is given up, ms since the epoch. */
  readonly giveUpBefore: number;
}

export interface Claim {
  readonly batch?: NotificationBatch;
  /** Without a batch: how soon there may be one, ms; absent when nothing waits. */
  readonly againInMs?: number;
}

/** A message with a part of a batch, whose answer was lost. */
export interface UnsurePart {
  readonly ids: readonly number[];
  /** What that message is called. */
  readonly batch: string;
  /** The batch that may have told it before. */
  readonly perhapsToldIn?: string;
}

export interface RefusedPart {
  readonly ids: readonly number[];
  /** Time before the next try, ms. */
  readonly delayMs: number;
  /** The batch that may have told it before. */
  readonly perhapsToldIn?: string;
}

export type DeliveryOutcome =
  | { readonly sent: true; readonly error?: string }
  | {
      readonly sent: false;
      readonly error: string;
      /** Time before the next try, ms. */
      readonly delayMs: number;
      /** It certainly has not arrived, but for what is unsure: it may go out together with others the next time. */
      readonly certain: boolean;
      readonly unsure?: UnsurePart;
      /** Those that were refused by themselves, with those that wait behind them: others do not take them along before their time. */
      readonly refused?: RefusedPart;
      /** Ids of those of it that have arrived all the same. */
      readonly arrived?: readonly number[];
      /** There is no next time. */
      readonly last?: true;
    };

export interface NotificationCounts {
  readonly pending: number;
  readonly sent: number;
  readonly failed: number;
}

export interface TestOutcome {
  readonly state: 'Pending' | 'Sent' | 'Failed';
  readonly attempts: number;
  readonly error?: string;
}

/** Whose time points are looked at. */
export interface LateRule {
  /** Of a task, or of all tasks of a namespace or cluster that say nothing else. */
  readonly of: { readonly taskUid: string } | { readonly namespace: string } | { readonly cluster: string };
  /** The shortest of its entries, ms. */
  readonly lateAfterMs: number;
}

/** A time point that nobody has started, and nobody has recorded. */
export interface UnstartedPoint {
  readonly taskUid: string;
  readonly task: string;
  readonly namespace: string;
  readonly slot: string;
  /** ms */
  readonly point: number;
}

export interface OverdueLook {
  /** How soon there may be more to tell, ms; absent when nobody wants to know. */
  readonly againInMs?: number;
}

export interface NotificationBook {
  /** Notifiers for which something waits. */
  waiting(): Promise<WaitingNotifier[]>;
  /** Takes what is due, about one subject in the order of what has happened; what is too old is given up first. */
  claim(query: ClaimQuery, fence: LeaderFence): Promise<Claim>;
  settle(batchId: string, outcome: DeliveryOutcome, fence: LeaderFence): Promise<void>;
  /** Tells of open runs that take long or wait for too long; each once, however often it is looked at. */
  noteOverdue(fence: LeaderFence): Promise<OverdueLook>;
  /** Who wants to know of time points that are not started. */
  lateRules(): Promise<LateRule[]>;
  /** Tells that these are late, each once. */
  noteUnstarted(points: readonly UnstartedPoint[], fence: LeaderFence): Promise<void>;
  /** Keys of the alarms that were told and are not over. */
  alarms(): Promise<string[]>;
  /** Tells what has begun, and what is over. Without a fence: as a center that does not lead. */
  noteAlarms(look: AlarmLook, fence?: LeaderFence): Promise<void>;
  /** What is wrong by now with the cluster, with its tasks, and with the installation; the oldest first. */
  alarmsOf(cluster: string): Promise<AlarmEntry[]>;
  /** Ends alarms of centers that no center has found since (ms). */
  forgetAlarms(since: number, fence: LeaderFence): Promise<void>;
  /** Of the last seven days; tests that failed are not among them. */
  counts(key: NotifierKey): Promise<NotificationCounts>;
  /** Removes what was finished before `olderThan` (ms). */
  prune(olderThan: number, fence: LeaderFence): Promise<void>;
  /** The greatest epoch of a leader that the store has seen. */
  epoch(): Promise<number>;
  /** Has the leader try the notifier; the number to ask for the outcome with. */
  test(key: NotifierKey, user: string, audit?: AuditSource): Promise<number>;
  /** undefined when nobody has asked for such a test of that notifier. */
  testOutcome(key: NotifierKey, id: number): Promise<TestOutcome | undefined>;
  /** The latest that the notifier has sent or is to send, newest first. */
  ofNotifier(key: NotifierKey, limit: number): Promise<NotificationEntry[]>;
  /** Those of the latest 500 runs of the task, newest first. */
  ofTask(taskUid: string, limit: number): Promise<NotificationEntry[]>;
  /** What names the notifier in `spec.notify`, by kind and name. */
  uses(key: NotifierKey, limit: number): Promise<NotifierUse[]>;
}

/** At most so many events go out in one message. */
export const BATCH_MAX = 100;
