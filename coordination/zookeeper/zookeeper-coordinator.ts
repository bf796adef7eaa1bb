// The Coordinator over a ZooKeeperSession: turns each operation into a packet and each answer into a value or a
// CoordinationError. A request is never sent twice.
import {
  type AclEntry,
  ANY_VERSION,
  CoordinationError,
  type Coordinator,
  type CreateMode,
  type DataVersion,
  isCoordinationError,
  type Operation,
  type OperationResult,
  type SessionIdentity,
  type SessionState,
  type Stat,
  type Watcher,
} from '../coordinator.js';
import { PAYLOAD_OFFSET } from './connection.js';
import { multiResults } from './multi.js';
import { packet } from './packet.js';
import { kindOf, opcode, REQUEST_MAX_BYTES, serverCode } from './protocol.js';
import * as records from './records.js';
import type { WatchKind } from './watch-table.js';
import { ZooKeeperSession, type ZooKeeperSessionOptions } from './zookeeper-session.js';

interface Call<T> {
  readonly operation: string;
  readonly path: string;
  readonly type: number;
  readonly payload: (serverPath: string) => records.Payload;
  readonly write: boolean;
  /** Reads the payload of a successful answer. */
  readonly read: (frame: Buffer) => T;
  /** Called with an error of the server; returns what to resolve with instead, or undefined to reject. */
  readonly accept?: (error: number) => { value: T } | undefined;
}

/** Makes a coordinator and begins to connect. */
export function openCoordinator(options: ZooKeeperSessionOptions): Coordinator {
  const session = new ZooKeeperSession(options);
  session.start();
  return new ZooKeeperCoordinator(session, (options.auth ?? []).length > 0 ? records.CREATOR_ACL : records.OPEN_ACL);
}

class ZooKeeperCoordinator implements Coordinator {
  private readonly zookeeper: ZooKeeperSession;
  /** Of nodes that are created without one. */
  private readonly acl: readonly AclEntry[];

  constructor(session: ZooKeeperSession, acl: readonly AclEntry[]) {
    this.zookeeper = session;
    this.acl = acl;
  }

  get state(): SessionState {
    return this.zookeeper.state;
  }
  get sessionTimeoutMs(): number {
    return this.zookeeper.sessionTimeoutMs;
  }
  get session(): SessionIdentity | undefined {
    return this.zookeeper.session;
  }
  get lastAcknowledged(): number {
    return this.zookeeper.lastAcknowledged;
  }
  get lastAcknowledgedWrite(): number {
    return this.zookeeper.lastAcknowledgedWrite;
  }
  onState(listener: (state: SessionState) => void): () => void {
    return this.zookeeper.onState(listener);
  }

