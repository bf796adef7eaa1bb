// cordon, uncordon and drain: what an operator wants of an agent. The leader sees to it; here it is only written down.
import type { FastifyRequest } from 'fastify';
import type { Agent } from '../../../manifests/index.js';
import type { Stored } from '../../store/index.js';
import { verbAs } from '../field-manager.js';
import { bad, isDryRun, parametersOf, queryOf } from '../request-options.js';
import { type Requester, writerOf } from '../requester.js';
import { type ApiContext, GROUP_PATH, type Route } from '../route.js';

const AGENT = `${GROUP_PATH}/agents/:name`;

type Spec = Agent['spec'];

export function agentVerbRoutes(context: ApiContext): Route[] {
  const common = { method: 'POST', role: 'admin', kind: 'Agent' } as const;
  return [
    {
      ...{ ...common, path: `${AGENT}/cordon`, verb: 'cordon' },
      summary: 'Give an Agent no further tasks',
      handle: (request, _reply, user) =>
        change(context, request, user, (spec) => ({ ...spec, unschedulable: true }), 'cordoned'),
    },
    {
      ...{ ...common, path: `${AGENT}/uncordon`, verb: 'uncordon' },
      summary: 'Give an Agent tasks again, and end its drain',
      handle: (request, _reply, user) =>
        change(context, request, user, ({ drain: _, ...spec }) => ({ ...spec, unschedulable: false }), 'uncordoned'),
    },
    {
      ...{ ...common, path: `${AGENT}/drain`, verb: 'drain' },
      summary: 'Hand over the tasks of an Agent and give it no further ones',
      handle: (request, _reply, user) => {
        const drain = ignoresRunning(request.body) ? 'IgnoreRuns' : 'WaitForRuns';
        return change(context, request, user, (spec) => ({ ...spec, unschedulable: true, drain }), 'cordoned');
      },
    },
  ];
}

async function change(
  { store }: ApiContext,
  request: FastifyRequest,
  user: Requester | undefined,
  to: (spec: Spec) => Spec,
  done: 'cordoned' | 'uncordoned',
): Promise<{ operation: string; object: Stored }> {
  const { name = '' } = parametersOf(request);
  const query = queryOf(request);
  let was = false;
  const object = await store.update<Agent>(
    { kind: 'Agent', namespace: '', name },
    (agent) => {
      was = agent.spec.unschedulable ?? false;
      return { ...agent, spec: to(agent.spec) };
    },
    { ...writerOf(user), as: verbAs(request, query, 'ctask-cordon'), dryRun: isDryRun(query) },
  );
  return { operation: was === (done === 'cordoned') ? `already ${done}` : done, object };
}

function ignoresRunning(body: unknown): boolean {
  const { ignoreRunning = false, ...rest } = (body ?? {}) as Record<string, unknown>;
  if (Object.keys(rest).length > 0 || typeof ignoreRunning !== 'boolean') {
    throw bad('body', 'it must be {"ignoreRunning"?: boolean}');
  }
  return ignoreRunning;
}
