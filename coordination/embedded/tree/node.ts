import type { AclRecord, StatRecord } from '../../jute/records.js';

/** One znode. Mutable: only DataTree and the restoring of a tree write it. */
export interface Node {
  data: Uint8Array | null;
  acl: readonly AclRecord[];
  czxid: bigint;
  mzxid: bigint;
  pzxid: bigint;
  /** Wall time, ms since the epoch. */
  ctime: number;
  mtime: number;
  version: number;
  /** Number of children ever created: also the next sequence number. What clients see as cversion derives from it. */
  childCreations: number;
  aversion: number;
  /** 0n when the node is persistent. */
  ephemeralOwner: bigint;
  /** Names; undefined while there has been no child (most nodes are leaves). */
  children: Set<string> | undefined;
}

export const OPEN_ACL: readonly AclRecord[] = Object.freeze([
  Object.freeze({ permissions: 31, scheme: 'world', id: 'anyone' }),
]);

/** Shares the array of the most common ACL, so that a hundred thousand nodes do not hold as many copies. */
export function internAcl(acl: readonly AclRecord[]): readonly AclRecord[] {
  const [only] = acl;
  const open = acl.length === 1 && only?.permissions === 31 && only.scheme === 'world' && only.id === 'anyone';
  return open ? OPEN_ACL : acl;
}

/** A few bytes must not keep the packet alive that they came in, nor a pool that they share with short-lived ones. */
export function ownCopy(data: Uint8Array | null): Uint8Array | null {
  if (data === null) return null;
  const copy = Buffer.allocUnsafeSlow(data.length);
  copy.set(data);
  return copy;
}

export function newNode(fields: Pick<Node, 'data' | 'acl' | 'ephemeralOwner'>, zxid: bigint, time: number): Node {
  return {
    data: fields.data,
    acl: internAcl(fields.acl),
    czxid: zxid,
    mzxid: zxid,
    pzxid: zxid,
    ctime: time,
    mtime: time,
    version: 0,
    childCreations: 0,
    aversion: 0,
    ephemeralOwner: fields.ephemeralOwner,
    children: undefined,
  };
}

export function statOf(node: Node): StatRecord {
  const numChildren = node.children?.size ?? 0;
  return {
    czxid: node.czxid,
    mzxid: node.mzxid,
    ctime: BigInt(node.ctime),
    mtime: BigInt(node.mtime),
    version: node.version,
    // Each child that is no longer there was created and deleted, which makes two changes (DataNode.copyStat).
    cversion: (node.childCreations * 2 - numChildren) | 0,
    aversion: node.aversion,
    ephemeralOwner: node.ephemeralOwner,
    dataLength: node.data?.length ?? 0,
    numChildren,
    pzxid: node.pzxid,
  };
}
