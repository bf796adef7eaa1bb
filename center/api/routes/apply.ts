import type { FastifyRequest } from 'fastify';
import { CloudTaskError, type ErrorCause, isCloudTaskError } from '../../../base/index.js';
import { type AnyObject, GROUP, PRUNE } from '../../../manifests/index.js';
import type { ApplyOptions, ApplyOutcome } from '../../store/index.js';
import { applysetOptions } from '../applyset-request.js';
import { objectNames } from '../audit-refusal.js';
import { calendarWarnings } from '../calendar-warnings.js';
import { dependencyWarnings } from '../dependency-warnings.js';
import { fieldManagerOf } from '../field-manager.js';
import { notifyWarnings } from '../notify-warnings.js';
import { refuseRepeated, repeatedCauses } from '../repeated-fields.js';
import { flag, isDryRun, type Query, queryOf } from '../request-options.js';
import { type Requester, requireMay, writerOf } from '../requester.js';
import { type ApiContext, GROUP_PATH, type Route } from '../route.js';
import { secretWarnings } from '../secret-warnings.js';
import { type Status, statusOfError } from '../status.js';
import { type Checked, checkObjects } from '../validate-body.js';
import { writeWarnings } from '../write-warnings.js';

/** A manifest of a task is about 1 KB; this is room for 100,000 of them in one transaction. */
const BODY_MAX_BYTES = 128 * 1024 * 1024;
const OBJECTS_MAX = 100_000;
/** Writes of single objects under way at a time; they share commits, and others get their turn between them. */
const SINGLES = 64;

interface ApplyBody {
  readonly objects: readonly unknown[];
  readonly dryRun?: boolean;
  readonly create?: boolean;
  readonly force?: boolean;
  /** false: each object for itself. */
  readonly atomic?: boolean;
  readonly fieldManager?: string;
}

type Result = { readonly operation: string; readonly object: unknown } | { readonly status: Status };

/** POST apply: all objects of the body in one transaction, or none; with `atomic: false` each that can be. */
export function applyRoute(context: ApiContext): Route {
  return {
    method: 'POST',
    path: `${GROUP_PATH}/apply`,
    verb: 'apply',
    role: 'admin',
    perObject: true,
    summary: 'Create or change objects, all or none',
    bodyLimit: BODY_MAX_BYTES,
    tellsRepeated: true,
    handle: async (request, reply, user) => {
      const query = queryOf(request);
      const body = bodyOf(request.body);
      const scope = { context, body, query, request, user };
      const options = { ...writeOptions(request, query, body), ...writerOf(user) };
      const { results, warnings } = await context.metrics.timeWrite('apply', () =>
        body.atomic === false ? applyEach(scope, options) : applyAll(scope, options),
      );
      writeWarnings(reply, warnings);
      return { results };
    },
  };
}

function writeOptions(request: FastifyRequest, query: Query, body: ApplyBody): Omit<ApplyOptions, 'user'> {
  const create = body.create === true || flag(query, 'create');
  const force = body.force === true || flag(query, 'force');
  const manager = fieldManagerOf(request, query, body.fieldManager);
  const as = create
    ? ({ manager, operation: 'Update' } as const)
    : ({ manager, operation: 'Apply', ...(force ? { force } : {}) } as const);
  const set = applysetOptions(request.body as Record<string, unknown>, body.objects.length);
  if (body.atomic === false && Object.keys(set).length > 0) {
    throw new CloudTaskError('CT_BAD_REQUEST', 'a set is applied as a whole: "atomic": false cannot be given with it');
  }
  return { create, as, dryRun: body.dryRun === true || isDryRun(query), ...set };
}

interface Scope {
  readonly context: ApiContext;
  readonly body: ApplyBody;
  readonly query: Query;
  readonly request: FastifyRequest;
  readonly user: Requester | undefined;
}

async function applyAll(scope: Scope, options: ApplyOptions) {
  const { context, body, request } = scope;
  const { objects, warnings } = await check(scope, body.objects, options, 0, repeatedCauses(request));
  const outcomes = await context.store.apply(objects, options);
  const results = outcomes.filter(({ operation }) => operation !== 'kept');
  const missing = await missingWarnings(
    context,
    // What goes needs nothing any more.
    outcomes.flatMap(({ operation, object }) => (operation === 'pruned' ? [] : [object])),
  );
  return { results, warnings: [...warnings, ...missing, ...outcomes.flatMap(keptWarning)] };
}

