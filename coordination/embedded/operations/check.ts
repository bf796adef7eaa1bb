import { Permission } from '../../jute/codes.js';
import type { VersionedPath } from '../../jute/requests.js';
import { checkAcl } from '../tree/acl.js';
import { OperationError } from '../tree/errors.js';
import { validatePath } from '../tree/paths.js';
import { nextVersion, type WriteOperation } from './operation.js';

/** Only within a multi. */
export const check: WriteOperation<VersionedPath, undefined> = {
  kind: 'write',
  plan(tree, caller, { path, version }) {
    validatePath(path);
    const node = tree.get(path);
    checkAcl(node.acl, Permission.read, caller.identities, path);
    if (nextVersion(node.version, version) === undefined) throw new OperationError('badVersion', path);
    return { change: undefined, result: () => undefined };
  },
};
