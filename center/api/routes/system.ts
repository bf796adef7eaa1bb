// Health, version, discovery, metrics: what is not about one kind.

import { CloudTaskError } from '../../../base/index.js';
import { API_VERSION, GROUP, type KindRow, kinds, VERSION } from '../../../manifests/index.js';
import { openApi } from '../openapi.js';
import { type ApiContext, GROUP_PATH, type Route } from '../route.js';

const GROUP_VERSION = { groupVersion: API_VERSION, version: VERSION };

export function systemRoutes(context: ApiContext, routes: () => readonly Route[]): Route[] {
  const alive: Route['handle'] = async (_request, reply) => {
    reply.header('content-type', 'text/plain; charset=utf-8');
    return 'ok\n';
  };
  return [
    { ...health('/healthz'), summary: 'Whether the process answers', handle: alive },
    { ...health('/livez'), summary: 'Whether the process answers', handle: alive },
    {
      ...health('/readyz'),
      summary: 'Whether store and coordination are at hand',
      handle: async (request, reply, user) => {
        const reason = context.notReady();
        if (reason !== undefined) throw new CloudTaskError('CT_UNAVAILABLE', `not ready: ${reason}`);
        return alive(request, reply, user);
      },
    },
    { ...read('/apis'), summary: 'List the API groups', handle: async () => groupList() },
    { ...read(GROUP_PATH), summary: 'List the kinds', handle: async () => resourceList(routes()) },
    {
      ...read('/version'),
      summary: 'Version of the center',
      handle: async () => ({
        version: context.version,
        node: process.version,
        platform: `${process.platform}/${process.arch}`,
        ...(context.leader() === undefined ? {} : { leader: context.leader() }),
      }),
    },
    { ...read('/openapi/v3'), summary: 'This description', handle: async () => openApi(routes(), context.version) },
    {
      ...{ ...read('/metrics'), role: 'read', about: 'Metrics' },
      summary: 'Metrics in the text format of Prometheus',
      handle: async (_request, reply) => {
        reply.header('content-type', context.metrics.contentType);
        return context.metrics.text(context);
      },
    },
  ];
}

function health(path: string) {
  return { method: 'GET', path, verb: 'get', role: 'none' } as const;
}

function read(path: string) {
  return { method: 'GET', path, verb: 'get', role: 'self' } as const;
}

function groupList() {
  return {
    kind: 'APIGroupList',
    apiVersion: 'v1',
    groups: [{ name: GROUP, versions: [GROUP_VERSION], preferredVersion: GROUP_VERSION }],
  };
}

/** The kinds, and the verbs beyond them as subresources, as Kubernetes lists them. */
function resourceList(routes: readonly Route[]) {
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: API_VERSION,
    resources: [...kinds.map(resource), ...subresources(routes)],
  };
}

function resource(row: KindRow) {
  const { plural, singular, namespaced, kind, verbs, shortNames, categories } = row;
  return { name: plural, singularName: singular, namespaced, kind, verbs, shortNames, categories };
}

function subresources(routes: readonly Route[]) {
  return kinds.flatMap(({ kind, plural, namespaced }) =>
    routes.flatMap((route) => {
      const name = new RegExp(`/${plural}/:name/(\\w+)$`).exec(route.path)?.[1];
      if (name === undefined) return [];
      return [{ name: `${plural}/${name}`, singularName: '', namespaced, kind, verbs: [route.verb] }];
    }),
  );
}
