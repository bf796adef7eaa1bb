// OpenAPI 3.0, generated from the table of routes and the schemas of the kinds: there is no second source to forget.
import { GROUP, jsonSchema, kinds, VERSION } from '../../manifests/index.js';
import { PATCH_TYPES } from './patch-types.js';
import type { Route } from './route.js';

type Json = Record<string, unknown>;

export function openApi(routes: readonly Route[], version: string): Json {
  const paths: Record<string, Json> = {};
  for (const route of routes) {
    const path = route.path.replace(/:(\w+)/g, '{$1}').replace('*', '{file}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route) };
  }
  return {
    openapi: '3.0.3',
    info: { title: 'CloudTask', version, description: 'The API of a CloudTask center.' },
    paths,
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
      schemas: { ...Object.fromEntries(kinds.flatMap(({ kind }) => kindSchemas(kind))), Status: STATUS },
    },
    security: [{ token: [] }],
  };
}

function operation(route: Route): Json {
  const names = [...route.path.replace('*', ':file').matchAll(/:(\w+)/g)].map(([, name]) => name!);
  const write = route.method === 'POST' || route.method === 'PUT';
  const object = route.kind !== undefined && ['get', 'create', 'update', 'patch'].includes(route.verb);
  const ref = object ? route.kind : route.verb === 'list' ? `${route.kind}List` : undefined;
  const schema = ref === undefined ? {} : { $ref: `#/components/schemas/${ref}` };
  const content = { 'application/json': { schema } };
  return {
    summary: route.summary,
    operationId: `${route.method.toLowerCase()}${route.path.replace(/\W+(\w)/g, (_, letter: string) => letter.toUpperCase())}`,
    ...(route.kind === undefined ? {} : { tags: [route.kind] }),
    'x-ctask-verb': route.verb,
    'x-ctask-role': route.role,
    ...(route.role === 'none' ? { security: [] } : {}),
    parameters: names.map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } })),
    ...(write && object ? { requestBody: { required: true, content } } : {}),
    ...(route.method === 'PATCH' ? { requestBody: { required: true, content: PATCH_CONTENT } } : {}),
    responses: {
      [route.verb === 'create' || route.verb === 'run' ? '201' : '200']: { description: 'Done.', content },
      default: {
        description: 'Refused or failed.',
        content: { 'application/json': { schema: { $ref: '#/components/schemas/Status' } } },
      },
    },
  };
}

function kindSchemas(kind: (typeof kinds)[number]['kind']): [string, Json][] {
  const { $schema: _, ...schema } = jsonSchema(kind) as Json;
  return [
    [kind, { ...schema, 'x-kubernetes-group-version-kind': [{ group: GROUP, version: VERSION, kind }] }],
    [
      `${kind}List`,
      {
        type: 'object',
        description: `A list of objects of kind ${kind}.`,
        properties: {
          kind: { type: 'string', description: 'Kind of the list.' },
          apiVersion: { type: 'string', description: 'Version of the API.' },
          metadata: { type: 'object', description: 'resourceVersion, continue, remainingItemCount.' },
          items: { type: 'array', items: { $ref: `#/components/schemas/${kind}` }, description: 'The objects.' },
        },
      },
    ],
  ];
}

const PATCH_CONTENT: Json = Object.fromEntries(
  PATCH_TYPES.map((type) => [
    type,
    { schema: type === 'application/json-patch+json' ? { type: 'array' } : { type: 'object' } },
  ]),
);

const STATUS: Json = {
  type: 'object',
  description: 'What became of a request that has no object to answer with.',
  properties: {
    kind: { type: 'string', description: 'Always Status.' },
    apiVersion: { type: 'string', description: 'Always v1.' },
    status: { type: 'string', enum: ['Success', 'Failure'], description: 'How it ended.' },
    message: { type: 'string', description: 'One sentence for people.' },
    reason: { type: 'string', description: 'One CamelCase word for programs.' },
    code: { type: 'integer', description: 'The HTTP status.' },
    details: { type: 'object', description: 'What it was about, and all causes with their field paths.' },
  },
};
