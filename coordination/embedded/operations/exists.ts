import type { WatchedPath } from '../../jute/requests.js';
import type { StatResponse } from '../../jute/responses.js';
import { OperationError } from '../tree/errors.js';
import { statOf } from '../tree/node.js';
import type { ReadOperation } from './operation.js';

/** Needs no permission. A watch is set whether the node exists or not. */
export const exists: ReadOperation<WatchedPath, StatResponse> = {
  kind: 'read',
  answer({ tree, watches, caller }, { path, watch }) {
    if (path.includes('\0')) throw new OperationError('badArguments', path);
    if (watch) watches.watchData(path, caller.watcher);
    return { stat: statOf(tree.get(path)) };
  },
};
