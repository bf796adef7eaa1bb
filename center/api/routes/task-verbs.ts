import type { FastifyRequest } from 'fastify';
import type { Task } from '../../../manifests/index.js';
import type { Stored, TokenRow } from '../../store/index.js';
import { verbAs } from '../field-manager.js';
import { isDryRun, parametersOf, queryOf } from '../request-options.js';
import { type ApiContext, GROUP_PATH, type Route } from '../route.js';
import { explainTask } from '../why.js';
import { backfill, listTimePoints } from './backfill.js';
import { runNow } from './run-on-demand.js';
import { taskOf } from './task-of.js';

const TASK = `${GROUP_PATH}/namespaces/:namespace/tasks/:name`;

const SUSPEND_MANAGER = 'ctask-suspend';

/** suspend, resume, run and backfill. */
export function taskVerbRoutes(context: ApiContext): Route[] {
  return [
    {
      ...{ method: 'POST', path: `${TASK}/suspend`, verb: 'suspend', role: 'admin', kind: 'Task' },
      summary: 'Stop firing the time points of a Task',
      handle: (request, _reply, user) => setSuspended(context, request, user, true),
    },
    {
      ...{ method: 'POST', path: `${TASK}/resume`, verb: 'resume', role: 'admin', kind: 'Task' },
      summary: 'Fire the time points of a Task again',
      handle: (request, _reply, user) => setSuspended(context, request, user, false),
    },
    {
      ...{ method: 'POST', path: `${TASK}/run`, verb: 'run', role: 'admin', kind: 'Task' },
      summary: 'Run a Task now',
      handle: (request, reply) => runNow(context, request, reply),
    },
    {
      ...{ method: 'GET', path: `${TASK}/why`, verb: 'why', role: 'read', kind: 'Task' },
      summary: 'Say what keeps a Task from running, agent by agent',
      handle: async (request) => explainTask(context, await taskOf(context, request)),
    },
    {
      ...{ method: 'GET', path: `${TASK}/timepoints`, verb: 'timepoints', role: 'read', kind: 'Task' },
      summary: 'List the time points of a Task in a stretch of time, and the Runs they came to',
      handle: (request) => listTimePoints(context, request),
    },
    {
      ...{ method: 'POST', path: `${TASK}/backfill`, verb: 'backfill', role: 'admin', kind: 'Task' },
      summary: 'Run a Task for a time point that has passed without a run',
      handle: (request, reply) => backfill(context, request, reply),
    },
  ];
}

async function setSuspended(
  context: ApiContext,
  request: FastifyRequest,
  user: TokenRow | undefined,
  suspend: boolean,
): Promise<{ operation: string; object: Stored }> {
  const { namespace = '', name = '' } = parametersOf(request);
  const key = { kind: 'Task', namespace, name } as const;
  const query = queryOf(request);
  let changes = false;
  const object = await context.store.update<Task>(
    key,
    (task) => {
      changes = (task.spec.suspend ?? false) !== suspend;
      if (!changes) return undefined;
      const { suspend: _, ...spec } = task.spec;
      return { ...task, spec: suspend || ownedByOthers(task) ? { ...spec, suspend } : spec };
    },
    { user: user?.subject ?? '', as: verbAs(request, query, SUSPEND_MANAGER), dryRun: isDryRun(query) },
  );
  return { operation: changes ? (suspend ? 'suspended' : 'resumed') : 'unchanged', object };
}

/** Resuming gives the field back to whoever wants it, unless somebody else's manifest suspends the task: then it is a change
 * against their will, which their next apply shall see. */
function ownedByOthers({ metadata }: Task): boolean {
  return (
    metadata.managedFields?.some(
      ({ manager, fields }) => manager !== SUSPEND_MANAGER && fields.includes('/spec/suspend'),
    ) === true
  );
}
