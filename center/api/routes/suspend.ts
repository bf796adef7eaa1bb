// suspend and resume (C-26, decision 0016): each says the whole suspension, so that asking twice is asking once.
import type { FastifyRequest } from 'fastify';
import { CloudTaskError, type Instant } from '../../../base/index.js';
import {
  isDateTime,
  isSuspended,
  SUSPEND_REASON_MAX_CHARS,
  suspensionEnd,
  type Task,
  type TaskSpec,
} from '../../../manifests/index.js';
import type { Stored } from '../../store/index.js';
import { iso } from '../../store/iso-time.js';
import { verbAs } from '../field-manager.js';
import { bad, isDryRun, parametersOf, queryOf } from '../request-options.js';
import { type Requester, writerOf } from '../requester.js';
import type { ApiContext } from '../route.js';

const MANAGER = 'ctask-suspend';

export interface SuspendReply {
  readonly operation: 'suspended' | 'resumed' | 'unchanged';
  readonly object: Stored;
}

interface Wanted {
  /** Absent: the suspension has no end. */
  readonly until?: Instant;
  /** Absent: the reason of the suspension that stands; '' takes it away. */
  readonly reason?: string;
}

export async function suspend(
  context: ApiContext,
  request: FastifyRequest,
  user: Requester | undefined,
): Promise<SuspendReply> {
  const now = context.clock.now();
  const wanted = wantedOf(request.body, now);
  return change(context, request, user, 'suspended', (task) => suspendedSpec(task, wanted, now));
}

export async function resume(
  context: ApiContext,
  request: FastifyRequest,
  user: Requester | undefined,
): Promise<SuspendReply> {
  const now = context.clock.now();
  return change(context, request, user, 'resumed', (task) => resumedSpec(task, now));
}

async function change(
  { store }: ApiContext,
  request: FastifyRequest,
  user: Requester | undefined,
  done: 'suspended' | 'resumed',
  specOf: (task: Task) => TaskSpec,
): Promise<SuspendReply> {
  const { namespace = '', name = '' } = parametersOf(request);
  const query = queryOf(request);
  let changes = false;
  const object = await store.update<Task>(
    { kind: 'Task', namespace, name },
    (task) => {
      const spec = specOf(task);
      changes = !same(task.spec, spec);
      return changes ? { ...task, spec } : undefined;
    },
    { ...writerOf(user), as: verbAs(request, query, MANAGER), dryRun: isDryRun(query) },
  );
  return { operation: changes ? done : 'unchanged', object };
}

function suspendedSpec(task: Task, { until, reason }: Wanted, now: Instant): TaskSpec {
  const { suspend: _, suspendUntil, suspendReason, ...spec } = task.spec;
  const kept = isSuspended(task.spec, now) ? suspendReason : undefined;
  const why = reason === undefined ? kept : reason === '' ? undefined : reason;
  return {
    ...spec,
    ...(why === undefined ? {} : { suspendReason: why }),
    ...(until === undefined
      ? {
          suspend: true,
          ...(suspendUntil !== undefined && ownedByOthers(task, 'suspendUntil') ? { suspendUntil } : {}),
        }
      : { ...switchedOff(task), suspendUntil: sameInstant(suspendUntil, until) ?? iso(until) }),
  };
}

/** The end that somebody else's manifest gives becomes now: like `suspend: false`, a change that their next apply shall see. What
 * is left of a suspension that has ended suspends nothing, and stays: it may be such a change. */
function resumedSpec(task: Task, now: Instant): TaskSpec {
  if (!isSuspended(task.spec, now)) return task.spec;
  const { suspend: _, suspendUntil, suspendReason: __, ...spec } = task.spec;
  const theirs = suspendUntil !== undefined && ownedByOthers(task, 'suspendUntil');
  const ended = theirs && Date.parse(suspendUntil) <= now ? suspendUntil : iso(now);
  return { ...spec, ...switchedOff(task), ...(theirs ? { suspendUntil: ended } : {}) };
}

/** It gives the field back to whoever wants it, unless somebody else's manifest suspends the task: then it is a change
 * against their will, which their next apply shall see. */
function switchedOff(task: Task): { suspend?: false } {
  return ownedByOthers(task, 'suspend') ? { suspend: false } : {};
}

function ownedByOthers({ metadata }: Task, field: 'suspend' | 'suspendUntil'): boolean {
  const owners = metadata.managedFields ?? [];
  return owners.some(({ manager, fields }) => manager !== MANAGER && fields.includes(`/spec/${field}`));
}

/** As it is written, if it is that instant. */
function sameInstant(written: string | undefined, instant: Instant): string | undefined {
  return written !== undefined && Date.parse(written) === instant ? written : undefined;
}

function same(a: TaskSpec, b: TaskSpec): boolean {
  return (
    (a.suspend ?? false) === (b.suspend ?? false) &&
    a.suspendUntil === b.suspendUntil &&
    a.suspendReason === b.suspendReason &&
    suspensionEnd(a) === suspensionEnd(b)
  );
}

function wantedOf(body: unknown, now: Instant): Wanted {
  const { until, reason, ...rest } = (body ?? {}) as Record<string, unknown>;
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) throw new CloudTaskError('CT_BAD_REQUEST', `body: unknown field "${unknown}"`);
  const why = reason === undefined ? {} : { reason: reasonOf(reason) };
  if (until === undefined) return why;
  if (typeof until !== 'string' || !isDateTime(until))
    throw bad('until', `"${until}" is not an RFC 3339 time such as 2026-12-01T08:00:00Z`);
  const end = Date.parse(until);
  if (end <= now) throw bad('until', `${iso(end)} is not in the future`);
  return { ...why, until: end };
}

function reasonOf(reason: unknown): string {
  if (typeof reason !== 'string') throw bad('reason', 'it is not a text');
  if (reason.length > SUSPEND_REASON_MAX_CHARS)
    throw bad('reason', `it has more than ${SUSPEND_REASON_MAX_CHARS} characters`);
  if (/[\n\r]/.test(reason)) throw bad('reason', 'it is not one line');
  return reason;
}
