import { Permission } from '../../jute/codes.js';
import type { VersionedPath } from '../../jute/requests.js';
import { checkAcl } from '../tree/acl.js';
import { OperationError } from '../tree/errors.js';
import { BUILT_IN_PATHS, parentOf } from '../tree/paths.js';
import { nextVersion, type WriteOperation } from './operation.js';

export const deleteNode: WriteOperation<VersionedPath, undefined> = {
  kind: 'write',
  plan(tree, caller, { path, version }) {
    const parentPath = parentOf(path);
    if (BUILT_IN_PATHS.includes(path)) throw new OperationError('badArguments', path);
    const parent = tree.get(parentPath);
    checkAcl(parent.acl, Permission.delete, caller.identities, path);
    const node = tree.get(path);
    if (nextVersion(node.version, version) === undefined) throw new OperationError('badVersion', path);
    if ((node.children?.size ?? 0) > 0) throw new OperationError('notEmpty', path);
    return { change: { kind: 'delete', path }, result: () => undefined };
  },
};
