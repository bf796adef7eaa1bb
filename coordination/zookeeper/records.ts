// The one file that imports node-zookeeper-client: its jute records turn requests into bytes and replies into values.
// Callbacks, numeric codes and Buffers as numbers stop here.
import jute, { type StatRecord, type TransactionOperation } from 'node-zookeeper-client/lib/jute/index.js';
import pathRules from 'node-zookeeper-client/lib/Path.js';
import type { AclEntry, CreateMode, Operation, Stat } from '../coordinator.js';
import { createFlags, opcode } from './protocol.js';

const { data, protocol } = jute;

/** Something that can be written after a request header. */
export interface Payload {
  byteLength(): number;
  serialize(buffer: Buffer, offset: number): number;
}

export const OPEN_ACL: readonly AclEntry[] = [{ permissions: 31, scheme: 'world', id: 'anyone' }];

/** Everything for whoever has the credentials of the session that creates it. The server puts the digest in. */
export const CREATOR_ACL: readonly AclEntry[] = [{ permissions: 31, scheme: 'auth', id: '' }];

/** Throws when `path` is not a znode path. */
export function validatePath(path: string): void {
  pathRules.validate(path);
}

export function createRequest(path: string, content: Buffer, mode: CreateMode, acl: readonly AclEntry[]): Payload {
  return Object.assign(new protocol.CreateRequest(), {
    path,
    data: content,
    acl: acl.map(aclRecord),
    flags: createFlags[mode],
  });
}

export function deleteRequest(path: string, version: number): Payload {
  return Object.assign(new protocol.DeleteRequest(), { path, version });
}

export function existsRequest(path: string, watch: boolean): Payload {
  return Object.assign(new protocol.ExistsRequest(), { path, watch });
}

export function getDataRequest(path: string, watch: boolean): Payload {
  return Object.assign(new protocol.GetDataRequest(), { path, watch });
}

export function getChildrenRequest(path: string, watch: boolean): Payload {
  return Object.assign(new protocol.GetChildren2Request(), { path, watch });
}

export function setDataRequest(path: string, content: Buffer, version: number): Payload {
  return Object.assign(new protocol.SetDataRequest(), { path, data: content, version });
}

export function getAclRequest(path: string): Payload {
  return Object.assign(new protocol.GetACLRequest(), { path });
}

export function setAclRequest(path: string, acl: readonly AclEntry[], version: number): Payload {
  return Object.assign(new protocol.SetACLRequest(), { path, acl: acl.map(aclRecord), version });
}

export function authRequest(scheme: string, credential: Buffer): Payload {
  return Object.assign(new protocol.AuthPacket(), { type: 0, scheme, auth: credential });
}

/** The library has no record for sync. A response of create has the same shape as a request of sync: one path. */
export function syncRequest(path: string): Payload {
  return Object.assign(new protocol.CreateResponse(), { path });
}

/** The records, not the library's Transaction: that one turns version 0 into "any version" (N1). */
export function multiRequest(operations: readonly Operation[], acl: readonly AclEntry[]): Payload {
  return new jute.TransactionRequest(operations.map((operation) => transactionOperation(operation, acl)));
}

export interface WatchPaths {
  readonly data: string[];
  readonly exists: string[];
  readonly children: string[];
}

export function setWatchesRequest(zxid: bigint, paths: WatchPaths): Payload {
  return Object.assign(new protocol.SetWatches(), {
    relativeZxid: longBuffer(zxid),
    dataWatches: paths.data,
    existWatches: paths.exists,
    childWatches: paths.children,
  });
}

export function readPath(buffer: Buffer, offset: number): string {
  const record = new protocol.CreateResponse();
  record.deserialize(buffer, offset);
  return record.path;
}

export function readStat(buffer: Buffer, offset: number): Stat {
  const record = new protocol.SetDataResponse();
  record.deserialize(buffer, offset);
  return statOf(record.stat);
}

export function readData(buffer: Buffer, offset: number): { data: Buffer; stat: Stat } {
  const record = new protocol.GetDataResponse();
  record.deserialize(buffer, offset);
  return { data: record.data ?? Buffer.alloc(0), stat: statOf(record.stat) };
}

export function readChildren(buffer: Buffer, offset: number): { children: string[]; stat: Stat } {
  const record = new protocol.GetChildren2Response();
  record.deserialize(buffer, offset);
  return { children: record.children ?? [], stat: statOf(record.stat) };
}

