// get, list, create, update and delete of every kind, generated from the table of kinds.
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CloudTaskError } from '../../../base/index.js';
import { type AnyObject, GROUP, type KindRow } from '../../../manifests/index.js';
import { type DeleteOptions, notFound, type ObjectKey, type Stored } from '../../store/index.js';
import { dependentsWarnings } from '../dependency-warnings.js';
import { updateAs } from '../field-manager.js';
import { repeatedCauses } from '../repeated-fields.js';
import { bad, flag, isDryRun, oneOf, parametersOf, type Query, queryOf, requireLatest } from '../request-options.js';
import { isRevocable, type Requester, readableIn, writerOf } from '../requester.js';
import { type ApiContext, GROUP_PATH, type Route } from '../route.js';
import { singleObject } from '../single-object.js';
import { successStatus } from '../status.js';
import { columnDefinitions, includedIn, TABLE_HEAD, tableRow, wantsTable } from '../table.js';
import { checkObjects } from '../validate-body.js';
import { writeWarnings } from '../write-warnings.js';
import { answerList } from './list.js';
import { patchObject } from './patch.js';
import { answerWatch } from './watch.js';

export function objectRoutes(context: ApiContext, row: KindRow): Route[] {
  const { kind, plural, namespaced } = row;
  const collection = namespaced ? `${GROUP_PATH}/namespaces/:namespace/${plural}` : `${GROUP_PATH}/${plural}`;
  const item = `${collection}/:name`;
  const list: Route['handle'] = (request, reply, user) => listOrWatch(context, row, request, reply, user);
  const article = `${kind === 'Agent' || kind === 'Event' ? 'an' : 'a'} ${kind}`;
  const routes: Route[] = [
    {
      method: 'GET',
      path: collection,
      verb: 'list',
      role: 'read',
      kind,
      summary: `List or watch ${plural}`,
      handle: list,
    },
    {
      ...{ method: 'GET', path: item, verb: 'get', role: 'read', kind, summary: `Read ${article}` },
      handle: (request) => get(context, row, request),
    },
  ];
  if (namespaced) {
    const path = `${GROUP_PATH}/${plural}`;
    routes.push({
      ...{ method: 'GET', path, verb: 'list', role: 'read', kind, handle: list },
      summary: `List or watch ${plural} of all namespaces`,
    });
  }
  if (row.verbs.includes('create')) {
    routes.push(
      {
        ...{ method: 'POST', path: collection, verb: 'create', role: 'admin', kind, summary: `Create ${article}` },
        tellsRepeated: true,
        handle: (request, reply, user) => create(context, row, request, reply, user),
      },
      {
        ...{ method: 'PUT', path: item, verb: 'update', role: 'admin', kind, summary: `Replace ${article}` },
        tellsRepeated: true,
        handle: (request, reply, user) => replace(context, row, request, reply, user),
      },
      {
        ...{ method: 'PATCH', path: item, verb: 'patch', role: 'admin', kind, summary: `Change ${article}` },
        handle: (request, reply, user) => patchObject(context, row, keyOf(row, request), request, reply, user),
      },
    );
  }
  if (row.verbs.includes('delete')) {
    routes.push({
      ...{ method: 'DELETE', path: item, verb: 'delete', role: 'admin', kind, summary: `Delete ${article}` },
      handle: (request, reply, user) => remove(context, row, request, reply, user),
    });
  }
  return routes;
}

async function listOrWatch(
  context: ApiContext,
  row: KindRow,
  request: FastifyRequest,
  reply: FastifyReply,
  user: Requester | undefined,
) {
  const query = queryOf(request);
  const namespace = parametersOf(request).namespace;
  const watch = flag(query, 'watch');
  // Of all namespaces, those are shown that the user may read.
  const within = namespace === undefined ? readableIn(user, row.kind, watch ? 'watch' : 'list') : undefined;
  const scope = {
    ...{ row, query, table: wantsTable(request), revocable: isRevocable(user) },
    ...(namespace === undefined ? {} : { namespace }),
    ...(within === undefined ? {} : { within }),
  };
  return watch ? answerWatch(context, scope, reply) : answerList(context, scope, reply);
}

async function get(context: ApiContext, row: KindRow, request: FastifyRequest): Promise<object> {
  const query = queryOf(request);
  requireLatest(query);
  const object = await existing(context, keyOf(row, request));
  if (!wantsTable(request)) return object;
  const rows = [tableRow(row, object, includedIn(query), context.clock.now())];
  const { resourceVersion } = object.metadata;
  return { ...TABLE_HEAD, metadata: { resourceVersion }, columnDefinitions: columnDefinitions(row), rows };
}