async function missingWarnings({ store, clock }: ApiContext, objects: readonly AnyObject[]): Promise<string[]> {
  return [
    ...(await secretWarnings(store, objects)),
    ...calendarWarnings(objects, clock.now()),
    ...(await dependencyWarnings(store, objects)),
    ...(await notifyWarnings(store, objects)),
  ];
}

function keptWarning({ operation, object: { kind, metadata } }: ApplyOutcome): string[] {
  if (operation !== 'kept') return [];
  const by = metadata.annotations?.[PRUNE] === 'disabled' ? `annotation ${PRUNE} is "disabled"` : 'it exists by itself';
  return [`${kind.toLowerCase()}.${GROUP}/${metadata.name} is not pruned: ${by}`];
}

/** In the order given: a namespace may come before what lives in it. */
async function applyEach(scope: Scope, options: ApplyOptions) {
  const { context, body, request } = scope;
  // Which object a repeated field would belong to may be what is in doubt.
  refuseRepeated(request);
  const results: Result[] = [];
  const warnings: string[] = [];
  const applyOne = async (value: unknown, index: number): Promise<Result> => {
    try {
      const checked = await check(scope, [value], options, index);
      warnings.push(...checked.warnings);
      const [outcome] = await context.store.apply(checked.objects, options);
      warnings.push(...(await missingWarnings(context, [outcome!.object])));
      return outcome!;
    } catch (error) {
      if (!isCloudTaskError(error) || error.row.http >= 500) throw error;
      const status = statusOfError(placed(error, index));
      await noteRefused(context, value, status, options);
      return { status };
    }
  };
  for (let start = 0; start < body.objects.length; start += SINGLES) {
    const slice = body.objects.slice(start, start + SINGLES);
    results.push(...(await Promise.all(slice.map((value, index) => applyOne(value, start + index)))));
  }
  return { results, warnings };
}

/** The answer as a whole is 200; this object was refused all the same. */
async function noteRefused({ refusals }: ApiContext, value: unknown, { code }: Status, options: ApplyOptions) {
  const { audit, dryRun } = options;
  if (audit !== undefined && dryRun !== true) await refusals.note({ ...audit, ...objectNames(value), status: code });
}

async function check(
  { context, body, query, user }: Scope,
  values: readonly unknown[],
  { create = false }: ApplyOptions,
  first: number,
  found: readonly ErrorCause[] = [],
): Promise<Checked> {
  const checked = await checkObjects(values, query, {
    ...{ prefix: (index) => `objects[${first + index}]`, apply: !create, create, found },
    ...{ now: context.clock.now(), several: body.objects.length > 1 },
  });
  for (const { kind, metadata } of checked.objects) {
    requireMay(user, { verb: create ? 'create' : 'apply', kind, namespace: metadata.namespace, name: metadata.name });
  }
  return checked;
}

/** The store was given one object; in the request it has another place. */
function placed(error: CloudTaskError, index: number): CloudTaskError {
  const causes = error.details.causes?.map((cause) =>
    cause.field === undefined
      ? cause
      : { ...cause, field: cause.field.replace(/^objects\[\d+\]/, `objects[${index}]`) },
  );
  return new CloudTaskError(error.code, { ...error.details, ...(causes === undefined ? {} : { causes }) });
}

function bodyOf(body: unknown): ApplyBody {
  const { objects, fieldManager, ...flags } = (body ?? {}) as Record<string, unknown>;
  const named = ['dryRun', 'create', 'force', 'atomic'];
  const good = named.every((name) => flags[name] === undefined || typeof flags[name] === 'boolean');
  const text = fieldManager === undefined || typeof fieldManager === 'string';
  if (!Array.isArray(objects) || !good || !text) {
    throw new CloudTaskError(
      'CT_BAD_REQUEST',
      'the body must be {"objects": [...], "dryRun"?: boolean, "create"?: boolean, "force"?: boolean, "atomic"?: boolean, "fieldManager"?: string}',
    );
  }
  if (objects.length > OBJECTS_MAX) {
    throw new CloudTaskError('CT_TOO_LARGE', `${objects.length} objects; at most ${OBJECTS_MAX} fit one transaction`);
  }
  return { ...flags, objects, ...(fieldManager === undefined ? {} : { fieldManager }) } as ApplyBody;
}
