import { Permission } from '../../jute/codes.js';
import type { WatchedPath } from '../../jute/requests.js';
import type { Children2Response, ChildrenResponse } from '../../jute/responses.js';
import { checkAcl } from '../tree/acl.js';
import { statOf } from '../tree/node.js';
import type { ReadContext, ReadOperation } from './operation.js';

export const getChildren2: ReadOperation<WatchedPath, Children2Response> = { kind: 'read', answer: listChildren };
export const getChildren: ReadOperation<WatchedPath, ChildrenResponse> = { kind: 'read', answer: listChildren };

function listChildren({ tree, watches, caller }: ReadContext, { path, watch }: WatchedPath): Children2Response {
  const node = tree.get(path);
  checkAcl(node.acl, Permission.read, caller.identities, path);
  if (watch) watches.watchChildren(path, caller.watcher);
  return { children: [...(node.children ?? [])], stat: statOf(node) };
}
