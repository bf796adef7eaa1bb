import { Permission } from '../../jute/codes.js';
import type { PathOnly } from '../../jute/requests.js';
import type { GetAclResponse } from '../../jute/responses.js';
import { checkAcl, isAllowed, maskDigests } from '../tree/acl.js';
import { statOf } from '../tree/node.js';
import type { ReadOperation } from './operation.js';

export const getAcl: ReadOperation<PathOnly, GetAclResponse> = {
  kind: 'read',
  answer({ tree, caller }, { path }) {
    const node = tree.get(path);
    checkAcl(node.acl, Permission.read | Permission.admin, caller.identities, path);
    const admin = isAllowed(node.acl, Permission.admin, caller.identities);
    return { acl: admin ? node.acl : maskDigests(node.acl), stat: statOf(node) };
  },
};
