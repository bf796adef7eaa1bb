// Values of secrets for agents: the one answer of the API that holds any.
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CloudTaskError } from '../../../base/index.js';
import {
  type Agent,
  type AgentSecret,
  type AgentSecretsReply,
  SECRET_TASKS_MAX,
  secretNames,
  type Task,
} from '../../../manifests/index.js';
import { parametersOf } from '../request-options.js';
import type { Requester } from '../requester.js';
import { type ApiContext, GROUP_PATH, type Route } from '../route.js';

export function agentSecretsRoute(context: ApiContext): Route {
  return {
    ...{ method: 'POST', path: `${GROUP_PATH}/agents/:name/secrets`, verb: 'secrets', role: 'agent', kind: 'Agent' },
    summary: 'Read the secrets that tasks of its cluster name',
    handle: (request, reply, user) => {
      // An administrator may do what agents may, but for this: nobody reads values back.
      if (user?.role !== 'agent' || user.audit.as !== undefined)
        throw new CloudTaskError('CT_FORBIDDEN', 'only agents are told the values of secrets');
      return secrets(context, request, reply, user);
    },
  };
}

async function secrets(
  context: ApiContext,
  request: FastifyRequest,
  reply: FastifyReply,
  user: Requester,
): Promise<AgentSecretsReply> {
  const { uids } = (request.body ?? {}) as { uids?: unknown };
  if (!Array.isArray(uids) || uids.length > SECRET_TASKS_MAX || !uids.every((uid) => typeof uid === 'string')) {
    const detail = `the body must be {"uids": [...]} with at most ${SECRET_TASKS_MAX} uids of tasks`;
    throw new CloudTaskError('CT_BAD_REQUEST', detail);
  }
  reply.header('cache-control', 'no-store');
  const { store } = context;
  const { name = '' } = parametersOf(request);
  const agent = await store.get<Agent>({ kind: 'Agent', namespace: '', name });
  const readable = await context.scope.readable(user, uids as string[]);
  const tasks = (await store.listByUid<Task>('Task', readable)).filter(
    ({ spec }) => agent !== undefined && (spec.cluster ?? 'default') === (agent.spec.cluster ?? 'default'),
  );
  const named = new Map<string, { namespace: string; name: string }>();
  for (const { metadata, spec } of tasks) {
    const { namespace = 'default' } = metadata;
    for (const secret of secretNames(spec.run)) named.set(`${namespace}/${secret}`, { namespace, name: secret });
  }
  const values = await store.secrets.values([...named.values()]);
  const opened = await context.secrets.unseal(values);
  const items: AgentSecret[] = [];
  for (const [id, key] of [...named].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const data = opened.get(id);
    // A secret without values is there all the same.
    if (data === undefined && (await store.get({ kind: 'Secret', ...key })) === undefined) continue;
    items.push({ ...key, data: data ?? {} });
  }
  return { secrets: items };
}
