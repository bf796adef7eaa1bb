// Records of zookeeper.jute (ZooKeeper 3.8), each with its reader and writer, for both ends of a connection.
import { JuteError, type JuteReader } from './reader.js';
import type { JuteWriter } from './writer.js';

export interface StatRecord {
  readonly czxid: bigint;
  readonly mzxid: bigint;
  readonly ctime: bigint;
  readonly mtime: bigint;
  readonly version: number;
  readonly cversion: number;
  readonly aversion: number;
  readonly ephemeralOwner: bigint;
  readonly dataLength: number;
  readonly numChildren: number;
  readonly pzxid: bigint;
}

export function readStat(reader: JuteReader): StatRecord {
  return {
    czxid: reader.long(),
    mzxid: reader.long(),
    ctime: reader.long(),
    mtime: reader.long(),
    version: reader.int(),
    cversion: reader.int(),
    aversion: reader.int(),
    ephemeralOwner: reader.long(),
    dataLength: reader.int(),
    numChildren: reader.int(),
    pzxid: reader.long(),
  };
}

export function writeStat(writer: JuteWriter, stat: StatRecord): void {
  writer.long(stat.czxid).long(stat.mzxid).long(stat.ctime).long(stat.mtime);
  writer.int(stat.version).int(stat.cversion).int(stat.aversion).long(stat.ephemeralOwner);
  writer.int(stat.dataLength).int(stat.numChildren).long(stat.pzxid);
}

export interface AclRecord {
  readonly permissions: number;
  readonly scheme: string | null;
  readonly id: string | null;
}

export function readAcl(reader: JuteReader): AclRecord {
  return { permissions: reader.int(), scheme: reader.string(), id: reader.string() };
}

export function writeAcl(writer: JuteWriter, acl: AclRecord): void {
  writer.int(acl.permissions).string(acl.scheme).string(acl.id);
}

export interface ConnectRequest {
  readonly protocolVersion: number;
  readonly lastZxidSeen: bigint;
  readonly timeoutMs: number;
  readonly sessionId: bigint;
  readonly password: Buffer;
  /** undefined when the client is older than 3.4 and does not send the field. */
  readonly readOnly: boolean | undefined;
}

export function readConnectRequest(reader: JuteReader): ConnectRequest {
  return {
    protocolVersion: reader.int(),
    lastZxidSeen: reader.long(),
    timeoutMs: reader.int(),
    sessionId: reader.long(),
    password: reader.buffer() ?? Buffer.alloc(0),
    readOnly: reader.remaining > 0 ? reader.bool() : undefined,
  };
}

export function writeConnectRequest(writer: JuteWriter, request: ConnectRequest): void {
  writer.int(request.protocolVersion).long(request.lastZxidSeen).int(request.timeoutMs);
  writer.long(request.sessionId).buffer(request.password);
  if (request.readOnly !== undefined) writer.bool(request.readOnly);
}

export interface ConnectResponse {
  readonly protocolVersion: number;
  /** 0 when the session asked for is gone. */
  readonly timeoutMs: number;
  readonly sessionId: bigint;
  readonly password: Buffer;
  readonly readOnly: boolean | undefined;
}

export function readConnectResponse(reader: JuteReader): ConnectResponse {
  return {
    protocolVersion: reader.int(),
    timeoutMs: reader.int(),
    sessionId: reader.long(),
    password: reader.buffer() ?? Buffer.alloc(0),
    readOnly: reader.remaining > 0 ? reader.bool() : undefined,
  };
}

export function writeConnectResponse(writer: JuteWriter, response: ConnectResponse): void {
  writer.int(response.protocolVersion).int(response.timeoutMs).long(response.sessionId).buffer(response.password);
  if (response.readOnly !== undefined) writer.bool(response.readOnly);
}

export interface ReplyHeader {
  readonly xid: number;
  readonly zxid: bigint;
  readonly error: number;
}

export function readReplyHeader(reader: JuteReader): ReplyHeader {
  return { xid: reader.int(), zxid: reader.long(), error: reader.int() };
}

export function writeReplyHeader(writer: JuteWriter, header: ReplyHeader): void {
  writer.int(header.xid).long(header.zxid).int(header.error);
}

export interface WatcherEvent {
  /** EventNumber. */
  readonly type: number;
  readonly state: number;
  readonly path: string;
}

export function readWatcherEvent(reader: JuteReader): WatcherEvent {
  return { type: reader.int(), state: reader.int(), path: reader.text() };
}

export function writeWatcherEvent(writer: JuteWriter, event: WatcherEvent): void {
  writer.int(event.type).int(event.state).string(event.path);
}

export function readStrings(reader: JuteReader): string[] {
  const strings = reader.vector((r) => r.text());
  if (strings === null) throw new JuteError('a list of strings is null');
  return strings;
}

export function writeStrings(writer: JuteWriter, strings: readonly string[]): void {
  writer.vector(strings, (w, text) => w.string(text));
}
