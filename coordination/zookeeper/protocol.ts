// Numbers of the ZooKeeper protocol (ZooDefs.java, KeeperException.java, ClientCnxn.java of Apache ZooKeeper 3.8).
import type { CoordinationErrorKind, CreateMode, WatchEventType } from '../coordinator.js';

export const opcode = {
  create: 1,
  delete: 2,
  exists: 3,
  getData: 4,
  setData: 5,
  getAcl: 6,
  setAcl: 7,
  sync: 9,
  ping: 11,
  getChildren2: 12,
  check: 13,
  multi: 14,
  auth: 100,
  setWatches: 101,
  closeSession: -11,
  error: -1,
} as const;

/** Request numbers that are not counted: their replies come outside the order of requests. */
export const fixedXid = { notification: -1, ping: -2, auth: -4, setWatches: -8 } as const;

/** Request numbers go from 1 to here and start again; the server returns them unread. */
export const LAST_XID = 2 ** 31 - 1;

/** What the server accepts in one packet unless `jute.maxbuffer` was changed; beyond, it drops the connection. */
export const REQUEST_MAX_BYTES = 0xfffff;

/** The server may answer more than it accepts (a directory of many names). Beyond this a length is taken for garbage. */
export const REPLY_MAX_BYTES = 64 * 1024 * 1024;

export const createFlags: Readonly<Record<CreateMode, number>> = {
  persistent: 0,
  ephemeral: 1,
  persistentSequential: 2,
  ephemeralSequential: 3,
};

export const watchEventTypes: ReadonlyMap<number, WatchEventType> = new Map([
  [1, 'created'],
  [2, 'deleted'],
  [3, 'dataChanged'],
  [4, 'childrenChanged'],
]);

export const serverCode = { ok: 0, runtimeInconsistency: -2, noNode: -101, sessionExpired: -112 } as const;

const kinds: ReadonlyMap<number, CoordinationErrorKind> = new Map([
  [-2, 'rolledBack'],
  [-4, 'unknown'],
  [-6, 'unimplemented'],
  [-7, 'unknown'],
  [-8, 'badArguments'],
  [-101, 'noNode'],
  [-102, 'noAuth'],
  [-103, 'badVersion'],
  [-108, 'noChildrenForEphemerals'],
  [-110, 'nodeExists'],
  [-111, 'notEmpty'],
  [-112, 'expired'],
  [-114, 'invalidAcl'],
  [-115, 'noAuth'],
]);

/** The contract's word for a server's error number. Numbers nobody here knows (quota, throttling, those of later
 * servers) are `server`, and the number goes with the error. */
export function kindOf(code: number): CoordinationErrorKind {
  return kinds.get(code) ?? 'server';
}
