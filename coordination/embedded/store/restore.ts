import { CloudTaskError } from '../../../base/index.js';
import type { Session } from '../sessions/session-table.js';
import { builtInNodes, DataTree } from '../tree/data-tree.js';
import { internAcl, type Node, newNode, ownCopy } from '../tree/node.js';
import type { Change, Transaction } from '../tree/transaction.js';

/**
 * A tree and its sessions while they are read back. The snapshot was taken while writes went on, so a node in it may be
 * newer than the transactions replayed onto it: every change sets absolute values and passes over what is not there, and
 * the last transaction wins. Children are no state of their own: they follow from the paths, at the end.
 */
export class Restoration {
  private readonly nodes: Map<string, Node>;
  private readonly sessions = new Map<bigint, Session>();
  zxid: bigint;
  highestSession = 0n;

  constructor(zxid = 0n, nodes: Map<string, Node> = builtInNodes()) {
    this.zxid = zxid;
    this.nodes = nodes;
    for (const node of nodes.values()) node.children = undefined;
  }

  putNode(path: string, node: Node): void {
    this.nodes.set(path, node);
  }

  putSession(session: Session): void {
    this.sessions.set(session.id, session);
    if (session.id > this.highestSession) this.highestSession = session.id;
  }

  /** Throws when a transaction is missing between the last one and this one. */
  replay(transaction: Transaction): void {
    const { zxid, time, changes } = transaction;
    const isNext = zxid === this.zxid + 1n || (zxid === this.zxid && changes[0]?.kind === 'sessionTimeout');
    if (!isNext) throw damaged(`transaction ${zxid} follows ${this.zxid}`);
    for (const change of changes) this.replayChange(change, zxid, time);
    this.zxid = zxid;
  }

  private replayChange(change: Change, zxid: bigint, time: number): void {
    switch (change.kind) {
      case 'create': {
        const parent = this.parentOf(change.path);
        if (parent !== undefined) {
          parent.childCreations = Math.max(parent.childCreations, change.parentCreations);
          if (zxid > parent.pzxid) parent.pzxid = zxid;
        }
        this.nodes.set(change.path, newNode(change, zxid, time));
        break;
      }
      case 'delete': {
        const parent = this.parentOf(change.path);
        if (parent !== undefined && zxid > parent.pzxid) parent.pzxid = zxid;
        this.nodes.delete(change.path);
        break;
      }
      case 'setData': {
        const node = this.nodes.get(change.path);
        if (node === undefined) break;
        Object.assign(node, { data: change.data, version: change.version, mzxid: zxid, mtime: time });
        break;
      }
      case 'setAcl': {
        const node = this.nodes.get(change.path);
        if (node !== undefined) Object.assign(node, { acl: internAcl(change.acl), aversion: change.version });
        break;
      }
      case 'openSession':
        this.putSession({
          id: change.session,
          timeoutMs: change.timeoutMs,
          password: Buffer.from(change.password),
        });
        break;
      case 'sessionTimeout': {
        const session = this.sessions.get(change.session);
        if (session !== undefined) session.timeoutMs = change.timeoutMs;
        break;
      }
      case 'closeSession':
        this.sessions.delete(change.session);
    }
  }

  /** Throws when the nodes do not form a tree or an ephemeral node belongs to no session. */
  finish(): { tree: DataTree; sessions: Session[] } {
    for (const [path, node] of this.nodes) {
      node.data = ownCopy(node.data);
      if (path === '/') continue;
      const parent = this.parentOf(path);
      if (parent === undefined) throw damaged(`node "${path}" has no parent`);
      parent.children ??= new Set();
      parent.children.add(path.slice(path.lastIndexOf('/') + 1));
      if (node.ephemeralOwner !== 0n && !this.sessions.has(node.ephemeralOwner)) {
        throw damaged(`ephemeral node "${path}" belongs to no session`);
      }
    }
    return { tree: new DataTree(this.nodes), sessions: [...this.sessions.values()] };
  }

  private parentOf(path: string): Node | undefined {
    return this.nodes.get(path.slice(0, path.lastIndexOf('/')) || '/');
  }
}

/** What is on disk cannot have been written by this program without something having changed it afterwards. */
export function damaged(detail: string): CloudTaskError {
  return new CloudTaskError('CT_COORDINATION_DATA', { detail });
}
