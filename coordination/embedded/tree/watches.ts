import { EventNumber } from '../../jute/codes.js';
import type { TreeChange } from './transaction.js';

export type WatchKind = 'once' | 'persistent' | 'persistentRecursive';

/** W is whoever watches: the tree side never looks inside. */
export interface Notification<W> {
  readonly watcher: W;
  /** EventNumber. */
  readonly type: number;
  readonly path: string;
}

/** Who watches which path in one respect. A watcher has at most one watch on a path: a later kind replaces the former. */
class WatchTable<W> {
  private readonly byPath = new Map<string, Map<W, WatchKind>>();
  private readonly byWatcher = new Map<W, Set<string>>();
  /** While there is none, a trigger need not walk up the path. */
  private recursive = 0;

  add(path: string, watcher: W, kind: WatchKind): void {
    const watchers = this.byPath.get(path) ?? new Map<W, WatchKind>();
    this.byPath.set(path, watchers);
    if (watchers.get(watcher) === 'persistentRecursive') this.recursive--;
    if (kind === 'persistentRecursive') this.recursive++;
    watchers.set(watcher, kind);
    const paths = this.byWatcher.get(watcher) ?? new Set<string>();
    this.byWatcher.set(watcher, paths);
    paths.add(path);
  }

  /** Watchers of the event, each once; one-shot watches are used up. */
  trigger(path: string, type: number): Set<W> {
    const found = new Set<W>();
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

  forget(watcher: W): void {
    for (const path of [...(this.byWatcher.get(watcher) ?? [])]) this.remove(path, watcher);
  }

  private remove(path: string, watcher: W): void {
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
export class Watches<W> {
  private readonly data = new WatchTable<W>();
  private readonly child = new WatchTable<W>();

  watchData(path: string, watcher: W, kind: WatchKind = 'once'): void {
    this.data.add(path, watcher, kind);
  }

  watchChildren(path: string, watcher: W, kind: WatchKind = 'once'): void {
    this.child.add(path, watcher, kind);
  }

  forget(watcher: W): void {
    this.data.forget(watcher);
    this.child.forget(watcher);
  }

  /** The events of a change, in the order in which a watcher of several must see them. */
  trigger(change: TreeChange): Notification<W>[] {
    const events: Notification<W>[] = [];
    const add = (watchers: Iterable<W>, type: number, path: string) => {
      for (const watcher of watchers) events.push({ watcher, type, path });
    };
    const { path } = change;
    const parent = path.slice(0, path.lastIndexOf('/')) || '/';
    switch (change.kind) {
      case 'create':
        add(this.data.trigger(path, EventNumber.created), EventNumber.created, path);
        add(this.child.trigger(parent, EventNumber.childrenChanged), EventNumber.childrenChanged, parent);
        break;
      case 'delete': {
        const told = this.data.trigger(path, EventNumber.deleted);
        add(told, EventNumber.deleted, path);
        const others = [...this.child.trigger(path, EventNumber.deleted)].filter((watcher) => !told.has(watcher));
        add(others, EventNumber.deleted, path);
        add(this.child.trigger(parent, EventNumber.childrenChanged), EventNumber.childrenChanged, parent);
        break;
      }
      case 'setData':
        add(this.data.trigger(path, EventNumber.dataChanged), EventNumber.dataChanged, path);
        break;
      case 'setAcl': // no watch sees it
    }
    return events;
  }
}