  connected(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const judge = (state: SessionState): boolean => {
        if (state === 'connected') resolve();
        else if (state === 'expired' || state === 'closed') reject(new CoordinationError(state, 'connect'));
        else return false;
        return true;
      };
      if (signal?.aborted) return reject(signal.reason);
      if (judge(this.state)) return;
      const onAbort = () => {
        off();
        reject(signal?.reason);
      };
      const off = this.onState((state) => {
        if (!judge(state)) return;
        off();
        signal?.removeEventListener('abort', onAbort);
      });
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  create(path: string, data: Uint8Array, mode: CreateMode = 'persistent', acl?: readonly AclEntry[]): Promise<string> {
    return this.call({
      operation: 'create',
      path,
      type: opcode.create,
      payload: (at) => records.createRequest(at, records.bufferOf(data), mode, acl ?? this.acl),
      write: true,
      read: (frame) => this.relative(records.readPath(frame, PAYLOAD_OFFSET)),
    });
  }

  /** The chroot is created as well: with it in the connect string nothing else could create it. */
  async ensurePath(path: string): Promise<void> {
    const missing: string[] = [];
    for (let at = path; at !== ''; at = at.slice(0, at.lastIndexOf('/'))) {
      if ((await this.exists(at)) !== undefined) break;
      missing.push(at);
    }
    if (missing.at(-1)?.lastIndexOf('/') === 0) await this.ensureChroot();
    for (const at of missing.reverse()) await this.createUnlessThere(at, '');
  }

  delete(path: string, version: DataVersion): Promise<void> {
    return this.call({
      operation: 'delete',
      path,
      type: opcode.delete,
      payload: (at) => records.deleteRequest(at, version),
      write: true,
      read: () => undefined,
    });
  }

  exists(path: string, watcher?: Watcher): Promise<Stat | undefined> {
    return this.call<Stat | undefined>({
      operation: 'exists',
      path,
      type: opcode.exists,
      payload: (at) => records.existsRequest(at, watcher !== undefined),
      write: false,
      read: (frame) => {
        const stat = records.readStat(frame, PAYLOAD_OFFSET);
        this.watch('data', path, watcher);
        return stat;
      },
      accept: (error) => {
        if (error !== serverCode.noNode) return undefined;
        this.watch('exists', path, watcher);
        return { value: undefined };
      },
    });
  }

  getData(path: string, watcher?: Watcher): Promise<{ data: Buffer; stat: Stat }> {
    return this.call({
      operation: 'getData',
      path,
      type: opcode.getData,
      payload: (at) => records.getDataRequest(at, watcher !== undefined),
      write: false,
      read: (frame) => {
        const result = records.readData(frame, PAYLOAD_OFFSET);
        this.watch('data', path, watcher);
        return result;
      },
    });
  }

  setData(path: string, data: Uint8Array, version: DataVersion): Promise<Stat> {
    if (version === ANY_VERSION) return Promise.reject(unconditional('setData', path));
    return this.call({
      operation: 'setData',
      path,
      type: opcode.setData,
      payload: (at) => records.setDataRequest(at, records.bufferOf(data), version),
      write: true,
      read: (frame) => records.readStat(frame, PAYLOAD_OFFSET),
    });
  }

  getChildren(path: string, watcher?: Watcher): Promise<{ children: string[]; stat: Stat }> {
    return this.call({
      operation: 'getChildren',
      path,
      type: opcode.getChildren2,
      payload: (at) => records.getChildrenRequest(at, watcher !== undefined),
      write: false,
      read: (frame) => {
        const result = records.readChildren(frame, PAYLOAD_OFFSET);
        this.watch('children', path, watcher);
        return result;
      },
    });
  }

  multi(operations: readonly Operation[]): Promise<OperationResult[]> {
    for (const [index, { op, path, ...rest }] of operations.entries()) {
      if (op === 'setData' && 'version' in rest && rest.version === ANY_VERSION) {
        return Promise.reject(unconditional('multi setData', path, index));
      }
    }
    return this.call({
      operation: 'multi',
      path: operations[0]?.path ?? '/',
      type: opcode.multi,
      payload: () => {
        const absolute = operations.map((operation) => ({ ...operation, path: this.absolute(operation.path) }));
        return records.multiRequest(absolute, this.acl);
      },
      write: true,
      read: (frame) =>
        multiResults(operations, records.readMulti(frame, PAYLOAD_OFFSET), (path) => this.relative(path)),
    });
  }

  getAcl(path: string): Promise<{ acl: readonly AclEntry[]; stat: Stat }> {
    return this.call({
      operation: 'getAcl',
      path,
      type: opcode.getAcl,
      payload: (at) => records.getAclRequest(at),
      write: false,
      read: (frame) => records.readAcl(frame, PAYLOAD_OFFSET),
    });
  }

  setAcl(path: string, acl: readonly AclEntry[], aclVersion: number): Promise<Stat> {
    return this.call({
      operation: 'setAcl',
      path,
      type: opcode.setAcl,
      payload: (at) => records.setAclRequest(at, acl, aclVersion),
      write: true,
      read: (frame) => records.readStat(frame, PAYLOAD_OFFSET),
    });
  }

  sync(path: string): Promise<void> {
    return this.call({
      operation: 'sync',
      path,
      type: opcode.sync,
      payload: (at) => records.syncRequest(at),
      write: false,
      read: () => undefined,
    });
  }

  addAuth(scheme: string, credential: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.zookeeper.addAuth(scheme, credential, (error) => (error === undefined ? resolve() : reject(error)));
    });
  }

  close(): Promise<void> {
    return this.zookeeper.close();
  }

  async detach(): Promise<void> {
    this.zookeeper.detach();
  }

  private call<T>(call: Call<T>): Promise<T> {
    const { operation, path } = call;
    return new Promise((resolve, reject) => {
      let frame: Buffer;
      try {
        frame = packet(0, call.type, call.payload(this.absolute(path)));
      } catch (cause) {
        return reject(new CoordinationError('badArguments', operation, path, { cause }));
      }
      if (frame.length - 4 > REQUEST_MAX_BYTES) return reject(new CoordinationError('tooLarge', operation, path));
      this.zookeeper.submit({
        frame,
        write: call.write,
        answered: (error, reply) => {
          if (error === serverCode.ok) return settle(() => call.read(reply), resolve, reject);
          const accepted = call.accept?.(error);
          if (accepted !== undefined) return resolve(accepted.value);
          reject(new CoordinationError(kindOf(error), operation, path, { serverCode: error }));
        },
        failed: (kind, reason) => reject(new CoordinationError(kind, operation, path, { cause: reason })),
      });
    });
  }

  private watch(kind: WatchKind, path: string, watcher: Watcher | undefined): void {
    if (watcher !== undefined) this.zookeeper.watches.add(kind, this.absolute(path), watcher);
  }

  private async ensureChroot(): Promise<void> {
    const { chroot } = this.zookeeper;
    for (let end = chroot.indexOf('/', 1); chroot !== ''; end = chroot.indexOf('/', end + 1)) {
      await this.createUnlessThere('', end < 0 ? chroot : chroot.slice(0, end));
      if (end < 0) return;
    }
  }

  private async createUnlessThere(path: string, outside: string): Promise<void> {
    try {
      if (path !== '') await this.create(path, Buffer.alloc(0));
      else await this.createOutside(outside);
    } catch (error) {
      if (!isCoordinationError(error, 'nodeExists')) throw error;
    }
  }

  /** Creates a node by the server's path, chroot or not. What the chroot is in may be home to others as well. */
  private createOutside(serverPath: string): Promise<string> {
    const acl = serverPath === this.zookeeper.chroot ? this.acl : records.OPEN_ACL;
    return this.call({
      operation: 'create',
      path: '/',
      type: opcode.create,
      payload: () => records.createRequest(serverPath, Buffer.alloc(0), 'persistent', acl),
      write: true,
      read: () => serverPath,
    });
  }

  private absolute(path: string): string {
    records.validatePath(path);
    const { chroot } = this.zookeeper;
    return path === '/' && chroot !== '' ? chroot : chroot + path;
  }

  private relative(serverPath: string): string {
    return serverPath.slice(this.zookeeper.chroot.length) || '/';
  }
}

/** An answer that says no is a rejection; one that cannot be read is an error of the connection, and thrown. */
function settle<T>(read: () => T, resolve: (value: T) => void, reject: (error: CoordinationError) => void): void {
  try {
    resolve(read());
  } catch (error) {
    if (!(error instanceof CoordinationError)) throw error;
    reject(error);
  }
}

function unconditional(operation: string, path: string, failedIndex?: number): CoordinationError {
  const extra = failedIndex === undefined ? {} : { failedIndex };
  return new CoordinationError('badArguments', operation, path, { ...extra, cause: 'a write needs a version' });
}
