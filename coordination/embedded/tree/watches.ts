import { EventNumber, Permission } from '../../jute/codes.js';
import type { AclRecord } from '../../jute/records.js';
import { type Identity, isAllowed } from './acl.js';
import type { Applied } from './data-tree.js';

/** Whoever watches. Beyond their identity nothing matters here. */
export interface Watcher {
  readonly identities: readonly Identity[];
}

export type WatchKind = 'once' | 'persistent' | 'persistentRecursive';

export interface Notification {
  readonly watcher: Watcher;
  /** EventNumber. */
  readonly type: number;
  readonly path: string;
}

/** Who watches which path in one respect. A watcher has at most one watch on a path: a later kind replaces the former. */
class WatchTable {
  private readonly byPath = new Map<string, Map<Watcher, WatchKind>>();
  private readonly byWatcher = new Map<Watcher, Set<string>>();
  /** While there is none, a trigger need not walk up the path. */
  private recursive = 0;

  add(path: string, watcher: Watcher, kind: WatchKind): void {
    const watchers = this.byPath.get(path) ?? new Map<Watcher, WatchKind>();
    this.byPath.set(path, watchers);
    if (watchers.get(watcher) === 'persistentRecursive') this.recursive--;
    if (kind === 'persistentRecursive') this.recursive++;
    watchers.set(watcher, kind);
    const paths = this.byWatcher.get(watcher) ?? new Set<string>();
    this.byWatcher.set(watcher, paths);
    paths.add(path);
  }

  /** Watchers of the event, each once; one-shot watches are used up. */
  trigger(path: string, type: number): Set<Watcher> {
    const found = new Set<Watcher>();
    for (const [watcher, kind] of this.byPath.get(path) ?? []) {
      if (kind !== 'persistentRecursive') found.add(watcher);
      else if (type !== EventNumber.childrenChanged) found.add(watcher);
      if (kind === 'once') this.remove(path, watcher);
    }
    if (this.recursive > 0 && type !== EventNumber.childrenChanged) {
      for (const ancestor of ancestorsOf(path)) {
        for (const [watcher, kind] of this.byPath.get(ancestor) ?? []) {
          if (kind === 'persistentRecursive') found.add(watcher);
        }
      }
    }
    return found;
  }

  forget(watcher: Watcher): void {
    for (const path of [...(this.byWatcher.get(watcher) ?? [])]) this.remove(path, watcher);
  }

  private remove(path: string, watcher: Watcher): void {
    const watchers = this.byPath.get(path);
    if (watchers?.get(watcher) === 'persistentRecursive') this.recursive--;
    if (watchers?.delete(watcher) && watchers.size === 0) this.byPath.delete(path);
    const paths = this.byWatcher.get(watcher);
    if (paths?.delete(path) && paths.size === 0) this.byWatcher.delete(watcher);
  }
}

function* ancestorsOf(path: string): Generator<string> {
  let at = path;
  while (at !== '/') {
    at = at.slice(0, at.lastIndexOf('/')) || '/';
    yield at;
  }
}

/** Data and existence watches share one table, child watches have the other, as in ZooKeeper: one event per watcher. */
export class Watches {
  private readonly data = new WatchTable();
  private readonly child = new WatchTable();

  watchData(path: string, watcher: Watcher, kind: WatchKind = 'once'): void {
    this.data.add(path, watcher, kind);
  }

  watchChildren(path: string, watcher: Watcher, kind: WatchKind = 'once'): void {
    this.child.add(path, watcher, kind);
  }

  forget(watcher: Watcher): void {
    this.data.forget(watcher);
    this.child.forget(watcher);
  }

  /**
   * The events of a change, in the order in which a watcher of several must see them. A watch is used up even when its
   * watcher may not read the node and is not told (ZooKeeper 3.8.4, and 3.8.0 as Debian patches it: CVE-2024-23944).
   */
  trigger({ change, acl, parentAcl }: Applied): Notification[] {
    const events: Notification[] = [];
    const tell = (watchers: Iterable<Watcher>, type: number, path: string, readers: readonly AclRecord[]) => {
      for (const watcher of watchers) {
        if (isAllowed(readers, Permission.read, watcher.identities)) events.push({ watcher, type, path });
      }
    };
    const { path } = change;
    const { created, deleted, dataChanged, childrenChanged } = EventNumber;
    const parent = path.slice(0, path.lastIndexOf('/')) || '/';
    switch (change.kind) {
      case 'create':
        tell(this.data.trigger(path, created), created, path, acl);
        tell(this.child.trigger(parent, childrenChanged), childrenChanged, parent, parentAcl);
        break;
      case 'delete': {
        const told = this.data.trigger(path, deleted);
        tell(told, deleted, path, acl);
        const others = [...this.child.trigger(path, deleted)].filter((watcher) => !told.has(watcher));
        tell(others, deleted, path, acl);
        tell(this.child.trigger(parent, childrenChanged), childrenChanged, parent, parentAcl);
        break;
      }
      case 'setData':
        tell(this.data.trigger(path, dataChanged), dataChanged, path, acl);
        break;
      case 'setAcl': // no watch sees it
    }
    return events;
  }
}
