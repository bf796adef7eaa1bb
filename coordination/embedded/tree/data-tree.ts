import { invariant } from '../../../base/index.js';
import type { AclRecord } from '../../jute/records.js';
import { OperationError } from './errors.js';
import { internAcl, type Node, newNode, OPEN_ACL, ownCopy } from './node.js';
import { BUILT_IN_PATHS } from './paths.js';
import type { TreeChange } from './transaction.js';

export interface Applied {
  readonly change: TreeChange;
  /** ACLs of the node and of its parent at that moment: they decide who is told (empty: everybody). */
  readonly acl: readonly AclRecord[];
  readonly parentAcl: readonly AclRecord[];
  /** Takes the change back; to be called in reverse order of the changes. */
  readonly undo: () => void;
}

const READ_ONLY_ACL = [{ permissions: 1, scheme: 'world', id: 'anyone' }];

/**
 * The nodes, in memory. Knows no clients, no clock, no disk: it applies changes that were validated against it, with the
 * zxid and the time they are given, so the same transactions always give the same tree.
 */
export class DataTree {
  /** By full path. The root is '/'. */
  private readonly nodes: Map<string, Node>;
  private readonly ephemerals = new Map<bigint, Set<string>>();

  constructor(nodes: Map<string, Node> = builtInNodes()) {
    this.nodes = nodes;
    for (const [path, node] of nodes) {
      if (node.ephemeralOwner !== 0n) this.own(node.ephemeralOwner, path);
    }
  }

  get size(): number {
    return this.nodes.size;
  }

  find(path: string): Node | undefined {
    return this.nodes.get(path === '' ? '/' : path);
  }

  /** Throws noNode. */
  get(path: string): Node {
    const node = this.find(path);
    if (node === undefined) throw new OperationError('noNode', path);
    return node;
  }

  /** Paths in the order of their creation. Nodes added while iterating are included, deleted ones are not. */
  entries(): IterableIterator<[string, Node]> {
    return this.nodes.entries();
  }

  ephemeralsOf(session: bigint): string[] {
    return [...(this.ephemerals.get(session) ?? [])];
  }

  /** Owners of at least one ephemeral node. */
  owners(): IterableIterator<bigint> {
    return this.ephemerals.keys();
  }

  apply(change: TreeChange, zxid: bigint, time: number): Applied {
    switch (change.kind) {
      case 'create':
        return this.create(change, zxid, time);
      case 'delete':
        return this.remove(change, zxid);
      case 'setData': {
        const node = this.get(change.path);
        const { data, version, mzxid, mtime } = node;
        Object.assign(node, { data: ownCopy(change.data), version: change.version, mzxid: zxid, mtime: time });
        const undo = () => void Object.assign(node, { data, version, mzxid, mtime });
        return { change, acl: node.acl, parentAcl: [], undo };
      }
      case 'setAcl': {
        const node = this.get(change.path);
        const { acl, aversion } = node;
        Object.assign(node, { acl: internAcl(change.acl), aversion: change.version });
        return { change, acl, parentAcl: [], undo: () => void Object.assign(node, { acl, aversion }) };
      }
    }
  }

  private create(change: Extract<TreeChange, { kind: 'create' }>, zxid: bigint, time: number): Applied {
    const [parent, name] = this.parentAndName(change.path);
    const { childCreations, pzxid } = parent;
    parent.children ??= new Set();
    parent.children.add(name);
    parent.childCreations = change.parentCreations;
    parent.pzxid = zxid;
    this.nodes.set(change.path, newNode({ ...change, data: ownCopy(change.data) }, zxid, time));
    if (change.ephemeralOwner !== 0n) this.own(change.ephemeralOwner, change.path);
    const undo = () => {
      this.nodes.delete(change.path);
      this.disown(change.ephemeralOwner, change.path);
      parent.children?.delete(name);
      Object.assign(parent, { childCreations, pzxid });
    };
    return { change, acl: change.acl, parentAcl: parent.acl, undo };
  }

  private remove(change: Extract<TreeChange, { kind: 'delete' }>, zxid: bigint): Applied {
    const { path } = change;
    const node = this.get(path);
    const [parent, name] = this.parentAndName(path);
    const { pzxid } = parent;
    this.nodes.delete(path);
    this.disown(node.ephemeralOwner, path);
    parent.children?.delete(name);
    parent.pzxid = zxid;
    const undo = () => {
      this.nodes.set(path, node);
      if (node.ephemeralOwner !== 0n) this.own(node.ephemeralOwner, path);
      parent.children?.add(name);
      parent.pzxid = pzxid;
    };
    return { change, acl: node.acl, parentAcl: parent.acl, undo };
  }

  private parentAndName(path: string): [Node, string] {
    const slash = path.lastIndexOf('/');
    const parent = this.find(path.slice(0, slash));
    invariant(parent !== undefined, 'tree-parent', `the parent of ${path} exists`);
    return [parent, path.slice(slash + 1)];
  }

  private own(session: bigint, path: string): void {
    let paths = this.ephemerals.get(session);
    if (paths === undefined) {
      paths = new Set();
      this.ephemerals.set(session, paths);
    }
    paths.add(path);
  }

  private disown(session: bigint, path: string): void {
    const paths = this.ephemerals.get(session);
    if (paths?.delete(path) && paths.size === 0) this.ephemerals.delete(session);
  }
}

/** A new tree as Apache ZooKeeper 3.8 has it: the built-in nodes count as never created, so cversions start below zero. */
export function builtInNodes(): Map<string, Node> {
  const nodes = new Map<string, Node>();
  for (const path of BUILT_IN_PATHS) {
    nodes.set(path, newNode({ data: Buffer.alloc(0), acl: OPEN_ACL, ephemeralOwner: 0n }, 0n, 0));
  }
  nodes.get('/')!.children = new Set(['zookeeper']);
  nodes.get('/zookeeper')!.children = new Set(['quota', 'config']);
  Object.assign(nodes.get('/zookeeper/config')!, { acl: READ_ONLY_ACL, aversion: -1 });
  return nodes;
}
