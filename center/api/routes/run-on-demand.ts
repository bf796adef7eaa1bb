import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CloudTaskError, newUid } from '../../../base/index.js';
import { API_VERSION, type Run, runUid, type Task } from '../../../manifests/index.js';
import type { NewRun, Stored } from '../../store/index.js';
import { type Requester, requireRunAs } from '../requester.js';
import type { ApiContext } from '../route.js';
import { isParameterMap, parametersFor } from '../run-parameters.js';
import { requireSlot, slotsOfTask } from '../task-slots.js';
import { writeWarnings } from '../write-warnings.js';
import { taskOf } from './task-of.js';

/** Arguments and variables of one run; a command line is no place for more. */
const LIST_MAX = 1000;
const KEY_MAX_CHARS = 255;

/** Makes the run, or answers the one of the same manual id, with a warning: asking twice is asking once. */
export async function createOnce(
  { store, metrics }: ApiContext,
  run: NewRun,
  again: string,
  reply: FastifyReply,
  requester: Requester | undefined,
): Promise<Stored<Run>> {
  const { taskUid, slot, manualId } = run;
  const existing = await store.getByUid<Run>('Run', runUid({ taskUid, slot, point: manualId }));
  if (existing !== undefined) {
    writeWarnings(reply, [again]);
    return existing;
  }
  reply.code(201);
  return metrics.timeWrite('run', () => store.createRun(run, requester?.audit));
}

export async function runNow(
  context: ApiContext,
  request: FastifyRequest,
  reply: FastifyReply,
  requester: Requester | undefined,
): Promise<Stored<Run> | RunList> {
  const { args, env, parameters, agent, slot, idempotencyKey } = bodyOf(request.body);
  const task = await taskOf(context, request);
  if (args !== undefined || env !== undefined) requireRunAs(requester, task);
  const common = {
    taskUid: task.metadata.uid,
    trigger: 'Manual',
    manualId:
      idempotencyKey === undefined ? newUid() : `key-${createHash('sha256').update(idempotencyKey).digest('hex')}`,
    ...(args === undefined ? {} : { args }),
    ...(env === undefined ? {} : { env }),
    ...parametersFor(task, parameters),
  } as const;
  const again = 'a run with this idempotency key exists already';
  const create = (one: string) => createOnce(context, { ...common, slot: one }, again, reply, requester);
  if (slot !== undefined) return create(requireSlot(task, slot));
  if (agent !== undefined) return create(slotOf(task, agent));
  if ((task.spec.placement?.mode ?? 'Single') === 'Single') return create('');
  const slots = slotsOfTask(task);
  if (slots.length === 0) throw nobodyHas(task);
  // One transaction: a center that dies leaves all of them or none.
  const runs = slots.map((one) => ({ ...common, slot: one }));
  const uids = runs.map((run) => runUid({ taskUid: run.taskUid, slot: run.slot, point: run.manualId }));
  const existing = await context.store.listByUid<Run>('Run', uids);
  if (existing.length > 0) writeWarnings(reply, [again]);
  if (existing.length < runs.length) reply.code(201);
  const items = await context.metrics.timeWrite('run', () => context.store.createRuns(runs, requester?.audit));
  return { apiVersion: API_VERSION, kind: 'RunList', metadata: {}, items };
}

/** One run per slot, of a task with placement.mode EveryAgent or Shards. */
interface RunList {
  readonly apiVersion: string;
  readonly kind: 'RunList';
  readonly metadata: Record<string, never>;
  readonly items: readonly Stored<Run>[];
}

function nobodyHas({ metadata, spec }: Stored<Task>): CloudTaskError {
  return new CloudTaskError('CT_CONFLICT', {
    subject: `Task ${metadata.namespace}/${metadata.name}`,
    detail: `its placement.mode is ${spec.placement?.mode}, and no agent has it`,
    hint: `'ctask why task/${metadata.name}' says why`,
  });
}

/** A run is made by the agent that owns the slot (decision 0002), so another agent cannot be asked for. */
function slotOf({ metadata, status }: Stored<Task>, agent: string): string {
  const allocations = status?.allocations ?? [];
  const own = allocations.find((allocation) => allocation.agent === agent);
  if (own !== undefined) return own.slot;
  const owners = allocations.map((allocation) => allocation.agent).join(', ');
  throw new CloudTaskError('CT_CONFLICT', {
    subject: `Task ${metadata.namespace}/${metadata.name}`,
    detail: `agent "${agent}" does not have the task; ${owners === '' ? 'no agent has it' : `it is with ${owners}`}`,
    hint: 'spec.placement says which agents may have it',
  });
}

interface RunBody {
  readonly args?: string[];
  readonly env?: { name: string; value: string }[];
  readonly parameters?: Record<string, unknown>;
  readonly agent?: string;
  readonly slot?: string;
  readonly idempotencyKey?: string;
}

function bodyOf(body: unknown): RunBody {
  const { args, env, parameters, agent, slot, idempotencyKey, ...rest } = (body ?? {}) as Record<string, unknown>;
  const fits = (list: unknown, item: (value: unknown) => boolean) =>
    list === undefined || (Array.isArray(list) && list.length <= LIST_MAX && list.every(item));
  const word = (value: unknown) =>
    value === undefined || (typeof value === 'string' && value.length <= KEY_MAX_CHARS && value !== '');
  const good =
    Object.keys(rest).length === 0 &&
    fits(args, (value) => typeof value === 'string') &&
    fits(env, isVariable) &&
    isParameterMap(parameters) &&
    word(agent) &&
    word(slot) &&
    (slot === undefined || agent === undefined) &&
    word(idempotencyKey);
  if (good) return (body ?? {}) as RunBody;
  throw new CloudTaskError(
    'CT_BAD_REQUEST',
    'the body must be {"args"?: [string], "env"?: [{"name", "value"}], "parameters"?: {name: value}, "agent" or "slot"?: string, "idempotencyKey"?: string}',
  );
}

function isVariable(value: unknown): boolean {
  const { name, value: text } = (value ?? {}) as Record<string, unknown>;
  return typeof name === 'string' && /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && typeof text === 'string';
}
