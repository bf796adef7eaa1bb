// PATCH of every kind: a merge patch or a JSON patch on what is stored, or an apply of one manifest.
import { isDeepStrictEqual } from 'node:util';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CloudTaskError } from '../../../base/index.js';
import { type AnyObject, jsonPatch, type KindRow, mergePatch, parseDocument } from '../../../manifests/index.js';
import type { ObjectKey, Stored } from '../../store/index.js';
import { fieldManagerOf, updateAs } from '../field-manager.js';
import { patchTypeOf } from '../patch-types.js';
import { noteRepeated, repeatedCauses } from '../repeated-fields.js';
import { bad, flag, isDryRun, queryOf } from '../request-options.js';
import { type Requester, writerOf } from '../requester.js';
import type { ApiContext } from '../route.js';
import { singleObject } from '../single-object.js';
import { checkObjects, checkOne } from '../validate-body.js';
import { writeWarnings } from '../write-warnings.js';

type Fields = Record<string, unknown>;

export async function patchObject(
  context: ApiContext,
  row: KindRow,
  key: ObjectKey,
  request: FastifyRequest,
  reply: FastifyReply,
  user: Requester | undefined,
): Promise<Stored> {
  const query = queryOf(request);
  const type = patchTypeOf(request.headers['content-type']);
  const options = { ...writerOf(user), dryRun: isDryRun(query) };
  if (type === 'application/apply-patch+yaml') {
    const object = await manifestOf(context, row, key, request, reply);
    const force = flag(query, 'force');
    const as = { manager: fieldManagerOf(request, query), operation: 'Apply', force } as const;
    const [outcome] = await context.metrics.timeWrite('patch', () =>
      singleObject(() => context.store.apply([object], { ...options, as })),
    );
    if (outcome!.operation === 'created') reply.code(201);
    return outcome!.object;
  }
  const patch = request.body;
  if (
    type === 'application/merge-patch+json' &&
    (typeof patch !== 'object' || patch === null || Array.isArray(patch))
  ) {
    throw new CloudTaskError('CT_BAD_REQUEST', 'a merge patch must be a map of fields');
  }
  const change = (object: Stored): AnyObject => {
    const next = type === 'application/merge-patch+json' ? mergePatch(object, patch) : jsonPatch(object, patch);
    // Whoever labels a task whose time points are over has not touched them.
    const sameSpec = isDeepStrictEqual((next as Fields | null)?.spec, object.spec);
    const { object: checked, warnings } = checkOne(writable(next), query, sameSpec ? undefined : context.clock.now());
    requireSame(checked, key);
    writeWarnings(reply, warnings);
    return checked;
  };
  return context.metrics.timeWrite('patch', () =>
    context.store.update(key, change, { ...options, as: updateAs(request, query) }),
  );
}

/** Without what the center alone writes: a patch of it is ignored, as it is in a PUT. */
function writable(object: unknown): unknown {
  if (typeof object !== 'object' || object === null || Array.isArray(object)) return object;
  const { status: _, metadata, ...rest } = object as Fields;
  if (typeof metadata !== 'object' || metadata === null) return { ...rest, metadata };
  const { managedFields: _managed, ...kept } = metadata as Fields;
  return { ...rest, metadata: kept };
}

function requireSame(object: AnyObject, key: ObjectKey): void {
  const { kind, metadata } = object;
  const same = kind === key.kind && metadata.name === key.name && (metadata.namespace ?? '') === key.namespace;
  if (!same) throw bad('name', 'kind, name and namespace of an object cannot be changed');
}

/** The manifest of an apply patch; kind and name may be left to the path. */
async function manifestOf(
  context: ApiContext,
  row: KindRow,
  key: ObjectKey,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<AnyObject> {
  const { value, repeated } = parseDocument(String(request.body ?? ''));
  noteRepeated(request, repeated);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new CloudTaskError('CT_BAD_REQUEST', `the body must be an object of kind ${row.kind}`);
  }
  const fields = value as Fields;
  const metadata = (fields.metadata ?? {}) as Fields;
  const named =
    typeof metadata === 'object'
      ? {
          ...metadata,
          name: metadata.name ?? key.name,
          ...(row.namespaced ? { namespace: metadata.namespace ?? key.namespace } : {}),
        }
      : metadata;
  const found = repeatedCauses(request);
  const { objects, warnings } = await checkObjects([{ ...fields, metadata: named }], queryOf(request), {
    ...{ apply: true, now: context.clock.now(), found },
  });
  requireSame(objects[0]!, key);
  writeWarnings(reply, warnings);
  return objects[0]!;
}
