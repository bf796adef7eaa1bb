// Who waits for which watch. The server knows only (path, kind); here each of them has the listeners to call. Paths are
// those of the server, chroot included. Registering the same function again for the same path and kind changes nothing,
// so that a periodic re-read does not pile up listeners.
import type { WatchEvent, WatchEventType, Watcher } from '../coordinator.js';
import { callOut } from './call-out.js';
import type { WatchPaths } from './records.js';

export type WatchKind = 'data' | 'exists' | 'children';

/** ZooKeeper's own client splits at 128 KB; one packet above jute.maxbuffer would end every new connection (N6). */
export const SET_WATCHES_MAX_BYTES = 100 * 1024;

/** Which watches an event of the server ends (ZKWatchManager.java). */
const endedBy: Readonly<Record<WatchEventType, readonly WatchKind[]>> = {
  created: ['data', 'exists'],
  dataChanged: ['data', 'exists'],
  deleted: ['data', 'exists', 'children'],
  childrenChanged: ['children'],
};

export class WatchTable {
  private readonly kinds: Readonly<Record<WatchKind, Map<string, Set<Watcher>>>> = {
    data: new Map(),
    exists: new Map(),
    children: new Map(),
  };

  add(kind: WatchKind, path: string, watcher: Watcher): void {
    const watchers = this.kinds[kind].get(path);
    if (watchers === undefined) this.kinds[kind].set(path, new Set([watcher]));
    else watchers.add(watcher);
  }

  get size(): number {
    return this.kinds.data.size + this.kinds.exists.size + this.kinds.children.size;
  }

  /** Takes out what `event` ends and calls each listener once, with `told` instead of the server's path. */
  fire(serverPath: string, told: WatchEvent): void {
    const called = new Set<Watcher>();
    for (const kind of endedBy[told.type]) {
      for (const watcher of this.kinds[kind].get(serverPath) ?? []) called.add(watcher);
      this.kinds[kind].delete(serverPath);
    }
    for (const watcher of called) callOut(() => watcher(told));
  }

  /** Takes out everything and calls each listener with undefined. */
  clear(): void {
    const called: Watcher[] = [];
    for (const paths of Object.values(this.kinds)) {
      for (const watchers of paths.values()) called.push(...watchers);
      paths.clear();
    }
    for (const watcher of called) callOut(() => watcher(undefined));
  }

  /** All watches, in parts of which each fits into one packet. */
  *parts(): Generator<WatchPaths> {
    let part: WatchPaths = { data: [], exists: [], children: [] };
    let bytes = 0;
    for (const kind of ['data', 'exists', 'children'] as const) {
      for (const path of this.kinds[kind].keys()) {
        const length = 4 + Buffer.byteLength(path);
        if (bytes + length > SET_WATCHES_MAX_BYTES && bytes > 0) {
          yield part;
          part = { data: [], exists: [], children: [] };
          bytes = 0;
        }
        part[kind].push(path);
        bytes += length;
      }
    }
    if (bytes > 0) yield part;
  }
}
