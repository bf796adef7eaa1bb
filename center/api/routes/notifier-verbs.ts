// test: a notifier is tried at once, by the leader, and whoever asked may ask what became of it.
import type { FastifyRequest } from 'fastify';
import { CloudTaskError } from '../../../base/index.js';
import type { NotifierTest } from '../../../manifests/index.js';
import { notFound } from '../../store/index.js';
import { parametersOf } from '../request-options.js';
import type { Requester } from '../requester.js';
import { type ApiContext, GROUP_PATH, type Route } from '../route.js';

const NOTIFIER = `${GROUP_PATH}/namespaces/:namespace/notifiers/:name`;

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
  ];
}

/** Throws CT_NOT_FOUND. */
async function begin(
  { store }: ApiContext,
  request: FastifyRequest,
  user: Requester | undefined,
): Promise<NotifierTest> {
  const { namespace = '', name = '' } = parametersOf(request);
  const key = { kind: 'Notifier', namespace, name } as const;
  if ((await store.get(key)) === undefined) throw notFound(key);
  const id = await store.notifications.test({ namespace, notifier: name }, user?.subject ?? '', user?.audit);
  return { id: String(id), state: 'Pending', attempts: 0 };
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
