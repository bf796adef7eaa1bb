// Time points that have passed, what they came to, and runs that make up for them (C-72).
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CloudTaskError, type Instant } from '../../../base/index.js';
import { compileSchedules, type Run, runUid, scheduleSpecOf, type Task } from '../../../manifests/index.js';
import type { Stored } from '../../store/index.js';
import { bad, integer, queryOf } from '../request-options.js';
import type { Requester } from '../requester.js';
import type { ApiContext, SlotKey } from '../route.js';
import { isParameterMap, parametersFor } from '../run-parameters.js';
import { requireSlot, slotWords } from '../task-slots.js';
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
  const points = compileSchedules(scheduleSpecOf(task), task.metadata.uid).between(since - 1, until, limit + 1);
  const slot = chosenSlot(task, query.slot);
  const cursor = await consumedUpTo(context, task, slot);
  const asked = points.slice(0, limit);
  const outcomes = await cameTo(
    context,
    { taskUid: task.metadata.uid, slot },
    asked.map(({ time }) => time),
    cursor,
  );
  const items = asked.map(({ time, schedule }, i): TimePointRow => {
    const { run, done } = outcomes[i]!;
    const row = { time: new Date(time).toISOString(), schedule };
    return { ...row, ...(run === undefined ? {} : { run }), ...(done === undefined ? {} : { done }) };
  });
  const further = points.length > limit ? { continueSince: new Date(points[limit]!.time).toISOString() } : {};
  return { items, ...further };
}

/** One time point; the same one twice is the same run. Throws CT_CONFLICT for one that ran, or will by itself. */
export async function backfill(
  context: ApiContext,
  request: FastifyRequest,
  reply: FastifyReply,
  requester: Requester | undefined,
): Promise<Stored<Run>> {
  const { scheduledTime, slot: named, parameters, ...rest } = (request.body ?? {}) as Record<string, unknown>;
  const fits = named === undefined || typeof named === 'string';
  if (typeof scheduledTime !== 'string' || !fits || !isParameterMap(parameters) || Object.keys(rest).length > 0) {
    throw new CloudTaskError(
      'CT_BAD_REQUEST',
      'the body must be {"scheduledTime": string, "slot"?: string, "parameters"?: {name: value}}',
    );
  }
  const task = await taskOf(context, request);
  const values = parametersFor(task, parameters);
  const slot = chosenSlot(task, named);
  const time = instant('scheduledTime', scheduledTime);
  const { uid, namespace, name } = task.metadata;
  const [point] = compileSchedules(scheduleSpecOf(task), uid).between(time - 1, time, 1);
  if (point === undefined) throw bad('scheduledTime', `"${scheduledTime}" is no time point of the task`);
  const cursor = await consumedUpTo(context, task, slot);
  const [{ done, run, backfilled } = {}] = await cameTo(context, { taskUid: uid, slot }, [time], cursor);
  if (done !== undefined && backfilled !== true) {
    const why = run === undefined ? 'is to come by itself' : `has run "${run.name}" (${run.state})`;
    throw new CloudTaskError('CT_CONFLICT', {
      subject: `Task ${namespace}/${name}`,
      detail: `${scheduledTime} ${why}`,
    });
  }
  const identity = { taskUid: uid, trigger: 'Backfill', manualId: backfillId(time), slot } as const;
  return createOnce(
    context,
    { ...identity, ...values, scheduledTime: time },
    `${scheduledTime} was backfilled already`,
    reply,
    requester,
  );
}

const backfillId = (point: Instant): string => `backfill-${point}`;

interface Outcome extends Pick<TimePointRow, 'run' | 'done'> {
  /** `run` was made by a backfill. */
  readonly backfilled?: true;
}

/** What each time point came to: one call of the store, which looks for two runs per point. */
async function cameTo(
  { store }: ApiContext,
  { taskUid, slot }: SlotKey,
  points: readonly Instant[],
  cursor: Instant,
): Promise<Outcome[]> {
  const uidOf = (key: number | string) => runUid({ taskUid, slot, point: key });
  const uids = points.flatMap((point) => [uidOf(backfillId(point)), uidOf(point)]);
  const runs = new Map((await store.listByUid<Run>('Run', uids)).map((run) => [run.metadata.uid, run]));
  return points.map((point) => outcome(point, runs.get(uidOf(backfillId(point))), runs.get(uidOf(point)), cursor));
}

/** The run of the time point counts when it started something, or will; a record of one that did not leaves it open. */
function outcome(point: Instant, made: Run | undefined, own: Run | undefined, cursor: Instant): Outcome {
  const told = (run: Run) => ({ name: run.metadata.name, state: run.status?.state ?? 'Pending' });
  if (made !== undefined) return { run: told(made), done: 'HasRun', backfilled: true };
  if (own === undefined) return point > cursor ? { done: 'ToCome' } : {};
  const state = own.status?.state;
  return { run: told(own), ...(state === 'Skipped' || state === 'Missed' ? {} : { done: 'HasRun' }) };
}

/** Throws CT_UNAVAILABLE when the record cannot be read: a time point that its owner may be claiming must not run twice. */
async function consumedUpTo(
  { triggerRecords }: ApiContext,
  { metadata }: Stored<Task>,
  slot: string,
): Promise<Instant> {
  const [record] = await triggerRecords([{ taskUid: metadata.uid, slot }]);
  if (record !== undefined) return record.cursor;
  throw new CloudTaskError('CT_UNAVAILABLE', 'the trigger record of the task cannot be read now');
}

/** A time point has one outcome per slot: of a task with several, the slot must be named. */
function chosenSlot(task: Stored<Task>, named: string | undefined): string {
  if (named !== undefined) return requireSlot(task, named);
  if ((task.spec.placement?.mode ?? 'Single') === 'Single') return '';
  throw bad('slot', `the task has several slots: ${slotWords(task)}; say which`);
}

function instant(name: string, text: string | undefined): Instant {
  const time = /^\d{4}-\d\d-\d\d[Tt ]/.test(text ?? '') ? Date.parse(text ?? '') : Number.NaN;
  if (Number.isNaN(time)) throw bad(name, `"${text ?? ''}" is not an RFC 3339 time`);
  return time;
}
