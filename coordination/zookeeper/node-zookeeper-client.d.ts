// Types of the parts of node-zookeeper-client 1.1.3 that the adapter uses (its records), and of the client itself, which
// only the tests and the bench use, to show the defects that the adapter cures.
declare module 'node-zookeeper-client/lib/jute/index.js' {
  export interface Record {
    byteLength(): number;
    serialize(buffer: Buffer, offset: number): number;
    /** Returns the number of bytes read; throws when the bytes are not such a record. */
    deserialize(buffer: Buffer, offset: number): number;
  }
  export type RecordClass<Fields> = new () => Record & Fields;
  export interface StatRecord extends Record {
    czxid: Buffer;
    mzxid: Buffer;
    ctime: Buffer;
    mtime: Buffer;
    version: number;
    cversion: number;
    aversion: number;
    ephemeralOwner: Buffer;
    dataLength: number;
    numChildren: number;
    pzxid: Buffer;
  }
  export interface AclRecord extends Record {
    perms: number;
    id: Record;
  }
  export interface TransactionOperation {
    type: number;
    path: string;
    data?: Buffer;
    version?: number;
    acls?: readonly { toRecord(): AclRecord }[];
    mode?: number;
  }
  export interface TransactionResult {
    type: number;
    path?: string;
    stat?: StatRecord;
    err?: number;
  }
  export interface Jute {
    readonly data: {
      readonly Id: new (scheme: string, id: string) => Record;
      readonly ACL: new (perms: number, id: Record) => AclRecord;
    };
    readonly protocol: {
      readonly ConnectRequest: RecordClass<{
        protocolVersion: number;
        lastZxidSeen: Buffer;
        timeOut: number;
        sessionId: Buffer;
        passwd: Buffer;
      }>;
      readonly ConnectResponse: RecordClass<{ timeOut: number; sessionId: Buffer; passwd: Buffer | undefined }>;
      readonly AuthPacket: RecordClass<{ type: number; scheme: string; auth: Buffer }>;
      readonly CreateRequest: RecordClass<{ path: string; data: Buffer | undefined; acl: AclRecord[]; flags: number }>;
      readonly CreateResponse: RecordClass<{ path: string }>;
      readonly DeleteRequest: RecordClass<{ path: string; version: number }>;
      readonly ExistsRequest: RecordClass<{ path: string; watch: boolean }>;
      readonly ExistsResponse: RecordClass<{ stat: StatRecord }>;
      readonly GetDataRequest: RecordClass<{ path: string; watch: boolean }>;
      readonly GetDataResponse: RecordClass<{ data: Buffer | undefined; stat: StatRecord }>;
      readonly SetDataRequest: RecordClass<{ path: string; data: Buffer | undefined; version: number }>;
      readonly SetDataResponse: RecordClass<{ stat: StatRecord }>;
      readonly GetChildren2Request: RecordClass<{ path: string; watch: boolean }>;
      readonly GetChildren2Response: RecordClass<{ children: string[] | undefined; stat: StatRecord }>;
      readonly GetACLRequest: RecordClass<{ path: string }>;
      readonly GetACLResponse: RecordClass<{
        acl: { perms: number; id: { scheme: string; id: string } }[] | undefined;
        stat: StatRecord;
      }>;
      readonly SetACLRequest: RecordClass<{ path: string; acl: AclRecord[]; version: number }>;
      readonly SetWatches: RecordClass<{
        relativeZxid: Buffer;
        dataWatches: string[];
        existWatches: string[];
        childWatches: string[];
      }>;
      readonly WatcherEvent: RecordClass<{ type: number; state: number; path: string }>;
    };
    readonly TransactionRequest: new (operations: TransactionOperation[]) => Record;
    readonly TransactionResponse: new () => Record & { readonly results: TransactionResult[] };
  }
  const jute: Jute;
  // biome-ignore lint/style/noDefaultExport: what Node makes of a CommonJS module
  export default jute;
}

declare module 'node-zookeeper-client/lib/Path.js' {
  const path: {
    /** Throws when `path` is not a valid znode path. */
    validate(path: string): void;
  };
  // biome-ignore lint/style/noDefaultExport: what Node makes of a CommonJS module
  export default path;
}

declare module 'node-zookeeper-client' {
  import type { EventEmitter } from 'node:events';
  import type { Socket } from 'node:net';

  export interface LibraryError extends Error {
    getCode(): number;
  }
  export type Callback<T extends unknown[]> = (error: LibraryError | null | undefined, ...results: T) => void;
  export interface LibraryStat {
    version: number;
  }
  export interface LibraryTransaction {
    create(path: string, data?: Buffer): LibraryTransaction;
    check(path: string, version: number): LibraryTransaction;
    setData(path: string, data: Buffer, version: number): LibraryTransaction;
    remove(path: string, version: number): LibraryTransaction;
    commit(callback: Callback<[unknown[]]>): void;
  }
  export interface LibraryClient extends EventEmitter {
    readonly connectionManager: {
      socket: Socket;
      xid: number;
      pingTimeout: number;
      readonly packetQueue: { readonly queue: unknown[] };
    };
    connect(): void;
    close(): void;
    getState(): { readonly name: string };
    getSessionId(): Buffer;
    addAuthInfo(scheme: string, credential: Buffer): void;
    create(path: string, data: Buffer, callback: Callback<[string]>): void;
    create(path: string, data: Buffer, mode: number, callback: Callback<[string]>): void;
    remove(path: string, version: number, callback: Callback<[]>): void;
    exists(path: string, callback: Callback<[LibraryStat | null]>): void;
    exists(path: string, watcher: (event: unknown) => void, callback: Callback<[LibraryStat | null]>): void;
    getData(path: string, callback: Callback<[Buffer, LibraryStat]>): void;
    getData(path: string, watcher: (event: unknown) => void, callback: Callback<[Buffer, LibraryStat]>): void;
    setData(path: string, data: Buffer | null, version: number, callback: Callback<[LibraryStat]>): void;
    getChildren(path: string, callback: Callback<[string[], LibraryStat]>): void;
    transaction(): LibraryTransaction;
  }
  const library: {
    createClient(
      connectString: string,
      options?: { sessionTimeout?: number; spinDelay?: number; retries?: number },
    ): LibraryClient;
    readonly CreateMode: { readonly EPHEMERAL: number };
  };
  // biome-ignore lint/style/noDefaultExport: what Node makes of a CommonJS module
  export default library;
}
