// The contract of coordination: what center and agent may ask of ZooKeeper, whatever stands behind it. zookeeper/ is the
// one implementation; it talks to Apache ZooKeeper and to embedded/ alike.
//
// What it does not promise: that a disconnected session still lives or has died (only the server knows); that a read is
// current (a follower may lag; call sync first, or rely on a conditional write); that a watch event tells what changed
// (it means "read again"); and it never retries anything by itself.

/** Version of a znode's data. Every write gives it exactly one successor; 0 after create. */
export type DataVersion = number;

export interface Stat {
  readonly czxid: bigint;
  readonly mzxid: bigint;
  /** Creation and modification time by the server's wall clock, ms since the epoch. */
  readonly ctime: number;
  readonly mtime: number;
  readonly version: DataVersion;
  readonly cversion: number;
  readonly aversion: number;
  /** Session that owns an ephemeral node; 0n otherwise. */
  readonly ephemeralOwner: bigint;
  readonly dataLength: number;
  readonly numChildren: number;
  readonly pzxid: bigint;
}

export type CreateMode = 'persistent' | 'ephemeral' | 'persistentSequential' | 'ephemeralSequential';

export interface AclEntry {
  /** Bits: read 1, write 2, create 4, delete 8, admin 16. */
  readonly permissions: number;
  readonly scheme: string;
  readonly id: string;
}

export type Operation =
  | { readonly op: 'create'; readonly path: string; readonly data: Uint8Array; readonly mode?: CreateMode }
  | { readonly op: 'setData'; readonly path: string; readonly data: Uint8Array; readonly version: DataVersion }
  | { readonly op: 'delete'; readonly path: string; readonly version: DataVersion }
  | { readonly op: 'check'; readonly path: string; readonly version: DataVersion };

export type OperationResult =
  | { readonly op: 'create'; readonly path: string }
  | { readonly op: 'setData'; readonly stat: Stat }
  | { readonly op: 'delete' }
  | { readonly op: 'check' };

/**
 * Why an operation failed.
 * - noNode, nodeExists, notEmpty, badVersion, noChildrenForEphemerals, badArguments, noAuth, invalidAcl, tooLarge: the
 *   server refused; nothing changed.
 * - unknown: the connection was lost after the request was written, or nothing came of it within the session time-out.
 *   **The operation may or may not have happened.** Only a conditional write with a recognisable content may be issued
 *   again (rule R3).
 * - expired: the session is gone for good; its ephemeral nodes are or will be deleted. The operation may or may not have
 *   happened before.
 * - closed: this coordinator was closed before the request was sent.
 * - rolledBack: another operation of the same multi failed; see `failedIndex`.
 * - unimplemented: the server does not offer the operation.
 * - server: any other server-side error; `serverCode` has ZooKeeper's number.
 */
export type CoordinationErrorKind =
  | 'noNode'
  | 'nodeExists'
  | 'notEmpty'
  | 'badVersion'
  | 'noChildrenForEphemerals'
  | 'badArguments'
  | 'noAuth'
  | 'invalidAcl'
  | 'tooLarge'
  | 'unknown'
  | 'expired'
  | 'closed'
  | 'rolledBack'
  | 'unimplemented'
  | 'server';

export class CoordinationError extends Error {
  override readonly name = 'CoordinationError';
  readonly kind: CoordinationErrorKind;
  readonly path: string | undefined;
  /** ZooKeeper's error number when the server answered, e.g. -103 for BadVersion. */
  readonly serverCode: number | undefined;
  /** For a failed multi: index of the operation that failed. */
  readonly failedIndex: number | undefined;

  constructor(
    kind: CoordinationErrorKind,
    operation: string,
    path?: string,
    extra: { serverCode?: number; failedIndex?: number; cause?: unknown } = {},
  ) {
    super(`${operation}${path === undefined ? '' : ` ${path}`}: ${kind}`, { cause: extra.cause });
    this.kind = kind;
    this.path = path;
    this.serverCode = extra.serverCode;
    this.failedIndex = extra.failedIndex;
  }
}

export function isCoordinationError(error: unknown, ...kinds: CoordinationErrorKind[]): error is CoordinationError {
  return error instanceof CoordinationError && (kinds.length === 0 || kinds.includes(error.kind));
}

/**
 * - connecting: never connected yet.
 * - connected: the server answers.
 * - disconnected: no server answers; the session lives or has died, nobody here can know.
 * - expired: the server said the session is gone. Final: make a new Coordinator.
 * - closed: close() was called. Final.
 */
export type SessionState = 'connecting' | 'connected' | 'disconnected' | 'expired' | 'closed';

