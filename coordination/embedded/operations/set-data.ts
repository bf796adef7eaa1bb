import { Permission } from '../../jute/codes.js';
import type { SetDataRequest } from '../../jute/requests.js';
import type { StatResponse } from '../../jute/responses.js';
import { checkAcl } from '../tree/acl.js';
import { OperationError } from '../tree/errors.js';
import { statOf } from '../tree/node.js';
import { validatePath } from '../tree/paths.js';
import { nextVersion, type WriteOperation } from './operation.js';

export const setData: WriteOperation<SetDataRequest, StatResponse> = {
  kind: 'write',
  plan(tree, caller, { path, data, version }) {
    validatePath(path);
    const node = tree.get(path);
    checkAcl(node.acl, Permission.write, caller.identities, path);
    const next = nextVersion(node.version, version);
    if (next === undefined) throw new OperationError('badVersion', path);
    return {
      change: { kind: 'setData', path, data, version: next },
      result: () => ({ stat: statOf(tree.get(path)) }),
    };
  },
};
