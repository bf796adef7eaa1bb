import type { FastifyRequest } from 'fastify';
import type { Task } from '../../../manifests/index.js';
import { notFound, type Stored } from '../../store/index.js';
import { parametersOf } from '../request-options.js';
import type { ApiContext } from '../route.js';

/** The task that the path names. Throws CT_NOT_FOUND. */
export async function taskOf(context: ApiContext, request: FastifyRequest): Promise<Stored<Task>> {
  const { namespace = '', name = '' } = parametersOf(request);
  const key = { kind: 'Task', namespace, name } as const;
  const task = await context.store.get<Task>(key);
  if (task === undefined) throw notFound(key);
  return task;
}
