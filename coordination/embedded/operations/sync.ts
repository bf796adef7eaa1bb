import type { PathOnly } from '../../jute/requests.js';
import type { PathResponse } from '../../jute/responses.js';
import type { ReadOperation } from './operation.js';

/** There is one server, so it is always up to date: the reply only has its place in the order. */
export const sync: ReadOperation<PathOnly, PathResponse> = {
  kind: 'read',
  answer: (_context, { path }) => ({ path }),
};
