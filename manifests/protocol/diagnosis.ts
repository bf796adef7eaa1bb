// What a center tells of its inside, for `ctask doctor`: GET /apis/cloudtask.dev/v1/diagnosis. Times are RFC 3339.

export interface Diagnosis {
  readonly kind: 'Diagnosis';
  readonly apiVersion: string;
  /** The clock of the center when it answered. */
  readonly time: string;
  readonly center: CenterFacts;
  readonly store: StoreFacts;
  /** Tasks that no agent may run now. */
  readonly unallocated: Listed<{ readonly namespace: string; readonly name: string; readonly message: string }>;
  /** Absent where the center has no coordination. */
  readonly coordination?: CoordinationFacts;
  /** Absent while coordination does not answer. */
  readonly drift?: DriftFacts;
}

/** How many there are, and the first of them. */
export interface Listed<T> {
  readonly count: number;
  readonly first: readonly T[];
}

export interface CenterFacts {
  readonly version: string;
  readonly node: string;
  /** Absent for a center that was not told its id. */
  readonly id?: string;
  readonly leads: boolean;
  /** Why it is not ready; absent when it is. */
  readonly notReady?: string;
  readonly tzdata: string;
  readonly uptimeSeconds: number;
  readonly residentBytes: number;
  /** Watches, followed logs and agents that listen, and how many of them are served. */
  readonly openStreams: number;
  readonly openStreamsMax: number;
  /** Of the file system of its data directory. */
  readonly disk?: DiskFacts;
}

export interface DiskFacts {
  readonly freeBytes: number;
  readonly totalBytes: number;
  /** What of it files of the store are. */
  readonly storeBytes: number;
}

export interface StoreFacts {
  readonly engine: 'sqlite' | 'postgres';
  /** How long it took to answer, queue included. */
  readonly answerMs: number;
  /** The clock of the database server; absent for SQLite, which has none of its own. */
  readonly time?: string;
  /** Size of definitions and runs; with PostgreSQL of the whole database. */
  readonly bytes: number;
  /** Objects by kind. */
  readonly objects: Readonly<Record<string, number>>;
  readonly runs: number;
  readonly openRuns: number;
  readonly events: number;
  readonly auditEntries: number;
  /** Notifications on their way out. */
  readonly outbox: {
    readonly pending: number;
    /** Of those that were tried already. */
    readonly retried: number;
    /** Since when the oldest waits. */
    readonly oldestTime?: string;
    /** Given up in the last seven days. */
    readonly failed: number;
  };
  /** When the certificates of agents end that have joined. */
  readonly agentCertificates: readonly { readonly agent: string; readonly expirationTime: string }[];
}

export interface CoordinationFacts {
  /** connected, disconnected …: of the session of this center. */
  readonly state: string;
  readonly servers: string;
  readonly root: string;
  readonly sessionTimeoutMs: number;
  /** Why it could not be looked at; what follows is absent then. */
  readonly error?: string;
  /** How long a write took until the ensemble had it. */
  readonly writeMs?: number;
  /** The clock of the server, and that of the center at the same moment, give or take half of writeMs. */
  readonly time?: string;
  readonly centerTime?: string;
  /** Ids of the centers that stand for election; the first one leads. */
  readonly candidates?: readonly string[];
  /** Of the restore guard: nothing is started while it is `raising`. Absent where nothing was ever restored. */
  readonly guard?: string;
  /** The one here, and the one of the store: they differ by one at most (rule R13). */
  readonly checkpoint?: { readonly coordination: number; readonly store: number };
  /** Names of the agents that are registered. */
  readonly agents?: readonly string[];
  readonly nodes?: NodeFacts;
}

export interface NodeFacts {
  /** Below the root. */
  readonly count: number;
  readonly records: number;
  /** Bytes of the largest node, and of the largest answer to "which nodes are below": both are bounded by jute.maxbuffer. */
  readonly largestBytes: number;
  readonly largestPath: string;
  readonly largestChildrenBytes: number;
  readonly largestChildrenPath: string;
}

/** What is not as it should be, twice in a row. */
export interface DriftFacts {
  readonly slots: number;
  /** Slots whose owner, as the status of their task says, is not the one of their trigger record. */
  readonly owners: Listed<{
    readonly task: string;
    readonly slot: string;
    readonly status: string;
    readonly record: string;
  }>;
  /** Slots that an agent owns by their record and does not find in its list, or the other way round. */
  readonly lists: Listed<{
    readonly agent: string;
    readonly task: string;
    readonly slot: string;
    readonly what: 'Missing' | 'Surplus';
  }>;
  /** Slots whose owner is not registered. */
  readonly ownerless: Listed<{ readonly task: string; readonly slot: string; readonly owner: string }>;
  /** Records of tasks that the store does not know. */
  readonly unknown: Listed<{ readonly taskUid: string; readonly slot: string }>;
  /** Records that cannot be read. */
  readonly broken: Listed<{ readonly path: string }>;
  /** How many slots the list of each agent has, and since when. */
  readonly allocated: readonly { readonly agent: string; readonly slots: number; readonly changedTime: string }[];
}
