// Gives tasks another version of their package, all of them in one transaction.
import type { FastifyRequest } from 'fastify';
import { CloudTaskError, isCloudTaskError } from '../../../base/index.js';
import { type Package, parseLabelSelector, type Task } from '../../../manifests/index.js';
import { notFound, objectPages, type Stored, SWITCH_MANAGER } from '../../store/index.js';
import { verbAs } from '../field-manager.js';
import { bad, isDryRun, parametersOf, queryOf } from '../request-options.js';
import { type Requester, writerOf } from '../requester.js';
import type { ApiContext } from '../route.js';

/** One transaction holds up others while it lasts. */
const TASKS_MAX = 10_000;
/** Each try is overtaken by somebody who changes one of the tasks. */
const TRIES = 10;

export interface SwitchReply {
  readonly digest: string;
  readonly results: readonly {
    readonly name: string;
    readonly operation: 'switched' | 'unchanged';
    /** What the task ran before. */
    readonly from: string;
  }[];
}

interface Wanted {
  /** Absent: the current version. */
  readonly digest?: string;
  readonly tasks?: readonly string[];
  readonly labelSelector?: string;
  readonly all?: true;
}

export async function switchTasks(
  context: ApiContext,
  request: FastifyRequest,
  user: Requester | undefined,
): Promise<SwitchReply> {
  const wanted = wantedOf(request.body);
  for (let left = TRIES; ; left--) {
    try {
      return await switchOnce(context, request, wanted, user);
    } catch (error) {
      if (left <= 1 || !isCloudTaskError(error, 'CT_CONFLICT')) throw error;
    }
  }
}

async function switchOnce(
  { store }: ApiContext,
  request: FastifyRequest,
  wanted: Wanted,
  user: Requester | undefined,
): Promise<SwitchReply> {
  const { namespace = '', name = '' } = parametersOf(request);
  const query = queryOf(request);
  const key = { kind: 'Package', namespace, name } as const;
  const object = await store.get<Package>(key);
  if (object === undefined) throw notFound(key);
  const digest = wanted.digest ?? object.spec.digest;
  if (digest !== object.spec.digest && !object.status?.versions?.some((one) => one.digest === digest)) {
    throw new CloudTaskError('CT_NOT_FOUND', `package "${name}" has no version ${digest.slice(0, 80)}`);
  }
  const tasks = await chosenTasks(store, object, wanted);
  const stale = tasks.filter((task) => task.spec.run.package?.digest !== digest);
  const next = stale.map((task) => ({
    ...task,
    spec: { ...task.spec, run: { ...task.spec.run, package: { name, digest } } },
  }));
  if (next.length > 0) {
    const as = verbAs(request, query, SWITCH_MANAGER);
    await store.apply(next, { ...writerOf(user), as, whole: true, dryRun: isDryRun(query) });
  }
  const results = tasks.map((task) => ({
    name: task.metadata.name,
    operation: stale.includes(task) ? ('switched' as const) : ('unchanged' as const),
    from: task.spec.run.package?.digest ?? '',
  }));
  return { digest, results };
}

/** Throws CT_NOT_FOUND for a named task that does not use the package. */
async function chosenTasks(
  store: ApiContext['store'],
  { metadata }: Stored<Package>,
  wanted: Wanted,
): Promise<Stored<Task>[]> {
  const { name, namespace = '' } = metadata;
  const fields = [{ field: 'spec.run.package.name', operator: '=', value: name } as const];
  const labels = parseLabelSelector(wanted.labelSelector ?? '');
  const missing = new Set(wanted.tasks);
  const chosen: Stored<Task>[] = [];
  for await (const page of objectPages<Task>(store, 'Task', { namespace, fields, labels })) {
    for (const task of page) {
      if (wanted.tasks !== undefined && !missing.delete(task.metadata.name)) continue;
      chosen.push(task);
    }
    if (chosen.length > TASKS_MAX) {
      throw new CloudTaskError('CT_TOO_LARGE', `more than ${TASKS_MAX} tasks; switch them in parts, by label`);
    }
  }
  if (missing.size === 0) return chosen;
  const names = [...missing].slice(0, 5).join(', ');
  throw new CloudTaskError('CT_NOT_FOUND', `no task of that name uses package "${name}": ${names}`);
}

function wantedOf(body: unknown): Wanted {
  const { digest, tasks, labelSelector, all, ...rest } = (body ?? {}) as Record<string, unknown>;
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) throw new CloudTaskError('CT_BAD_REQUEST', `body: unknown field "${unknown}"`);
  if (digest !== undefined && typeof digest !== 'string') throw bad('digest', 'it is not a text');
  if (labelSelector !== undefined && typeof labelSelector !== 'string') throw bad('labelSelector', 'it is not a text');
  if (tasks !== undefined && !(Array.isArray(tasks) && tasks.every((task) => typeof task === 'string'))) {
    throw bad('tasks', 'it is not a list of names');
  }
  if ([tasks, labelSelector, all === true ? all : undefined].filter((one) => one !== undefined).length !== 1) {
    throw new CloudTaskError('CT_BAD_REQUEST', 'body: say which tasks, with exactly one of tasks, labelSelector, all');
  }
  return {
    ...(digest === undefined ? {} : { digest }),
    ...(tasks === undefined ? {} : { tasks: tasks as string[] }),
    ...(labelSelector === undefined ? {} : { labelSelector }),
  };
}
