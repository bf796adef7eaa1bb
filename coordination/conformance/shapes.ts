// Requests as values: what to send and how to read the answer.
import { OpCode, Permission } from '../jute/codes.js';
import type { JuteReader } from '../jute/reader.js';
import type { AclRecord } from '../jute/records.js';
import * as requests from '../jute/requests.js';
import * as responses from '../jute/responses.js';
import type { JuteWriter } from '../jute/writer.js';

export interface RequestShape<R> {
  readonly type: number;
  readonly write: (writer: JuteWriter) => void;
  readonly read: (reader: JuteReader) => R;
}

export const OPEN: readonly AclRecord[] = [{ permissions: Permission.all, scheme: 'world', id: 'anyone' }];
const none = () => undefined;
const bytes = (data: string | null) => (data === null ? null : Buffer.from(data));

export interface CreateOptions {
  readonly data?: string | null;
  readonly flags?: number;
  readonly acl?: readonly AclRecord[] | null;
}

const createBody = (path: string, { data = '', flags = 0, acl = OPEN }: CreateOptions) => ({
  path,
  data: bytes(data),
  acl,
  flags,
});

export const create = (path: string, options: CreateOptions = {}): RequestShape<responses.PathResponse> => ({
  type: OpCode.create,
  write: (writer) => requests.writeCreate(writer, createBody(path, options)),
  read: responses.readPathResponse,
});
export const create2 = (path: string, options: CreateOptions = {}): RequestShape<responses.Create2Response> => ({
  type: OpCode.create2,
  write: (writer) => requests.writeCreate(writer, createBody(path, options)),
  read: responses.readCreate2Response,
});
export const remove = (path: string, version = -1): RequestShape<undefined> => ({
  type: OpCode.delete,
  write: (writer) => requests.writeVersionedPath(writer, { path, version }),
  read: none,
});
export const exists = (path: string, watch = false): RequestShape<responses.StatResponse> => ({
  type: OpCode.exists,
  write: (writer) => requests.writeWatchedPath(writer, { path, watch }),
  read: responses.readStatResponse,
});
export const getData = (path: string, watch = false): RequestShape<responses.GetDataResponse> => ({
  type: OpCode.getData,
  write: (writer) => requests.writeWatchedPath(writer, { path, watch }),
  read: responses.readGetDataResponse,
});
export const setData = (path: string, data: string | null, version = -1): RequestShape<responses.StatResponse> => ({
  type: OpCode.setData,
  write: (writer) => requests.writeSetData(writer, { path, data: bytes(data), version }),
  read: responses.readStatResponse,
});
export const getChildren = (path: string, watch = false): RequestShape<responses.ChildrenResponse> => ({
  type: OpCode.getChildren,
  write: (writer) => requests.writeWatchedPath(writer, { path, watch }),
  read: (reader) => ({ children: [...responses.readChildrenResponse(reader).children].sort() }),
});
export const getChildren2 = (path: string, watch = false): RequestShape<responses.Children2Response> => ({
  type: OpCode.getChildren2,
  write: (writer) => requests.writeWatchedPath(writer, { path, watch }),
  read: (reader) => {
    const { children, stat } = responses.readChildren2Response(reader);
    return { children: [...children].sort(), stat };
  },
});
export const getAcl = (path: string): RequestShape<responses.GetAclResponse> => ({
  type: OpCode.getACL,
  write: (writer) => requests.writePath(writer, { path }),
  read: responses.readGetAclResponse,
});
export const setAcl = (
  path: string,
  acl: readonly AclRecord[] | null,
  version = -1,
): RequestShape<responses.StatResponse> => ({
  type: OpCode.setACL,
  write: (writer) => requests.writeSetAcl(writer, { path, acl, version }),
  read: responses.readStatResponse,
});
export const sync = (path: string): RequestShape<responses.PathResponse> => ({
  type: OpCode.sync,
  write: (writer) => requests.writePath(writer, { path }),
  read: responses.readPathResponse,
});
export const multi = (...items: requests.MultiRequestItem[]): RequestShape<responses.MultiResponseItem[]> => ({
  type: OpCode.multi,
  write: (writer) => requests.writeMulti(writer, items),
  read: responses.readMultiResponse,
});
export const setWatches = (request: Partial<requests.SetWatchesRequest>): RequestShape<undefined> => ({
  type: OpCode.setWatches,
  write: (writer) => requests.writeSetWatches(writer, { relativeZxid: 0n, data: [], exist: [], child: [], ...request }),
  read: none,
});
export const setWatches2 = (request: Partial<requests.SetWatches2Request>): RequestShape<undefined> => ({
  type: OpCode.setWatches2,
  write: (writer) =>
    requests.writeSetWatches2(writer, {
      relativeZxid: 0n,
      data: [],
      exist: [],
      child: [],
      persistent: [],
      persistentRecursive: [],
      ...request,
    }),
  read: none,
});
export const addWatch = (path: string, mode: number): RequestShape<number> => ({
  type: OpCode.addWatch,
  write: (writer) => requests.writeAddWatch(writer, { path, mode }),
  read: (reader) => reader.int(),
});
export const unknownOperation = (type: number): RequestShape<undefined> => ({ type, write: none, read: none });

/** Parts of a multi. */
export const item = {
  create: (path: string, options: CreateOptions = {}): requests.MultiRequestItem => ({
    type: OpCode.create,
    ...createBody(path, options),
  }),
  remove: (path: string, version = -1): requests.MultiRequestItem => ({ type: OpCode.delete, path, version }),
  setData: (path: string, data: string | null, version = -1): requests.MultiRequestItem => ({
    type: OpCode.setData,
    path,
    data: bytes(data),
    version,
  }),
  check: (path: string, version = -1): requests.MultiRequestItem => ({ type: OpCode.check, path, version }),
};