export interface SessionIdentity {
  readonly id: bigint;
  readonly password: Uint8Array;
  /** Last zxid seen, so that a server that lags behind is not believed. */
  readonly zxid: bigint;
}

export type WatchEventType = 'created' | 'deleted' | 'dataChanged' | 'childrenChanged';
export interface WatchEvent {
  readonly type: WatchEventType;
  readonly path: string;
}
/** Called at most once per registration; the same function registered again for the same path and kind of read is one
 * registration. Called after the code that awaits earlier replies, and before later ones. Also called, with undefined, when the session expires or the coordinator
 * closes: whatever was watched must then be read anew on a new session. */
export type Watcher = (event: WatchEvent | undefined) => void;

/**
 * Requests are sent in the order of the calls and answered in that order. One issued while disconnected waits for a
 * connection, at most a session time-out; each is sent at most once.
 */
export interface Coordinator {
  readonly state: SessionState;
  /** Time-out the server granted, ms. 0 before the first connection. */
  readonly sessionTimeoutMs: number;
  /** The session, to be kept on disk and given to a later coordinator (rule R6); undefined before the first connection. */
  readonly session: SessionIdentity | undefined;
  /** Monotonic ms (clock.monotonic) of the sending of the latest request, pings included, that was acknowledged;
   * -Infinity before the first. A follower cut off from its leader still acknowledges pings and reads for a while. */
  readonly lastAcknowledged: number;
  /** The same of the latest write that succeeded: at that time the ensemble knew the session. */
  readonly lastAcknowledgedWrite: number;
  /** Subscribes to changes of `state`; returns the function that unsubscribes. */
  onState(listener: (state: SessionState) => void): () => void;
  /** Resolves when connected; rejects with expired or closed, or the signal's reason. */
  connected(signal?: AbortSignal): Promise<void>;

  /** Creates one node and returns its path (with the sequence number, if any). Without `acl` whoever has the credentials of this
   * session may do everything with it and nobody else anything; everybody everything when it has none. Rejects: nodeExists, noNode
   * (parent). */
  create(path: string, data: Uint8Array, mode?: CreateMode, acl?: readonly AclEntry[]): Promise<string>;
  /** Creates each missing node of `path`, and of the chroot, as an empty persistent node. Existing ones are success. */
  ensurePath(path: string): Promise<void>;
  /** Deletes if the version matches. Rejects: noNode, badVersion, notEmpty. */
  delete(path: string, version: DataVersion): Promise<void>;
  /** undefined when there is no node; the watch then fires on creation. */
  exists(path: string, watcher?: Watcher): Promise<Stat | undefined>;
  /** Rejects with noNode (and then leaves no watch). */
  getData(path: string, watcher?: Watcher): Promise<{ data: Buffer; stat: Stat }>;
  /** Conditional on `version`. Rejects: noNode, badVersion, unknown. There is no unconditional write here: ANY_VERSION
   * is refused as badArguments, in a multi as well. */
  setData(path: string, data: Uint8Array, version: DataVersion): Promise<Stat>;
  /** Names, unordered, without path. Rejects with noNode. */
  getChildren(path: string, watcher?: Watcher): Promise<{ children: string[]; stat: Stat }>;
  /** All or nothing. Rejects with the failing operation's kind, its path and `failedIndex`. */
  multi(operations: readonly Operation[]): Promise<OperationResult[]>;
  /** Who may do what with the node; digests without their secret unless this session may change them. Rejects with noNode. */
  getAcl(path: string): Promise<{ acl: readonly AclEntry[]; stat: Stat }>;
  /** Conditional on `aversion` of the stat. Rejects: noNode, badVersion, noAuth, invalidAcl. */
  setAcl(path: string, acl: readonly AclEntry[], aclVersion: number): Promise<Stat>;
  /** The server catches up with the leader before it answers later reads of this session. */
  sync(path: string): Promise<void>;
  /** Adds credentials to the session, e.g. ('digest', 'name:password'), on this connection and on each later one.
   * Rejects with noAuth when the server refuses them; they are then not sent again. */
  addAuth(scheme: string, credential: Uint8Array): Promise<void>;
  /** Ends the session: ephemeral nodes go at once. Never rejects; when no server can be told, or none answers within half
   * the session time-out, they go with the time-out. Requests that were sent still get their replies, or unknown. */
  close(): Promise<void>;
  /** Drops the connection without ending the session: ephemeral nodes stay until the time-out (rule R6, detach). */
  detach(): Promise<void>;
}

/** Version that matches any; only for deletes of nodes that one party alone ever touches. */
export const ANY_VERSION = -1;
