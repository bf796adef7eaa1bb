import { JuteError, type JuteReader } from '../../jute/reader.js';
import { readAcl, writeAcl } from '../../jute/records.js';
import type { JuteWriter } from '../../jute/writer.js';
import type { Change, Transaction } from '../tree/transaction.js';

/** Numbers on disk: never reused, never renumbered. */
const KIND = {
  create: 1,
  delete: 2,
  setData: 3,
  setAcl: 4,
  openSession: 5,
  sessionTimeout: 6,
  closeSession: 7,
} as const satisfies Record<Change['kind'], number>;

export function writeTransaction(writer: JuteWriter, transaction: Transaction): void {
  writer.long(transaction.zxid).long(BigInt(transaction.time)).vector(transaction.changes, writeChange);
}

export function readTransaction(reader: JuteReader): Transaction {
  const zxid = reader.long();
  const time = Number(reader.long());
  return { zxid, time, changes: reader.vector(readChange) ?? [] };
}

function writeChange(writer: JuteWriter, change: Change): void {
  writer.int(KIND[change.kind]);
  switch (change.kind) {
    case 'create':
      writer.string(change.path).buffer(change.data).vector(change.acl, writeAcl);
      writer.long(change.ephemeralOwner).int(change.parentCreations);
      break;
    case 'delete':
      writer.string(change.path);
      break;
    case 'setData':
      writer.string(change.path).buffer(change.data).int(change.version);
      break;
    case 'setAcl':
      writer.string(change.path).vector(change.acl, writeAcl).int(change.version);
      break;
    case 'openSession':
      writer.long(change.session).int(change.timeoutMs).buffer(change.password);
      break;
    case 'sessionTimeout':
      writer.long(change.session).int(change.timeoutMs);
      break;
    case 'closeSession':
      writer.long(change.session);
  }
}

function readChange(reader: JuteReader): Change {
  const kind = reader.int();
  switch (kind) {
    case KIND.create:
      return {
        kind: 'create',
        path: reader.text(),
        data: reader.buffer(),
        acl: reader.vector(readAcl) ?? [],
        ephemeralOwner: reader.long(),
        parentCreations: reader.int(),
      };
    case KIND.delete:
      return { kind: 'delete', path: reader.text() };
    case KIND.setData:
      return { kind: 'setData', path: reader.text(), data: reader.buffer(), version: reader.int() };
    case KIND.setAcl:
      return { kind: 'setAcl', path: reader.text(), acl: reader.vector(readAcl) ?? [], version: reader.int() };
    case KIND.openSession:
      return {
        kind: 'openSession',
        session: reader.long(),
        timeoutMs: reader.int(),
        password: reader.buffer() ?? Buffer.alloc(0),
      };
    case KIND.sessionTimeout:
      return { kind: 'sessionTimeout', session: reader.long(), timeoutMs: reader.int() };
    case KIND.closeSession:
      return { kind: 'closeSession', session: reader.long() };
    default:
      throw new JuteError(`unknown kind of change ${kind}`);
  }
}
