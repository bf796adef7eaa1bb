import type { FastifyRequest } from 'fastify';
import { CloudTaskError, newUid } from '../../../base/index.js';
import type { Run, Task } from '../../../manifests/index.js';
import type { Stored, TokenRow } from '../../store/index.js';
import { isDryRun, parametersOf, queryOf } from '../request-options.js';
import { type ApiContext, GROUP_PATH, type Route } from '../route.js';

const TASK = `${GROUP_PATH}/namespaces/:namespace/tasks/:name`;

/** Arguments and variables of one run; a command line is no place for more. */
const LIST_MAX = 1000;

/** suspend, resume and run. */
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
      handle: async (request, reply) => {
        const run = await runNow(context, request);
        reply.code(201);
        return run;
      },
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
  const dryRun = isDryRun(queryOf(request));
  let changes = false;
  const object = await context.store.update<Task>(
    key,
    (task) => {
      changes = (task.spec.suspend ?? false) !== suspend;
      return changes && !dryRun ? { ...task, spec: { ...task.spec, suspend } } : undefined;
    },
    { user: user?.subject ?? '' },
  );
  return { operation: changes ? (suspend ? 'suspended' : 'resumed') : 'unchanged', object };
}

/** The task that the path names. Throws CT_NOT_FOUND. */
export async function taskOf(context: ApiContext, request: FastifyRequest): Promise<Stored<Task>> {
  const { namespace = '', name = '' } = parametersOf(request);
  const task = await context.store.get<Task>({ kind: 'Task', namespace, name });
  if (task !== undefined) return task;
  throw new CloudTaskError('CT_NOT_FOUND', { subject: `Task ${namespace}/${name}`, detail: 'not found' });
}

async function runNow(context: ApiContext, request: FastifyRequest): Promise<Stored<Run>> {
  const { args, env } = bodyOf(request.body);
  const task = await taskOf(context, request);
  return context.metrics.timeWrite('run', () =>
    context.store.createRun({
      taskUid: task.metadata.uid,
      trigger: 'Manual',
      manualId: newUid(),
      slot: '',
      ...(args === undefined ? {} : { args }),
      ...(env === undefined ? {} : { env }),
    }),
  );
}

function bodyOf(body: unknown): { args?: string[]; env?: { name: string; value: string }[] } {
  const { args, env, ...rest } = (body ?? {}) as Record<string, unknown>;
  const fits = (list: unknown, item: (value: unknown) => boolean) =>
    list === undefined || (Array.isArray(list) && list.length <= LIST_MAX && list.every(item));
  const good =
    Object.keys(rest).length === 0 && fits(args, (value) => typeof value === 'string') && fits(env, isVariable);
  if (!good) {
    throw new CloudTaskError('CT_BAD_REQUEST', 'the body must be {"args"?: [string], "env"?: [{"name", "value"}]}');
  }
  return {
    ...(args === undefined ? {} : { args: args as string[] }),
    ...(env === undefined ? {} : { env: env as [] }),
  };
}

function isVariable(value: unknown): boolean {
  const { name, value: text } = (value ?? {}) as Record<string, unknown>;
  return typeof name === 'string' && /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && typeof text === 'string';
}
