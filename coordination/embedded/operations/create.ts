import { CreateFlag, Permission } from '../../jute/codes.js';
import type { CreateRequest } from '../../jute/requests.js';
import type { Create2Response, PathResponse } from '../../jute/responses.js';
import { checkAcl, resolveAcl } from '../tree/acl.js';
import type { DataTree } from '../tree/data-tree.js';
import { OperationError } from '../tree/errors.js';
import { statOf } from '../tree/node.js';
import { parentOf, validatePath } from '../tree/paths.js';
import type { TreeChange } from '../tree/transaction.js';
import type { Caller, Plan, WriteOperation } from './operation.js';

const LAST_SUPPORTED_FLAGS = CreateFlag.ephemeral | CreateFlag.sequential;
/** Containers (4) and nodes with a time to live (5, 6). */
const LAST_KNOWN_FLAGS = 6;
const SEQUENCE_DIGITS = 10;

export const create: WriteOperation<CreateRequest, PathResponse> = {
  kind: 'write',
  plan(tree, caller, request) {
    const change = planCreate(tree, caller, request);
    return { change, result: () => ({ path: change.path }) };
  },
};

export const create2: WriteOperation<CreateRequest, Create2Response> = {
  kind: 'write',
  plan(tree, caller, request): Plan<Create2Response> {
    const change = planCreate(tree, caller, request);
    return { change, result: () => ({ path: change.path, stat: statOf(tree.get(change.path)) }) };
  },
};

/** The order of the checks is that of PrepRequestProcessor.pRequest2TxnCreate: it decides which error a client sees. */
function planCreate(tree: DataTree, caller: Caller, request: CreateRequest): TreeChange & { kind: 'create' } {
  const { flags } = request;
  if (flags < 0 || flags > LAST_KNOWN_FLAGS) throw new OperationError('badArguments', request.path);
  if (flags > LAST_SUPPORTED_FLAGS) throw new OperationError('unimplemented', request.path);
  const parentPath = parentOf(request.path);
  const acl = resolveAcl(request.acl, caller.identities, request.path);
  const parent = tree.get(parentPath);
  checkAcl(parent.acl, Permission.create, caller.identities, request.path);
  const path =
    (flags & CreateFlag.sequential) === 0 ? request.path : request.path + sequenceSuffix(parent.childCreations);
  validatePath(path);
  if (tree.find(path) !== undefined) throw new OperationError('nodeExists', path);
  if (parent.ephemeralOwner !== 0n) throw new OperationError('noChildrenForEphemerals', path);
  return {
    kind: 'create',
    path,
    data: request.data,
    acl,
    ephemeralOwner: (flags & CreateFlag.ephemeral) === 0 ? 0n : caller.session,
    parentCreations: (parent.childCreations + 1) | 0,
  };
}

/** Ten digits; after 2³¹ creations the number goes negative and the sign takes one of the places, as in Java. */
function sequenceSuffix(creations: number): string {
  const digits = Math.abs(creations).toString();
  return creations < 0 ? `-${digits.padStart(SEQUENCE_DIGITS - 1, '0')}` : digits.padStart(SEQUENCE_DIGITS, '0');
}
