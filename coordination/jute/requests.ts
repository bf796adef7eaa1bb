// Bodies of requests, by operation, with readers and writers for both ends.
import { OpCode } from './codes.js';
import { JuteError, type JuteReader } from './reader.js';
import { type AclRecord, readAcl, readStrings, writeAcl, writeStrings } from './records.js';
import type { JuteWriter } from './writer.js';

export interface CreateRequest {
  readonly path: string;
  readonly data: Uint8Array | null;
  readonly acl: readonly AclRecord[] | null;
  readonly flags: number;
}
export interface VersionedPath {
  readonly path: string;
  readonly version: number;
}
export interface WatchedPath {
  readonly path: string;
  readonly watch: boolean;
}
export interface PathOnly {
  readonly path: string;
}
export interface SetDataRequest {
  readonly path: string;
  readonly data: Uint8Array | null;
  readonly version: number;
}
export interface SetAclRequest {
  readonly path: string;
  readonly acl: readonly AclRecord[] | null;
  readonly version: number;
}
export interface SetWatchesRequest {
  readonly relativeZxid: bigint;
  readonly data: readonly string[];
  readonly exist: readonly string[];
  readonly child: readonly string[];
}
export interface SetWatches2Request extends SetWatchesRequest {
  readonly persistent: readonly string[];
  readonly persistentRecursive: readonly string[];
}
export interface AddWatchRequest {
  readonly path: string;
  readonly mode: number;
}
export interface AuthRequest {
  readonly type: number;
  readonly scheme: string | null;
  readonly credential: Uint8Array | null;
}
/** One operation of a multi. `type` is its OpCode. */
export type MultiRequestItem =
  | ({ readonly type: typeof OpCode.create | typeof OpCode.create2 } & CreateRequest)
  | ({ readonly type: typeof OpCode.delete } & VersionedPath)
  | ({ readonly type: typeof OpCode.setData } & SetDataRequest)
  | ({ readonly type: typeof OpCode.check } & VersionedPath);

export function readCreate(reader: JuteReader): CreateRequest {
  return { path: reader.text(), data: reader.buffer(), acl: reader.vector(readAcl), flags: reader.int() };
}
export function writeCreate(writer: JuteWriter, request: CreateRequest): void {
  writer.string(request.path).buffer(request.data).vector(request.acl, writeAcl).int(request.flags);
}

export function readVersionedPath(reader: JuteReader): VersionedPath {
  return { path: reader.text(), version: reader.int() };
}
export function writeVersionedPath(writer: JuteWriter, request: VersionedPath): void {
  writer.string(request.path).int(request.version);
}

export function readWatchedPath(reader: JuteReader): WatchedPath {
  return { path: reader.text(), watch: reader.bool() };
}
export function writeWatchedPath(writer: JuteWriter, request: WatchedPath): void {
  writer.string(request.path).bool(request.watch);
}

export function readPath(reader: JuteReader): PathOnly {
  return { path: reader.text() };
}
export function writePath(writer: JuteWriter, request: PathOnly): void {
  writer.string(request.path);
}

export function readSetData(reader: JuteReader): SetDataRequest {
  return { path: reader.text(), data: reader.buffer(), version: reader.int() };
}
export function writeSetData(writer: JuteWriter, request: SetDataRequest): void {
  writer.string(request.path).buffer(request.data).int(request.version);
}

export function readSetAcl(reader: JuteReader): SetAclRequest {
  return { path: reader.text(), acl: reader.vector(readAcl), version: reader.int() };
}
export function writeSetAcl(writer: JuteWriter, request: SetAclRequest): void {
  writer.string(request.path).vector(request.acl, writeAcl).int(request.version);
}

export function readSetWatches(reader: JuteReader): SetWatchesRequest {
  return {
    relativeZxid: reader.long(),
    data: readStrings(reader),
    exist: readStrings(reader),
    child: readStrings(reader),
  };
}
export function writeSetWatches(writer: JuteWriter, request: SetWatchesRequest): void {
  writer.long(request.relativeZxid);
  writeStrings(writer, request.data);
  writeStrings(writer, request.exist);
  writeStrings(writer, request.child);
}

export function readSetWatches2(reader: JuteReader): SetWatches2Request {
  return { ...readSetWatches(reader), persistent: readStrings(reader), persistentRecursive: readStrings(reader) };
}
export function writeSetWatches2(writer: JuteWriter, request: SetWatches2Request): void {
  writeSetWatches(writer, request);
  writeStrings(writer, request.persistent);
  writeStrings(writer, request.persistentRecursive);
}

export function readAddWatch(reader: JuteReader): AddWatchRequest {
  return { path: reader.text(), mode: reader.int() };
}
export function writeAddWatch(writer: JuteWriter, request: AddWatchRequest): void {
  writer.string(request.path).int(request.mode);
}

export function readAuth(reader: JuteReader): AuthRequest {
  return { type: reader.int(), scheme: reader.string(), credential: reader.buffer() };
}
export function writeAuth(writer: JuteWriter, request: AuthRequest): void {
  writer.int(request.type).string(request.scheme).buffer(request.credential);
}

export function readMulti(reader: JuteReader): MultiRequestItem[] {
  const items: MultiRequestItem[] = [];
  for (;;) {
    const type = reader.int();
    const done = reader.bool();
    reader.int();
    if (done) return items;
    items.push(readMultiItem(reader, type));
  }
}

function readMultiItem(reader: JuteReader, type: number): MultiRequestItem {
  switch (type) {
    case OpCode.create:
    case OpCode.create2:
      return { type, ...readCreate(reader) };
    case OpCode.delete:
    case OpCode.check:
      return { type, ...readVersionedPath(reader) };
    case OpCode.setData:
      return { type, ...readSetData(reader) };
    default:
      throw new JuteError(`operation ${type} cannot be part of a multi`);
  }
}

export function writeMulti(writer: JuteWriter, items: readonly MultiRequestItem[]): void {
  for (const item of items) {
    writer.int(item.type).bool(false).int(-1);
    switch (item.type) {
      case OpCode.create:
      case OpCode.create2:
        writeCreate(writer, item);
        break;
      case OpCode.setData:
        writeSetData(writer, item);
        break;
      default:
        writeVersionedPath(writer, item);
    }
  }
  writer.int(-1).bool(true).int(-1);
}
