import { WatchMode } from '../../jute/codes.js';
import type { AddWatchRequest } from '../../jute/requests.js';
import { OperationError } from '../tree/errors.js';
import type { ReadOperation } from './operation.js';

/** Persistent watches. They need no permission and no node. The reply is an error number, 0. */
export const addWatch: ReadOperation<AddWatchRequest, number> = {
  kind: 'read',
  answer({ watches, caller }, { path, mode }) {
    if (mode !== WatchMode.persistent && mode !== WatchMode.persistentRecursive) {
      throw new OperationError('marshallingError', path);
    }
    const kind = mode === WatchMode.persistent ? 'persistent' : 'persistentRecursive';
    watches.watchData(path, caller.watcher, kind);
    watches.watchChildren(path, caller.watcher, kind);
    return 0;
  },
};
