// Bodies of replies, by operation, with readers and writers for both ends. A reply with an error has no body.
import { OpCode } from './codes.js';
import { JuteError, type JuteReader } from './reader.js';
import {
  type AclRecord,
  readAcl,
  readStat,
  readStrings,
  type StatRecord,
  writeAcl,
  writeStat,
  writeStrings,
} from './records.js';
import type { JuteWriter } from './writer.js';

export interface PathResponse {
  readonly path: string;
}
export interface StatResponse {
  readonly stat: StatRecord;
}
export interface Create2Response {
  readonly path: string;
  readonly stat: StatRecord;
}
export interface GetDataResponse {
  readonly data: Uint8Array | null;
  readonly stat: StatRecord;
}
export interface ChildrenResponse {
  readonly children: readonly string[];
}
export interface Children2Response {
  readonly children: readonly string[];
  readonly stat: StatRecord;
}
export interface GetAclResponse {
  readonly acl: readonly AclRecord[];
  readonly stat: StatRecord;
}
/** Result of one operation of a multi. When any operation failed, all results are errors: 0 before the one that failed. */
export type MultiResponseItem =
  | { readonly type: typeof OpCode.create; readonly path: string }
  | { readonly type: typeof OpCode.setData; readonly stat: StatRecord }
  | { readonly type: typeof OpCode.delete }
  | { readonly type: typeof OpCode.check }
  | { readonly type: typeof OpCode.error; readonly error: number };

export function readPathResponse(reader: JuteReader): PathResponse {
  return { path: reader.text() };
}
export function writePathResponse(writer: JuteWriter, response: PathResponse): void {
  writer.string(response.path);
}

export function readStatResponse(reader: JuteReader): StatResponse {
  return { stat: readStat(reader) };
}
export function writeStatResponse(writer: JuteWriter, response: StatResponse): void {
  writeStat(writer, response.stat);
}

export function readCreate2Response(reader: JuteReader): Create2Response {
  return { path: reader.text(), stat: readStat(reader) };
}
export function writeCreate2Response(writer: JuteWriter, response: Create2Response): void {
  writer.string(response.path);
  writeStat(writer, response.stat);
}

export function readGetDataResponse(reader: JuteReader): GetDataResponse {
  return { data: reader.buffer(), stat: readStat(reader) };
}
export function writeGetDataResponse(writer: JuteWriter, response: GetDataResponse): void {
  writer.buffer(response.data);
  writeStat(writer, response.stat);
}

export function readChildrenResponse(reader: JuteReader): ChildrenResponse {
  return { children: readStrings(reader) };
}
export function writeChildrenResponse(writer: JuteWriter, response: ChildrenResponse): void {
  writeStrings(writer, response.children);
}

export function readChildren2Response(reader: JuteReader): Children2Response {
  return { children: readStrings(reader), stat: readStat(reader) };
}
export function writeChildren2Response(writer: JuteWriter, response: Children2Response): void {
  writeStrings(writer, response.children);
  writeStat(writer, response.stat);
}

export function readGetAclResponse(reader: JuteReader): GetAclResponse {
  return { acl: reader.vector(readAcl) ?? [], stat: readStat(reader) };
}
export function writeGetAclResponse(writer: JuteWriter, response: GetAclResponse): void {
  writer.vector(response.acl, writeAcl);
  writeStat(writer, response.stat);
}

export function writeMultiResponse(writer: JuteWriter, items: readonly MultiResponseItem[]): void {
  for (const item of items) {
    writer
      .int(item.type)
      .bool(false)
      .int(item.type === OpCode.error ? item.error : 0);
    switch (item.type) {
      case OpCode.create:
        writer.string(item.path);
        break;
      case OpCode.setData:
        writeStat(writer, item.stat);
        break;
      case OpCode.error:
        writer.int(item.error);
        break;
      default: // delete and check have no body
    }
  }
  writer.int(-1).bool(true).int(-1);
}

export function readMultiResponse(reader: JuteReader): MultiResponseItem[] {
  const items: MultiResponseItem[] = [];
  for (;;) {
    const type = reader.int();
    const done = reader.bool();
    reader.int();
    if (done) return items;
    switch (type) {
      case OpCode.create:
        items.push({ type, path: reader.text() });
        break;
      case OpCode.setData:
        items.push({ type, stat: readStat(reader) });
        break;
      case OpCode.delete:
      case OpCode.check:
        items.push({ type });
        break;
      case OpCode.error:
        items.push({ type, error: reader.int() });
        break;
      default:
        throw new JuteError(`result ${type} cannot be part of a multi`);
    }
  }
}
