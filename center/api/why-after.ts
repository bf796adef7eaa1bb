// What a task waits for, and what of it is there (spec.after).
import {
  type AfterResult,
  isAsked,
  isResult,
  type Run,
  type RunState,
  runUid,
  type Task,
} from '../../manifests/index.js';
import type { Cause } from '../store/dependencies/dependency-book.js';
import type { Store, Stored } from '../store/index.js';
import type { Finding } from './why.js';

export interface AfterReply {
  readonly match: 'All' | 'Any';
  readonly within?: string;
  readonly tasks: readonly AfterTaskReply[];
}

export interface AfterTaskReply {
  readonly name: string;
  readonly on: AfterResult;
  /** There is no such task. */
  readonly missing?: true;
  /** Its latest result that has not caused a run; match All only. */
  readonly arrived?: { readonly run: string; readonly state: RunState; readonly time: string; readonly asked: boolean };
  /** Without such a result: its last run, if it ended with a result, and whether that has caused a run. */
  readonly latest?: { readonly run: string; readonly state: RunState; readonly time: string; readonly used: boolean };
}

export async function afterReply(
  store: Pick<Store, 'dependencies' | 'get'>,
  { metadata, spec }: Stored<Task>,
): Promise<AfterReply | undefined> {
  const { after } = spec;
  if (after === undefined) return undefined;
  const { namespace = 'default', uid } = metadata;
  const arrived = await store.dependencies.arrivedAt(uid);
  const tasks: AfterTaskReply[] = [];
  for (const { name, on = 'Succeeded' } of after.tasks) {
    const upstream = await store.get<Task>({ kind: 'Task', namespace, name });
    const result = arrivedOf(arrived[name], on) ?? (upstream && (await latestOf(store, uid, upstream)));
    tasks.push({ name, on, ...(upstream === undefined ? { missing: true } : {}), ...result });
  }
  return { match: after.match ?? 'All', ...(after.within === undefined ? {} : { within: after.within }), tasks };
}

function arrivedOf(cause: Cause | undefined, on: AfterResult): Pick<AfterTaskReply, 'arrived'> | undefined {
  if (cause === undefined) return undefined;
  const { name: run, state, endTime } = cause;
  return { arrived: { run, state, time: new Date(endTime).toISOString(), asked: isAsked(on, state) } };
}

/** A result that has made the task due is no longer noted as arrived: the last run is asked whether it was that. */
async function latestOf(
  store: Pick<Store, 'dependencies' | 'get'>,
  taskUid: string,
  { metadata: { namespace = 'default' }, status }: Stored<Task>,
): Promise<Pick<AfterTaskReply, 'latest'>> {
  const { lastRun } = status ?? {};
  if (lastRun === undefined || !isResult(lastRun.state as RunState)) return {};
  const { name, time } = lastRun;
  const run = await store.get<Run>({ kind: 'Run', namespace, name });
  const used = run !== undefined && (await store.dependencies.usedBy(taskUid, causesOf(run))).length > 0;
  return { latest: { run: name, state: lastRun.state as RunState, time, used } };
}

/** As what a run may have been used: itself, or the group of the runs of all slots. */
function causesOf({ metadata, spec }: Stored<Run>): string[] {
  const { taskUid, slot, manualId, scheduledTime } = spec;
  const point = manualId ?? (scheduledTime === undefined ? '' : Date.parse(scheduledTime));
  return slot === '' ? [metadata.uid] : [runUid({ taskUid, slot: '', point })];
}

/** What is missing, and what has not come yet. */
export function afterFindings(after: AfterReply | undefined): Finding[] {
  if (after === undefined) return [];
  const { match, within, tasks } = after;
  const missing = tasks
    .filter((task) => task.missing)
    .map(({ name }) => ({ reason: 'TaskMissing', message: `it waits for task ${name}, which does not exist` }));
  const open = tasks.filter(({ arrived }) => arrived?.asked !== true);
  const list = (open.length === 0 ? tasks : open).map(awaited).join(match === 'Any' ? ' or ' : ' and ');
  // All are there and it has not run: they ended too far apart.
  const apart =
    open.length === 0 && within !== undefined ? `: those that have come ended more than ${within} apart` : '';
  return [...missing, { reason: 'WaitsFor', message: `it runs after a result of ${list}${apart}` }];
}

function awaited({ name, on, arrived }: AfterTaskReply): string {
  return `${name} (${on}${arrived === undefined ? '' : `, the latest is ${arrived.state}`})`;
}
