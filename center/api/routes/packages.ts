// Bytes of packages. Their versions, and what is current, are in the Package objects.
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CloudTaskError } from '../../../base/index.js';
import type { Package } from '../../../manifests/index.js';
import { notFound } from '../../store/index.js';
import { answerContent } from '../packages/content.js';
import { switchTasks } from '../packages/switch.js';
import { digestOfHex, Uploads } from '../packages/upload.js';
import { parametersOf, queryOf } from '../request-options.js';
import { type ApiContext, GROUP_PATH, type Route } from '../route.js';

const PACKAGE = `${GROUP_PATH}/namespaces/:namespace/packages/:name`;

export function packageRoutes(context: ApiContext): Route[] {
  const common = { kind: 'Package' } as const;
  const upload = { ...common, path: `${PACKAGE}/uploads/:hex`, verb: 'upload', role: 'admin' } as const;
  const uploads = new Uploads(context);
  return [
    {
      ...{ ...upload, method: 'GET' },
      summary: 'Ask how many bytes of a file are there, by its SHA-256',
      handle: (request) => uploads.find(request),
    },
    {
      ...{ ...upload, method: 'PUT', streamsBody: true },
      summary: 'Send bytes of a file, from an offset on (?offset=N&size=SIZE OF THE FILE)',
      handle: (request) => uploads.put(request),
    },
    {
      ...{ ...common, method: 'POST', path: `${PACKAGE}/switch`, verb: 'switch', role: 'admin' },
      summary: 'Give tasks that use a Package another version of it, all at once',
      handle: (request, _reply, user) => switchTasks(context, request, user),
    },
    {
      ...{ ...common, method: 'GET', path: `${PACKAGE}/content`, verb: 'download', role: 'read' },
      summary: 'Read the file of a Package, or of the version of a digest',
      handle: (request, reply) => download(context, request, reply),
    },
    {
      ...{ method: 'GET', path: `${GROUP_PATH}/agents/:name/packages/:hex`, verb: 'download', role: 'agent' },
      kind: 'Agent',
      summary: 'Read the file of a package, by its SHA-256',
      handle: async (request, reply, user) => {
        const digest = digestOfHex(parametersOf(request).hex ?? '');
        await context.scope.requirePackage(user, digest);
        return answerContent(context.store.packages, digest, request, reply);
      },
    },
  ];
}

async function download({ store }: ApiContext, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { namespace = '', name = '' } = parametersOf(request);
  const key = { kind: 'Package', namespace, name } as const;
  const object = await store.get<Package>(key);
  if (object === undefined) throw notFound(key);
  const digest = queryOf(request).digest || object.spec.digest;
  const versions = object.status?.versions ?? [];
  if (digest !== object.spec.digest && !versions.some((version) => version.digest === digest)) {
    throw new CloudTaskError('CT_NOT_FOUND', {
      subject: `Package ${namespace}/${name}`,
      detail: `it has no version ${digest.slice(0, 80)}`,
    });
  }
  return answerContent(store.packages, digest, request, reply);
}
