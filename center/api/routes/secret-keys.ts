// The keys that secrets are sealed with: which there are, how far a change of them is, and the change itself.
import type { FastifyRequest } from 'fastify';
import { CloudTaskError } from '../../../base/index.js';
import type { SecretsKeys } from '../../../manifests/index.js';
import type { KeyUse } from '../../store/index.js';
import { type ApiContext, GROUP_PATH, type Route } from '../route.js';

const PATH = `${GROUP_PATH}/secretskeys`;
const KEY_ID = /^[0-9a-f]{16}$/;

export function secretKeyRoutes({ secretKeys }: ApiContext): Route[] {
  const read = async () => keysReply(await secretKeys.use());
  return [
    {
      ...{ method: 'GET', path: PATH, verb: 'list', role: 'admin', about: 'SecretsKey' },
      summary: 'List the keys that secrets are sealed with',
      handle: read,
    },
    {
      ...{ method: 'POST', path: `${PATH}/rotate`, verb: 'rotate', role: 'admin', about: 'SecretsKey' },
      summary: 'Seal secrets with a new key',
      handle: async (_request, _reply, user) => {
        await secretKeys.rotate(user?.audit);
        return read();
      },
    },
    {
      ...{ method: 'POST', path: `${PATH}/drop`, verb: 'drop', role: 'admin', about: 'SecretsKey' },
      summary: 'Take a key that no secret needs out of the key files of all centers',
      handle: async (request, _reply, user) => {
        await secretKeys.drop(keyIdOf(request), user?.audit);
        return read();
      },
    },
  ];
}

function keyIdOf(request: FastifyRequest): string {
  const { id } = (request.body ?? {}) as { id?: unknown };
  if (typeof id === 'string' && KEY_ID.test(id)) return id;
  throw new CloudTaskError('CT_BAD_REQUEST', 'the body must be {"id": "…"} with the 16 hex digits of a key');
}

/** Keys of the store first, then those that only key files hold. */
function keysReply({ keys, holders, dropped }: KeyUse): SecretsKeys {
  const newest = keys.at(-1)?.keyId;
  const stored = new Set(keys.map(({ keyId }) => keyId));
  const ids = new Set([...stored, ...holders.flatMap(({ keyIds }) => keyIds)]);
  const items = [...ids].map((id) => ({
    id,
    state: id === newest ? 'Sealing' : stored.has(id) ? 'Opening' : dropped.includes(id) ? 'Dropped' : 'Unused',
    values: keys.filter(({ keyId }) => keyId === id).reduce((sum, { values }) => sum + values, 0),
    centers: holders.filter(({ keyIds }) => keyIds.includes(id)).map(({ center }) => center),
  })) satisfies SecretsKeys['items'];
  return { items, centers: holders.map(({ center }) => center) };
}
