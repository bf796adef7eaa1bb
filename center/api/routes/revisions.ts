// The past of a task's specification, and the way back (C-27, C-28).
import { isDeepStrictEqual } from 'node:util';
import { CloudTaskError } from '../../../base/index.js';
import { API_VERSION, APPLYSET, CHANGE_CAUSE, GROUP, type Task, type TaskSpec } from '../../../manifests/index.js';
import { conflict, type Stored, type StoredRevision, subjectOfKey, type WriteAs } from '../../store/index.js';
import { iso } from '../../store/iso-time.js';
import { updateAs } from '../field-manager.js';
import { bad, isDryRun, parametersOf, type Query, queryOf } from '../request-options.js';
import { type Requester, writerOf } from '../requester.js';
import { type ApiContext, GROUP_PATH, type Route } from '../route.js';
import { writeWarnings } from '../write-warnings.js';
import { taskOf } from './task-of.js';

const TASK = `${GROUP_PATH}/namespaces/:namespace/tasks/:name`;

/** Parts of a specification that say whether the task fires now, not what it does. An undo leaves them alone: who suspends a
 * task that does harm and then undoes its last change must not start it again by that. What calendars say is nobody's change of the
 * task either: they are what they are now. */
const SWITCHES = ['suspend', 'suspendUntil', 'suspendReason', 'calendars'] as const;

export function revisionRoutes(context: ApiContext): Route[] {
  return [
    {
      ...{ method: 'GET', path: `${TASK}/revisions`, verb: 'list', role: 'read', kind: 'Task' },
      summary: 'List the revisions of a Task',
      handle: async (request) => {
        const { metadata } = await taskOf(context, request);
        const items = (await context.store.revisions.ofTask(metadata.uid)).map(facts);
        return { kind: 'RevisionList', apiVersion: API_VERSION, metadata: {}, items };
      },
    },
    {
      ...{ method: 'GET', path: `${TASK}/revisions/:revision`, verb: 'get', role: 'read', kind: 'Task' },
      summary: 'Read a Task as it was at a revision',
      handle: async (request) => {
        const task = await taskOf(context, request);
        const wanted = numberOf(parametersOf(request).revision, 'revision');
        const revisions = await context.store.revisions.ofTask(task.metadata.uid);
        return asOf(task, found(revisions, wanted, task));
      },
    },
    {
      ...{ method: 'POST', path: `${TASK}/undo`, verb: 'undo', role: 'admin', kind: 'Task' },
      summary: 'Give a Task the specification of an earlier revision',
      handle: async (request, reply, user) => {
        const toRevision = toRevisionOf(request.body);
        const query = queryOf(request);
        const as = updateAs(request, query);
        const task = await taskOf(context, request);
        const answer = await undo(context, task, { toRevision, query, as }, user);
        writeWarnings(reply, setWarning(task));
        return answer;
      },
    },
  ];
}

/** Whoever applies the set next knows nothing of the undo (G-25). */
function setWarning({ metadata: { name, labels } }: Stored<Task>): string[] {
  const applyset = labels?.[APPLYSET];
  if (applyset === undefined) return [];
  return [`task.${GROUP}/${name} belongs to applyset "${applyset}"; the next apply of the set takes this back`];
}

function facts({ revision, time, author, cause }: StoredRevision) {
  return {
    revision,
    ...(time === null ? {} : { time: iso(time) }),
    ...(author === '' ? {} : { author }),
    ...(cause === '' ? {} : { cause }),
  };
}

/** The task as a manifest that can be applied again: without what only a stored object has. */
function asOf({ metadata }: Stored<Task>, { revision, cause, spec }: StoredRevision): object {
  const { name, namespace, labels } = metadata;
  const annotations = withCause(metadata.annotations, cause);
  return {
    apiVersion: API_VERSION,
    kind: 'Task',
    metadata: {
      ...{ name, namespace, generation: revision },
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
    },
    spec,
  };
}

