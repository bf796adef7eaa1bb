// What the checker is given: plain data from four sources that do not know of each other. Times are ms since the epoch.

/** When a task is due. The checker has its own arithmetic for these two and knows no other. */
export type Rule =
  | { readonly everyMs: number; readonly anchor?: number }
  /** The seconds field of a cron expression is a star with step n: restarts every minute. */
  | { readonly secondsStep: number };

/** A request to the center and what came of it. */
export interface Change {
  /** When it was first sent: from here on it may count. */
  readonly invoked: number;
  /** When it stood in the trigger record, by ZooKeeper's log: from here on it must count. */
  readonly effective: number;
}

/** One specification of a task, in force from its change to that of the next phase. */
export interface Phase extends Change {
  readonly rule: Rule;
  readonly suspended: boolean;
  /** The former phase ended by its own word: nothing had to be written, and its first time point counts. */
  readonly byItself?: true;
}

export interface DeclaredTask {
  /** Given by the declarer and handed to the processes; a task that is made again under its old name has another one. */
  readonly id: string;
  readonly name: string;
  readonly uid: string;
  readonly concurrency: 'Allow' | 'Forbid';
  /** Attempts after the first one that its policy allows. */
  readonly retries: number;
  /** How late a run may start by its policies. */
  readonly latestStartMs: number;
  readonly phases: readonly Phase[];
  readonly deleted?: Change;
}

/** A process that started, by its own word. */
export interface WitnessStart {
  readonly task: string;
  readonly point: number;
  readonly run: string;
  readonly attempt: number;
  readonly agent: string;
  readonly pid: number;
  readonly time: number;
}

/** The same process at its end. */
export interface WitnessEnd {
  readonly run: string;
  readonly attempt: number;
  readonly pid: number;
  readonly time: number;
  readonly exitCode: number;
  /** SHA-256 of what it wrote to its standard output; undefined when its disk did not take all of it. */
  readonly output?: string;
}

/** A run as the API tells it. */
export interface RecordedRun {
  readonly uid: string;
  readonly name: string;
  readonly taskUid: string;
  /** undefined for a run on demand. */
  readonly point?: number;
  readonly state: string;
  readonly reason?: string;
  readonly exitCode?: number;
  readonly attempts: readonly {
    readonly number: number;
    readonly state: string;
    readonly agent: string;
    readonly reason?: string;
    readonly startTime?: number;
    readonly endTime?: number;
  }[];
}

/** What the center has of the standard output of an attempt. */
export interface StoredOutput {
  readonly run: string;
  readonly attempt: number;
  readonly bytes: number;
  readonly sha256: string;
}

/** One version of a trigger record in ZooKeeper's log. */
export interface RecordVersion {
  readonly zxid: bigint;
  readonly time: number;
  readonly taskUid: string;
  readonly owner: string | null;
  readonly cursor: number;
  readonly attempt: number;
  readonly claimId: string;
  /** What the leader decides (owner, epoch, revision, suspended), as JSON, so that two versions can be compared. */
  readonly leaderPart: string;
}

/** A write of the leader to an allocation list. */
export interface ListWrite {
  readonly time: number;
  readonly path: string;
}

/** A stretch in which an agent was registered. */
export interface Presence {
  readonly agent: string;
  readonly from: number;
  /** undefined: still there. */
  readonly to?: number;
}

export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** Something was done to an agent that should move its tasks. */
export interface AgentFault {
  readonly agent: string;
  readonly at: number;
}

export interface History {
  /** Time points in (from, to] are judged. */
  readonly window: Stretch;
  readonly tasks: readonly DeclaredTask[];
  readonly starts: readonly WitnessStart[];
  readonly ends: readonly WitnessEnd[];
  readonly records: readonly RecordedRun[];
  /** Of the attempts whose output was asked for. */
  readonly outputs: readonly StoredOutput[];
  readonly versions: readonly RecordVersion[];
  readonly listWrites: readonly ListWrite[];
  readonly presence: readonly Presence[];
  /** Membership was stable and no user changed anything. */
  readonly stable: readonly Stretch[];
  readonly agentFaults: readonly AgentFault[];
  /** How far the clock of an agent may be ahead before it stops by itself (rule R11), where clocks are tampered with. */
  readonly clockErrorMs?: number;
}
