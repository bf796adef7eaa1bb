import { OpCode } from '../../jute/codes.js';
import type { JuteReader } from '../../jute/reader.js';
import {
  readAddWatch,
  readCreate,
  readMulti,
  readPath,
  readSetAcl,
  readSetData,
  readSetWatches,
  readSetWatches2,
  readVersionedPath,
  readWatchedPath,
} from '../../jute/requests.js';
import {
  writeChildren2Response,
  writeChildrenResponse,
  writeCreate2Response,
  writeGetAclResponse,
  writeGetDataResponse,
  writeMultiResponse,
  writePathResponse,
  writeStatResponse,
} from '../../jute/responses.js';
import type { JuteWriter } from '../../jute/writer.js';
import { addWatch } from '../operations/add-watch.js';
import { create, create2 } from '../operations/create.js';
import { deleteNode } from '../operations/delete.js';
import { exists } from '../operations/exists.js';
import { getAcl } from '../operations/get-acl.js';
import { getChildren, getChildren2 } from '../operations/get-children.js';
import { getData } from '../operations/get-data.js';
import type { Caller, ReadOperation, WriteOperation } from '../operations/operation.js';
import { setAcl } from '../operations/set-acl.js';
import { setData } from '../operations/set-data.js';
import { setWatches, setWatches2 } from '../operations/set-watches.js';
import { sync } from '../operations/sync.js';
import type { Outcome, StateMachine } from '../state-machine.js';

type ReadBody<Q> = (reader: JuteReader) => Q;
type WriteBody<R> = (writer: JuteWriter, body: R) => void;

/** Performs a request whose body `reader` is at; `writeBody` appends the body of the reply, if there is one. */
export type Binding = (
  machine: StateMachine,
  caller: Caller,
  reader: JuteReader,
) => { readonly outcome: Outcome<unknown>; readonly writeBody: (writer: JuteWriter) => void };

function bind<Q, R>(
  read: ReadBody<Q>,
  operation: WriteOperation<Q, R> | ReadOperation<Q, R>,
  write: WriteBody<R>,
): Binding {
  return (machine, caller, reader) => {
    const decode = () => read(reader);
    const outcome =
      operation.kind === 'write' ? machine.write(caller, operation, decode) : machine.read(caller, operation, decode);
    return { outcome, writeBody: bodyWriter(outcome, write) };
  };
}

function bodyWriter<R>({ error, body }: Outcome<R>, write: WriteBody<R>): (writer: JuteWriter) => void {
  return (writer) => {
    if (error === 0 && body !== undefined) write(writer, body);
  };
}

const noBody: WriteBody<undefined> = () => undefined;

const multi: Binding = (machine, caller, reader) => {
  const outcome = machine.multi(caller, () => readMulti(reader));
  return { outcome, writeBody: bodyWriter(outcome, writeMultiResponse) };
};

/** Each supported operation that is not about the session itself. */
export const bindings: ReadonlyMap<number, Binding> = new Map([
  [OpCode.create, bind(readCreate, create, writePathResponse)],
  [OpCode.create2, bind(readCreate, create2, writeCreate2Response)],
  [OpCode.delete, bind(readVersionedPath, deleteNode, noBody)],
  [OpCode.exists, bind(readWatchedPath, exists, writeStatResponse)],
  [OpCode.getData, bind(readWatchedPath, getData, writeGetDataResponse)],
  [OpCode.setData, bind(readSetData, setData, writeStatResponse)],
  [OpCode.getACL, bind(readPath, getAcl, writeGetAclResponse)],
  [OpCode.setACL, bind(readSetAcl, setAcl, writeStatResponse)],
  [OpCode.getChildren, bind(readWatchedPath, getChildren, writeChildrenResponse)],
  [OpCode.getChildren2, bind(readWatchedPath, getChildren2, writeChildren2Response)],
  [OpCode.sync, bind(readPath, sync, writePathResponse)],
  [OpCode.multi, multi],
  [OpCode.setWatches, bind(readSetWatches, setWatches, noBody)],
  [OpCode.setWatches2, bind(readSetWatches2, setWatches2, noBody)],
  [OpCode.addWatch, bind(readAddWatch, addWatch, (writer, error) => void writer.int(error))],
]);

/** Operations of ZooKeeper 3.8 that this server does not offer. They are answered with UNIMPLEMENTED. */
export const unsupported: ReadonlySet<number> = new Set([
  OpCode.check,
  OpCode.reconfig,
  OpCode.checkWatches,
  OpCode.removeWatches,
  OpCode.createContainer,
  OpCode.deleteContainer,
  OpCode.createTTL,
  OpCode.multiRead,
  OpCode.sasl,
  OpCode.getEphemerals,
  OpCode.getAllChildrenNumber,
  OpCode.whoAmI,
]);
