// One's own tokens: whoever makes them sees them, and takes them back. Of a token with a scope this is as much to ask as of others.
import type { Token } from '../../../manifests/index.js';
import { API_VERSION, GROUP } from '../../../manifests/index.js';
import { notFound, type Stored } from '../../store/index.js';
import { parametersOf } from '../request-options.js';
import { type Requester, requireMay, writerOf } from '../requester.js';
import { type ApiContext, GROUP_PATH, type Route } from '../route.js';
import { successStatus } from '../status.js';

const PATH = `${GROUP_PATH}/selfsubject/tokens`;

export function ownTokenRoutes(context: ApiContext): Route[] {
  return [
    {
      ...{ method: 'GET', path: PATH, verb: 'list', role: 'self' },
      summary: "List one's own Tokens",
      handle: async (_request, _reply, user) => ({
        ...{ kind: 'TokenList', apiVersion: API_VERSION, metadata: {} },
        items: await ownTokens(context, user!, 'list'),
      }),
    },
    {
      ...{ method: 'DELETE', path: `${PATH}/:name`, verb: 'delete', role: 'self' },
      summary: "Take one of one's own Tokens out of force",
      handle: async (request, _reply, user) => {
        const key = { kind: 'Token', namespace: '', name: parametersOf(request).name ?? '' } as const;
        const token = (await ownTokens(context, user!, 'delete')).find(({ metadata }) => metadata.name === key.name);
        if (token === undefined) throw notFound(key);
        // With the uid: no token of the same name that somebody else has made meanwhile.
        const { uid } = token.metadata;
        await context.metrics.timeWrite('delete', () => context.store.delete(key, { ...writerOf(user), uid }));
        return successStatus({ name: key.name, group: GROUP, kind: 'tokens', uid });
      },
    },
  ];
}

/** None for who is neither User nor ServiceAccount. Throws CT_FORBIDDEN. */
async function ownTokens({ store }: ApiContext, user: Requester, verb: string): Promise<readonly Stored<Token>[]> {
  if (user.access.within !== undefined) requireMay(user, { verb, kind: 'Token' });
  const owner = user.identity?.owner;
  if (owner === undefined || owner.kind === 'File') return [];
  const fields = [
    { field: 'spec.owner.kind', operator: '=', value: owner.kind },
    { field: 'spec.owner.name', operator: '=', value: owner.name },
  ] as const;
  const tokens: Stored<Token>[] = [];
  let continueToken: string | undefined;
  do {
    const page = await store.list<Token>('Token', {
      fields,
      ...(continueToken === undefined ? {} : { continueToken }),
    });
    tokens.push(...page.items);
    continueToken = page.continueToken;
  } while (continueToken !== undefined);
  return tokens;
}
