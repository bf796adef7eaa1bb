// Time points that have passed, what they came to, and runs that make up for them (C-72).
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CloudTaskError, type Instant } from '../../../base/index.js';
import { compileSchedules, type Run, runUid, type Task } from '../../../manifests/index.js';
import type { Stored } from '../../store/index.js';
import { bad, integer, queryOf } from '../request-options.js';
import type { ApiContext } from '../route.js';
import { createOnce } from './run-on-demand.js';
import { taskOf } from './task-of.js';

/** Time points of one answer; who wants more asks again from the last one. */
const POINTS_MAX = 1000;

export interface TimePointRow {
  /** RFC 3339. */
  readonly time: string;
  /** Name of the schedule. */
  readonly schedule: string;
  /** The run of the time point, or the one that made up for it. */
  readonly run?: { readonly name: string; readonly state: string };
  /** Why it is not to be run: it ran, or it is to come by itself. Absent when a backfill may run it. */
  readonly done?: 'HasRun' | 'ToCome';
}

export async function listTimePoints(context: ApiContext, request: FastifyRequest) {
  const query = queryOf(request);
  const task = await taskOf(context, request);
  const limit = integer(query, 'limit', 1, POINTS_MAX) ?? POINTS_MAX;
  const [since, until] = [instant('since', query.since), instant('until', query.until)];
  if (since > until) throw bad('since', 'it is later than "until"');
  const points = compileSchedules(task.spec, task.metadata.uid).between(since - 1, until, limit + 1);
  const cursor = await consumedUpTo(context, task);
  const items: TimePointRow[] = [];
  for (const { time, schedule } of points.slice(0, limit)) {
    const { run, done } = await cameTo(context, task, time, cursor);
    const row = { time: new Date(time).toISOString(), schedule };
    items.push({ ...row, ...(run === undefined ? {} : { run }), ...(done === undefined ? {} : { done }) });
  }
  const further = points.length > limit ? { continueSince: new Date(points[limit]!.time).toISOString() } : {};
  return { items, ...further };
}

/** One time point; the same one twice is the same run. Throws CT_CONFLICT for one that ran, or will by itself. */
export async function backfill(
  context: ApiContext,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<Stored<Run>> {
  const { scheduledTime, ...rest } = (request.body ?? {}) as Record<string, unknown>;
  if (typeof scheduledTime !== 'string' || Object.keys(rest).length > 0) {
    throw new CloudTaskError('CT_BAD_REQUEST', 'the body must be {"scheduledTime": string}');
  }
  const task = await taskOf(context, request);
  const time = instant('scheduledTime', scheduledTime);
  const { uid, namespace, name } = task.metadata;
  const [point] = compileSchedules(task.spec, uid).between(time - 1, time, 1);
  if (point === undefined) throw bad('scheduledTime', `"${scheduledTime}" is no time point of the task`);
  const { done, run, backfilled } = await cameTo(context, task, time, await consumedUpTo(context, task));
  if (done !== undefined && backfilled !== true) {
    const why = run === undefined ? 'is to come by itself' : `has run "${run.name}" (${run.state})`;
    throw new CloudTaskError('CT_CONFLICT', {
      subject: `Task ${namespace}/${name}`,
      detail: `${scheduledTime} ${why}`,
    });
  }
  const identity = { taskUid: uid, trigger: 'Backfill', manualId: backfillId(time), slot: '' } as const;
  return createOnce(context, { ...identity, scheduledTime: time }, `${scheduledTime} was backfilled already`, reply);
}

const backfillId = (point: Instant): string => `backfill-${point}`;

interface Outcome extends Pick<TimePointRow, 'run' | 'done'> {
  /** `run` was made by a backfill. */
  readonly backfilled?: true;
}

/** The run of the time point counts when it started something, or will; a record of one that did not leaves it open. */
async function cameTo(
  { store }: ApiContext,
  { metadata }: Stored<Task>,
  point: Instant,
  cursor: Instant,
): Promise<Outcome> {
  const of = (key: number | string) =>
    store.getByUid<Run>('Run', runUid({ taskUid: metadata.uid, slot: '', point: key }));
  const told = (run: Run) => ({ name: run.metadata.name, state: run.status?.state ?? 'Pending' });
  const made = await of(backfillId(point));
  if (made !== undefined) return { run: told(made), done: 'HasRun', backfilled: true };
  const own = await of(point);
  if (own === undefined) return point > cursor ? { done: 'ToCome' } : {};
  const state = own.status?.state;
  return { run: told(own), ...(state === 'Skipped' || state === 'Missed' ? {} : { done: 'HasRun' }) };
}

/** Throws CT_UNAVAILABLE when the record cannot be read: a time point that its owner may be claiming must not run twice. */
async function consumedUpTo({ triggerRecords }: ApiContext, { metadata }: Stored<Task>): Promise<Instant> {
  const [record] = await triggerRecords([metadata.uid]);
  if (record !== undefined) return record.cursor;
  throw new CloudTaskError('CT_UNAVAILABLE', 'the trigger record of the task cannot be read now');
}

function instant(name: string, text: string | undefined): Instant {
  const time = /^\d{4}-\d\d-\d\d[Tt ]/.test(text ?? '') ? Date.parse(text ?? '') : Number.NaN;
  if (Number.isNaN(time)) throw bad(name, `"${text ?? ''}" is not an RFC 3339 time`);
  return time;
}
