import { CloudTaskError } from '../../../base/index.js';
import { GROUP, PRUNE } from '../../../manifests/index.js';
import type { ApplyOutcome } from '../../store/index.js';
import { applysetOptions } from '../applyset-request.js';
import { flag, isDryRun, queryOf } from '../request-options.js';
import { type ApiContext, GROUP_PATH, type Route } from '../route.js';
import { checkObjects } from '../validate-body.js';
import { writeWarnings } from '../write-warnings.js';

/** A manifest of a task is about 1 KB; this is room for 100,000 of them in one transaction. */
const BODY_MAX_BYTES = 128 * 1024 * 1024;
const OBJECTS_MAX = 100_000;

interface ApplyBody {
  readonly objects: readonly unknown[];
  readonly dryRun?: boolean;
  readonly create?: boolean;
}

/** POST apply: all objects of the body in one transaction, or none. */
export function applyRoute(context: ApiContext): Route {
  return {
    method: 'POST',
    path: `${GROUP_PATH}/apply`,
    verb: 'apply',
    role: 'admin',
    summary: 'Create or change objects, all or none',
    bodyLimit: BODY_MAX_BYTES,
    handle: async (request, reply, user) => {
      const query = queryOf(request);
      const body = bodyOf(request.body);
      const { objects, warnings } = await checkObjects(body.objects, query, (index) => `objects[${index}]`);
      const dryRun = body.dryRun === true || isDryRun(query);
      const create = body.create === true || flag(query, 'create');
      const set = applysetOptions(request.body as Record<string, unknown>, objects.length);
      const outcomes = await context.metrics.timeWrite('apply', () =>
        context.store.apply(objects, { user: user?.subject ?? '', dryRun, create, ...set }),
      );
      const results = outcomes.filter(({ operation }) => operation !== 'kept');
      writeWarnings(reply, [...warnings, ...outcomes.flatMap(keptWarning)]);
      return { results };
    },
  };
}

function keptWarning({ operation, object: { kind, metadata } }: ApplyOutcome): string[] {
  if (operation !== 'kept') return [];
  const by = metadata.annotations?.[PRUNE] === 'disabled' ? `annotation ${PRUNE} is "disabled"` : 'it exists by itself';
  return [`${kind.toLowerCase()}.${GROUP}/${metadata.name} is not pruned: ${by}`];
}

function bodyOf(body: unknown): ApplyBody {
  const { objects, dryRun, create } = (body ?? {}) as Record<string, unknown>;
  const flags = [dryRun, create].every((value) => value === undefined || typeof value === 'boolean');
  if (!Array.isArray(objects) || !flags) {
    throw new CloudTaskError(
      'CT_BAD_REQUEST',
      'the body must be {"objects": [...], "dryRun"?: boolean, "create"?: boolean}',
    );
  }
  if (objects.length > OBJECTS_MAX) {
    throw new CloudTaskError('CT_TOO_LARGE', `${objects.length} objects; at most ${OBJECTS_MAX} fit one transaction`);
  }
  return { objects, ...(dryRun === true ? { dryRun } : {}), ...(create === true ? { create } : {}) };
}
