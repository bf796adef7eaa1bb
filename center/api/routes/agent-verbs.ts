// cordon, uncordon and drain: what an operator wants of an agent. The leader sees to it; here it is only written down.
import type { FastifyRequest } from 'fastify';
import { parseDuration } from '../../../base/index.js';
import type { Agent } from '../../../manifests/index.js';
import type { Stored } from '../../store/index.js';
import { verbAs } from '../field-manager.js';
import { bad, isDryRun, parametersOf, queryOf } from '../request-options.js';
import { type Requester, writerOf } from '../requester.js';
import { type ApiContext, GROUP_PATH, type Route } from '../route.js';

const AGENT = `${GROUP_PATH}/agents/:name`;

const CANCEL_AFTER_MAX_MS = 366 * 24 * 3600_000;

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
        change(context, request, user, (spec) => ({ ...withoutDrain(spec), unschedulable: false }), 'uncordoned'),
    },
    {
      ...{ ...common, path: `${AGENT}/drain`, verb: 'drain' },
      summary: 'Hand over the tasks of an Agent and give it no further ones',
      handle: (request, _reply, user) => {
        const wish = drainOf(request.body, context.clock.now());
        // All of the wish is in the latest request: one without a bound takes an earlier bound away.
        const to = (spec: Spec) => ({ ...withoutDrain(spec), unschedulable: true, ...wish });
        return change(context, request, user, to, 'cordoned');
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

function withoutDrain({ drain: _, cancelRunsTime: _c, ...spec }: Spec): Spec {
  return spec;
}

function drainOf(body: unknown, now: number): Pick<Spec, 'drain' | 'cancelRunsTime'> {
  const { ignoreRunning = false, cancelAfter, ...rest } = (body ?? {}) as Record<string, unknown>;
  if (Object.keys(rest).length > 0 || typeof ignoreRunning !== 'boolean') {
    throw bad('body', 'it must be {"ignoreRunning"?: boolean, "cancelAfter"?: duration}');
  }
  if (cancelAfter === undefined) return { drain: ignoreRunning ? 'IgnoreRuns' : 'WaitForRuns' };
  if (ignoreRunning) throw bad('cancelAfter', 'with ignoreRunning the runs go on');
  const ms = typeof cancelAfter === 'string' ? parseDuration(cancelAfter) : undefined;
  if (ms === undefined) throw bad('cancelAfter', `"${cancelAfter}" is not a duration such as 5m`);
  if (ms > CANCEL_AFTER_MAX_MS) throw bad('cancelAfter', `"${cancelAfter}" is more than a year`);
  return { drain: 'WaitForRuns', cancelRunsTime: new Date(now + ms).toISOString() };
}