export function readAcl(buffer: Buffer, offset: number): { acl: AclEntry[]; stat: Stat } {
  const record = new protocol.GetACLResponse();
  record.deserialize(buffer, offset);
  const acl = (record.acl ?? []).map(({ perms, id }) => ({ permissions: perms, scheme: id.scheme, id: id.id }));
  return { acl, stat: statOf(record.stat) };
}

export interface MultiResult {
  /** Opcode of the operation, or -1 for an error. */
  readonly type: number;
  readonly path: string | undefined;
  readonly stat: Stat | undefined;
  readonly error: number;
}

export function readMulti(buffer: Buffer, offset: number): MultiResult[] {
  const record = new jute.TransactionResponse();
  record.deserialize(buffer, offset);
  return record.results.map((result) => ({
    type: result.type,
    path: result.path,
    stat: result.stat === undefined ? undefined : statOf(result.stat),
    error: result.err ?? 0,
  }));
}

export function readWatchEvent(buffer: Buffer, offset: number): { type: number; path: string } {
  const record = new protocol.WatcherEvent();
  record.deserialize(buffer, offset);
  return { type: record.type, path: record.path };
}

export interface Hello {
  readonly zxid: bigint;
  readonly timeoutMs: number;
  readonly sessionId: bigint;
  readonly password: Buffer;
}

/** The first packet of a connection. The last byte says that a read-only server will not do; without it, servers log a
 * warning about an old client. */
export function connectFrame(hello: Hello): Buffer {
  const record = Object.assign(new protocol.ConnectRequest(), {
    protocolVersion: 0,
    lastZxidSeen: longBuffer(hello.zxid),
    timeOut: hello.timeoutMs,
    sessionId: longBuffer(hello.sessionId),
    passwd: hello.password,
  });
  const length = record.byteLength() + 1;
  const frame = Buffer.alloc(4 + length);
  frame.writeInt32BE(length, 0);
  record.serialize(frame, 4);
  return frame;
}

/** The server's answer to it. A time-out of 0 means that the session asked for has expired. */
export function readConnectReply(frame: Buffer): Omit<Hello, 'zxid'> {
  const record = new protocol.ConnectResponse();
  record.deserialize(frame, 0);
  return {
    timeoutMs: record.timeOut,
    sessionId: record.sessionId.readBigInt64BE(0),
    password: record.passwd ?? Buffer.alloc(16),
  };
}

function transactionOperation(operation: Operation, acl: readonly AclEntry[]): TransactionOperation {
  const { path } = operation;
  switch (operation.op) {
    case 'create':
      return {
        type: opcode.create,
        path,
        data: bufferOf(operation.data),
        mode: createFlags[operation.mode ?? 'persistent'],
        acls: acl.map((entry) => ({ toRecord: () => aclRecord(entry) })),
      };
    case 'setData':
      return { type: opcode.setData, path, data: bufferOf(operation.data), version: operation.version };
    case 'delete':
      return { type: opcode.delete, path, version: operation.version };
    case 'check':
      return { type: opcode.check, path, version: operation.version };
  }
}

function aclRecord(entry: AclEntry) {
  return new data.ACL(entry.permissions, new data.Id(entry.scheme, entry.id));
}

/** A view of the same bytes; they are copied into the packet before the call that takes them returns. */
export function bufferOf(bytes: Uint8Array | null | undefined): Buffer {
  if (bytes === null || bytes === undefined) return Buffer.alloc(0);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function longBuffer(value: bigint): Buffer {
  const buffer = Buffer.alloc(8);
  buffer.writeBigInt64BE(value);
  return buffer;
}

function statOf(record: StatRecord): Stat {
  return {
    czxid: record.czxid.readBigInt64BE(0),
    mzxid: record.mzxid.readBigInt64BE(0),
    ctime: Number(record.ctime.readBigInt64BE(0)),
    mtime: Number(record.mtime.readBigInt64BE(0)),
    version: record.version,
    cversion: record.cversion,
    aversion: record.aversion,
    ephemeralOwner: record.ephemeralOwner.readBigInt64BE(0),
    dataLength: record.dataLength,
    numChildren: record.numChildren,
    pzxid: record.pzxid.readBigInt64BE(0),
  };
}