async function existing(context: ApiContext, key: ObjectKey): Promise<Stored> {
  const object = await context.store.get(key);
  if (object === undefined) throw notFound(key);
  return object;
}

async function create(
  context: ApiContext,
  row: KindRow,
  request: FastifyRequest,
  reply: FastifyReply,
  user: Requester | undefined,
): Promise<Stored> {
  const query = queryOf(request);
  const object = await bodyObject(context, row, request, reply, query, true);
  const [outcome] = await context.metrics.timeWrite('create', () =>
    singleObject(() =>
      context.store.apply([object], {
        ...{ ...writerOf(user), create: true, dryRun: isDryRun(query) },
        as: updateAs(request, query),
      }),
    ),
  );
  reply.code(201);
  return outcome!.object;
}

async function replace(
  context: ApiContext,
  row: KindRow,
  request: FastifyRequest,
  reply: FastifyReply,
  user: Requester | undefined,
): Promise<Stored> {
  const query = queryOf(request);
  const key = keyOf(row, request);
  const object = await bodyObject(context, row, request, reply, query);
  const { name } = object.metadata;
  if (name !== key.name) throw bad('name', `the body is about "${name}", the path about "${key.name}"`);
  const options = { ...writerOf(user), as: updateAs(request, query), dryRun: isDryRun(query) };
  return context.metrics.timeWrite('update', () => context.store.update(key, () => object, options));
}

/** The object of the body, checked, in the namespace of the path. */
async function bodyObject(
  context: ApiContext,
  row: KindRow,
  request: FastifyRequest,
  reply: FastifyReply,
  query: Query,
  create = false,
): Promise<AnyObject> {
  const value = request.body as { kind?: unknown; metadata?: { namespace?: unknown } } | undefined;
  if (typeof value !== 'object' || value === null) {
    throw new CloudTaskError('CT_BAD_REQUEST', `the body must be an object of kind ${row.kind}`);
  }
  if (typeof value.kind === 'string' && value.kind !== row.kind) {
    throw new CloudTaskError('CT_BAD_REQUEST', `the body is of kind "${value.kind}", the path is of ${row.plural}`);
  }
  const { namespace } = parametersOf(request);
  const metadata = typeof value.metadata === 'object' && value.metadata !== null ? value.metadata : undefined;
  if (namespace !== undefined && metadata !== undefined) metadata.namespace ??= namespace;
  const { objects, warnings } = await checkObjects([value], query, {
    ...{ now: context.clock.now(), create, found: repeatedCauses(request) },
  });
  const [object] = objects;
  if (row.namespaced && object!.metadata.namespace !== namespace) {
    throw bad('namespace', `the body is in "${object!.metadata.namespace}", the path in "${namespace}"`);
  }
  writeWarnings(reply, warnings);
  return object!;
}

async function remove(
  context: ApiContext,
  row: KindRow,
  request: FastifyRequest,
  reply: FastifyReply,
  user: Requester | undefined,
) {
  const query = queryOf(request);
  const key = keyOf(row, request);
  const options = deleteOptions(request.body, query);
  const object = isDryRun(query)
    ? await existing(context, key)
    : await context.metrics.timeWrite('delete', () => context.store.delete(key, { ...writerOf(user), ...options }));
  writeWarnings(reply, await dependentsWarnings(context.store, key));
  if (!isDryRun(query) && object.metadata.deletionTimestamp !== undefined && options.policy !== 'Background') {
    reply.code(202);
    return object;
  }
  return successStatus({ name: key.name, group: GROUP, kind: row.plural, uid: object.metadata.uid });
}

const POLICIES = ['Background', 'Foreground', 'Orphan'] as const;

/** Throws CT_BAD_REQUEST. */
function deleteOptions(body: unknown, query: Query): Omit<DeleteOptions, 'user'> {
  const { preconditions, propagationPolicy } = (body ?? {}) as {
    preconditions?: { uid?: unknown; resourceVersion?: unknown };
    propagationPolicy?: unknown;
  };
  const { uid, resourceVersion } = preconditions ?? {};
  const given = propagationPolicy === undefined ? query : { propagationPolicy: String(propagationPolicy) };
  const policy = oneOf(given, 'propagationPolicy', POLICIES);
  return {
    ...(uid === undefined ? {} : { uid: String(uid) }),
    ...(resourceVersion === undefined ? {} : { resourceVersion: String(resourceVersion) }),
    ...(policy === undefined ? {} : { policy }),
  };
}

function keyOf(row: KindRow, request: FastifyRequest): ObjectKey {
  const { namespace = '', name = '' } = parametersOf(request);
  return { kind: row.kind, namespace, name };
}
