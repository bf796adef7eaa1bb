import { Permission } from '../../jute/codes.js';
import type { WatchedPath } from '../../jute/requests.js';
import type { GetDataResponse } from '../../jute/responses.js';
import { checkAcl } from '../tree/acl.js';
import { statOf } from '../tree/node.js';
import type { ReadOperation } from './operation.js';

export const getData: ReadOperation<WatchedPath, GetDataResponse> = {
  kind: 'read',
  answer({ tree, watches, caller }, { path, watch }) {
    const node = tree.get(path);
    checkAcl(node.acl, Permission.read, caller.identities, path);
    if (watch) watches.watchData(path, caller.watcher);
    return { data: node.data, stat: statOf(node) };
  },
};
