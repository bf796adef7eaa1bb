import type { FastifyRequest } from 'fastify';
import { CloudTaskError } from '../../../base/index.js';
import type { Task } from '../../../manifests/index.js';
import type { Stored } from '../../store/index.js';
import { parametersOf } from '../request-options.js';
import type { ApiContext } from '../route.js';

/** The task that the path names. Throws CT_NOT_FOUND. */
export async function taskOf(context: ApiContext, request: FastifyRequest): Promise<Stored<Task>> {
  const { namespace = '', name = '' } = parametersOf(request);
  const task = await context.store.get<Task>({ kind: 'Task', namespace, name });
  if (task !== undefined) return task;
  throw new CloudTaskError('CT_NOT_FOUND', { subject: `Task ${namespace}/${name}`, detail: 'not found' });
}
