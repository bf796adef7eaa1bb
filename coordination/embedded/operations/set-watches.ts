import { EventNumber } from '../../jute/codes.js';
import type { SetWatches2Request, SetWatchesRequest } from '../../jute/requests.js';
import type { ReadContext, ReadOperation } from './operation.js';

/** A client that reconnected takes up its watches. What happened since `relativeZxid` is told at once instead. */
export const setWatches: ReadOperation<SetWatchesRequest, undefined> = {
  kind: 'read',
  answer(context, request) {
    takeUpOneShots(context, request);
    return undefined;
  },
};

export const setWatches2: ReadOperation<SetWatches2Request, undefined> = {
  kind: 'read',
  answer(context, request) {
    takeUpOneShots(context, request);
    const { watches, caller } = context;
    for (const path of request.persistent) {
      watches.watchChildren(path, caller.watcher, 'persistent');
      watches.watchData(path, caller.watcher, 'persistent');
    }
    for (const path of request.persistentRecursive) {
      watches.watchChildren(path, caller.watcher, 'persistentRecursive');
      watches.watchData(path, caller.watcher, 'persistentRecursive');
    }
    return undefined;
  },
};

/** ZooKeeper: DataTree.setWatches. */
function takeUpOneShots({ tree, watches, caller, notify }: ReadContext, request: SetWatchesRequest): void {
  const { relativeZxid } = request;
  for (const path of request.data) {
    const node = tree.find(path);
    if (node === undefined) notify({ type: EventNumber.deleted, path });
    else if (node.mzxid > relativeZxid) notify({ type: EventNumber.dataChanged, path });
    else watches.watchData(path, caller.watcher);
  }
  for (const path of request.exist) {
    if (tree.find(path) !== undefined) notify({ type: EventNumber.created, path });
    else watches.watchData(path, caller.watcher);
  }
  for (const path of request.child) {
    const node = tree.find(path);
    if (node === undefined) notify({ type: EventNumber.deleted, path });
    else if (node.pzxid > relativeZxid) notify({ type: EventNumber.childrenChanged, path });
    else watches.watchChildren(path, caller.watcher);
  }
}
