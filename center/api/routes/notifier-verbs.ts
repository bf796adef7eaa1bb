// test: a notifier is tried at once, by the leader, and whoever asked may ask what became of it. And what was told, by a notifier and of
// a task.
import type { FastifyRequest } from 'fastify';
import { CloudTaskError } from '../../../base/index.js';
import { API_VERSION, type NotifierTest } from '../../../manifests/index.js';
import { notFound } from '../../store/index.js';
import type { NotifierKey } from '../../store/notifications/notification-book.js';
import { parametersOf } from '../request-options.js';
import type { Requester } from '../requester.js';
import { type ApiContext, GROUP_PATH, type Route } from '../route.js';
import { taskOf } from './task-of.js';

const NOTIFIER = `${GROUP_PATH}/namespaces/:namespace/notifiers/:name`;
const TASK = `${GROUP_PATH}/namespaces/:namespace/tasks/:name`;
/** Notifications of one answer. */
const LATEST = 50;
/** Objects of one answer. */
const USES = 200;

export function notifierVerbRoutes(context: ApiContext): Route[] {
  return [
    {
      ...{ method: 'POST', path: `${NOTIFIER}/test`, verb: 'test', role: 'admin', kind: 'Notifier' },
      summary: 'Send a test by a Notifier',
      handle: (request, _reply, user) => begin(context, request, user),
    },
    {
      ...{ method: 'GET', path: `${NOTIFIER}/tests/:id`, verb: 'get', role: 'read', kind: 'Notifier' },
      summary: 'Say what became of a test of a Notifier',
      handle: (request) => look(context, request),
    },
    {
      ...{ method: 'GET', path: `${NOTIFIER}/notifications`, verb: 'get', role: 'read', kind: 'Notifier' },
      summary: 'List the latest notifications of a Notifier',
      handle: async (request) =>
        listOf('NotificationList', await context.store.notifications.ofNotifier(await keyOf(context, request), LATEST)),
    },
    {
      ...{ method: 'GET', path: `${NOTIFIER}/uses`, verb: 'get', role: 'read', kind: 'Notifier' },
      summary: 'List what names a Notifier in spec.notify',
      handle: async (request) => {
        const found = await context.store.notifications.uses(await keyOf(context, request), USES + 1);
        return { ...listOf('NotifierUseList', found.slice(0, USES)), more: found.length > USES };
      },
    },
    {
      ...{ method: 'GET', path: `${TASK}/notifications`, verb: 'get', role: 'read', kind: 'Task' },
      summary: 'List the latest notifications about a Task',
      handle: async (request) => {
        const { metadata } = await taskOf(context, request);
        return listOf('NotificationList', await context.store.notifications.ofTask(metadata.uid, LATEST));
      },
    },
  ];
}

/** Throws CT_NOT_FOUND. */
async function begin(
  { store }: ApiContext,
  request: FastifyRequest,
  user: Requester | undefined,
): Promise<NotifierTest> {
  const key = await keyOf({ store }, request);
  const id = await store.notifications.test(key, user?.subject ?? '', user?.audit);
  return { id: String(id), state: 'Pending', attempts: 0 };
}

/** The notifier that the path names. Throws CT_NOT_FOUND. */
async function keyOf({ store }: Pick<ApiContext, 'store'>, request: FastifyRequest): Promise<NotifierKey> {
  const { namespace = '', name = '' } = parametersOf(request);
  const key = { kind: 'Notifier', namespace, name } as const;
  if ((await store.get(key)) === undefined) throw notFound(key);
  return { namespace, notifier: name };
}

function listOf(kind: string, items: readonly unknown[]) {
  return { kind, apiVersion: API_VERSION, metadata: {}, items };
}

async function look({ store }: ApiContext, request: FastifyRequest): Promise<NotifierTest> {
  const { namespace = '', name = '', id = '' } = parametersOf(request) as Record<string, string>;
  const number = /^\d{1,15}$/.test(id) ? Number(id) : -1;
  const outcome = await store.notifications.testOutcome({ namespace, notifier: name }, number);
  if (outcome !== undefined) return { id, ...outcome };
  throw new CloudTaskError('CT_NOT_FOUND', {
    subject: `test ${id} of notifier ${namespace}/${name}`,
    detail: 'not found',
  });
}
