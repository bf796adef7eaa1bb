// Tasks that were deleted lately, and the way back.
import { CloudTaskError } from '../../../base/index.js';
import { API_VERSION, type Task } from '../../../manifests/index.js';
import type { DeletedTask, Stored, WriteAs } from '../../store/index.js';
import { iso } from '../../store/iso-time.js';
import { updateAs } from '../field-manager.js';
import { isDryRun, parametersOf, queryOf } from '../request-options.js';
import { writerOf } from '../requester.js';
import { type ApiContext, GROUP_PATH, type Route } from '../route.js';

const NAMESPACE = `${GROUP_PATH}/namespaces/:namespace`;

export function deletedTaskRoutes(context: ApiContext): Route[] {
  return [
    {
      ...{ method: 'GET', path: `${NAMESPACE}/deletedtasks`, verb: 'list', role: 'read', kind: 'Task' },
      summary: 'List the Tasks that were deleted lately, the latest first',
      handle: async (request) => {
        const { namespace = '' } = parametersOf(request);
        const items = (await context.store.revisions.deleted(namespace)).map(facts);
        return { kind: 'DeletedTaskList', apiVersion: API_VERSION, metadata: {}, items };
      },
    },
    {
      ...{ method: 'POST', path: `${NAMESPACE}/tasks/:name/undelete`, verb: 'undelete', role: 'admin', kind: 'Task' },
      summary: 'Make a Task anew that was deleted lately',
      handle: async (request, reply, user) => {
        const { namespace = '', name = '' } = parametersOf(request);
        const [latest] = await context.store.revisions.deleted(namespace, name);
        if (latest === undefined) {
          throw new CloudTaskError('CT_NOT_FOUND', {
            ...{ subject: `Task ${namespace}/${name}`, detail: 'not found among what was deleted lately' },
            hint: "see 'ctask undelete --list'",
          });
        }
        const query = queryOf(request);
        const options = { ...writerOf(user), dryRun: isDryRun(query), as: updateAs(request, query) };
        const object = await restore(context, latest, options);
        reply.code(201);
        return { operation: 'restored', object };
      },
    },
  ];
}

function facts({ namespace, name, uid, time, author }: DeletedTask) {
  return { namespace, name, uid, time: iso(time), ...(author === '' ? {} : { author }) };
}

/** Throws CT_ALREADY_EXISTS when there is one of that name, CT_NOT_FOUND when its namespace is gone. */
async function restore(
  context: ApiContext,
  { namespace, name, labels, annotations, spec }: DeletedTask,
  options: { user: string; dryRun: boolean; as: WriteAs },
): Promise<Stored> {
  const metadata = { name, namespace, labels, ...(annotations === undefined ? {} : { annotations }) };
  const task: Task = { apiVersion: API_VERSION, kind: 'Task', metadata, spec };
  const [outcome] = await context.metrics.timeWrite('undelete', () =>
    context.store.apply([task], { ...options, create: true, whole: true }),
  );
  return outcome!.object;
}