function withCause(annotations: Record<string, string> = {}, cause: string): Record<string, string> | undefined {
  const { [CHANGE_CAUSE]: _, ...others } = annotations;
  const all = cause === '' ? others : { ...others, [CHANGE_CAUSE]: cause };
  return Object.keys(all).length === 0 ? undefined : all;
}

async function undo(
  context: ApiContext,
  task: Stored<Task>,
  { toRevision, query, as }: { toRevision: number; query: Query; as: WriteAs },
  user: Requester | undefined,
): Promise<{ operation: string; revision: number; object: Stored }> {
  const revisions = await context.store.revisions.ofTask(task.metadata.uid);
  const target = toRevision === 0 ? previous(revisions, task) : found(revisions, toRevision, task);
  const { generation } = task.metadata;
  const key = keyOf(task);
  if (sameTemplate(target.spec, task.spec)) {
    return {
      operation: `skipped rollback (current template already matches revision ${target.revision})`,
      ...{ revision: generation, object: task },
    };
  }
  const object = await context.metrics.timeWrite('undo', () =>
    context.store.update<Task>(
      key,
      (current) => {
        // Somebody changed the task in between: what is "previous" now is another question.
        if (current.metadata.generation !== generation) throw conflict(subjectOfKey(key));
        return rolledBack(current, target);
      },
      { ...writerOf(user), as, dryRun: isDryRun(query) },
    ),
  );
  return { operation: 'rolled back', revision: target.revision, object };
}

function rolledBack(current: Stored<Task>, target: StoredRevision): Task {
  const { annotations: before, ...metadata } = current.metadata;
  const annotations = withCause(before, target.cause);
  const switches = Object.fromEntries(Object.entries(current.spec).filter(([field]) => isSwitch(field)));
  return {
    ...current,
    metadata: { ...metadata, ...(annotations === undefined ? {} : { annotations }) },
    spec: { ...template(target.spec), ...switches } as TaskSpec,
  };
}

function template(spec: TaskSpec): Record<string, unknown> {
  return Object.fromEntries(Object.entries(spec).filter(([field]) => !isSwitch(field)));
}

const isSwitch = (field: string): boolean => (SWITCHES as readonly string[]).includes(field);

function sameTemplate(one: TaskSpec, other: TaskSpec): boolean {
  return isDeepStrictEqual(template(one), template(other));
}

/** The latest revision that did something else than the task does now. Throws CT_NOT_FOUND. */
function previous(revisions: readonly StoredRevision[], task: Stored<Task>): StoredRevision {
  const target = revisions.findLast(({ spec }) => !sameTemplate(spec, task.spec));
  if (target !== undefined) return target;
  throw new CloudTaskError('CT_NOT_FOUND', {
    subject: subjectOfKey(keyOf(task)),
    detail: 'has no last revision to roll back to',
  });
}

/** Throws CT_NOT_FOUND. */
function found(revisions: readonly StoredRevision[], wanted: number, task: Stored<Task>): StoredRevision {
  const revision = revisions.find((one) => one.revision === wanted);
  if (revision !== undefined) return revision;
  const known = revisions.map((one) => one.revision).join(', ');
  throw new CloudTaskError('CT_NOT_FOUND', {
    subject: subjectOfKey(keyOf(task)),
    detail: `has no such revision: unable to find specified revision ${wanted} in history`,
    hint: `the history has ${known}`,
  });
}

const keyOf = ({ metadata: { namespace = '', name } }: Stored<Task>) => ({ kind: 'Task', namespace, name }) as const;

function toRevisionOf(body: unknown): number {
  const { toRevision, ...rest } = (body ?? {}) as Record<string, unknown>;
  if (Object.keys(rest).length > 0 || !(toRevision === undefined || isRevision(toRevision))) {
    throw new CloudTaskError(
      'CT_BAD_REQUEST',
      'the body must be {"toRevision"?: a revision, or 0 for the previous one}',
    );
  }
  return toRevision ?? 0;
}

const isRevision = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

function numberOf(text: string | undefined, name: string): number {
  if (text === undefined || !/^\d{1,15}$/.test(text)) throw bad(name, `"${text}" is no revision`);
  return Number(text);
}
