import { Permission } from '../../jute/codes.js';
import type { SetAclRequest } from '../../jute/requests.js';
import type { StatResponse } from '../../jute/responses.js';
import { checkAcl, resolveAcl } from '../tree/acl.js';
import { OperationError } from '../tree/errors.js';
import { statOf } from '../tree/node.js';
import { validatePath } from '../tree/paths.js';
import { nextVersion, type WriteOperation } from './operation.js';

export const setAcl: WriteOperation<SetAclRequest, StatResponse> = {
  kind: 'write',
  plan(tree, caller, request) {
    const { path } = request;
    validatePath(path);
    const acl = resolveAcl(request.acl, caller.identities, path);
    const node = tree.get(path);
    checkAcl(node.acl, Permission.admin, caller.identities, path);
    const version = nextVersion(node.aversion, request.version);
    if (version === undefined) throw new OperationError('badVersion', path);
    return { change: { kind: 'setAcl', path, acl, version }, result: () => ({ stat: statOf(tree.get(path)) }) };
  },
};
