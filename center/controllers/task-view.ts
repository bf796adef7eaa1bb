import { parseBytes, parseDuration } from '../../base/index.js';
import {
  runsAtOnce,
  type ScheduleSpec,
  scheduleSpecOf,
  shardsOf,
  type Task,
  taskPolicy,
} from '../../manifests/index.js';
import type { Stored } from '../store/store-types.js';
import type { PlanTask } from './allocation/types.js';

const HISTORY_RUNS_DEFAULT = 100;
const HISTORY_AGE_DEFAULT_MS = 90 * 86_400_000;

/** Attempts of one run, whatever the retry policy says: one that loses each of its machines must come to an end. */
const RERUN_ATTEMPTS_MIN = 4;

export interface RerunPolicy {
  /** Attempts of one run in all. */
  readonly attemptsMax: number;
  /** A run that has been Lost for longer than this stays so. */
  readonly windowMs: number;
}

/** What controllers keep of a task. */
export interface TaskView extends PlanTask {
  readonly namespace: string;
  readonly name: string;
  /** It is deleted in the foreground: when its runs have ended it goes. */
  readonly going?: true;
  /** No time point of it is run from then on, ms: it has none, has had its runs, or is past. Absent: its schedules go on. */
  readonly firesUntil?: number;
  /** onLost: Rerun; undefined: a Lost run stays Lost. */
  readonly rerun?: RerunPolicy;
  /** Names of the tasks that it waits for (spec.after). */
  readonly after?: readonly string[];
  /** retry.agent: Other. */
  readonly retryElsewhere?: true;
  /** `bytes`: undefined for no limit. */
  readonly history: { readonly runs: number; readonly ageMs: number; readonly bytes: number | undefined };
}

/** What an edit changed, as far as trigger records care. */
export interface TaskEdit {
  /** Generation before the edit. */
  readonly from: number;
  readonly scheduleChanged: boolean;
  /** The schedules that were in force until then. */
  readonly schedules: ScheduleSpec;
}

export function taskViewOf(task: Stored<Task>): TaskView {
  const { spec, metadata } = task;
  const { selector, agents, mode } = spec.placement ?? {};
  return {
    uid: metadata.uid,
    namespace: metadata.namespace ?? 'default',
    name: metadata.name,
    cluster: spec.cluster ?? 'default',
    generation: metadata.generation,
    suspended: (spec.suspend ?? false) || metadata.deletionTimestamp !== undefined,
    ...(spec.suspendUntil === undefined ? {} : { suspendedUntil: Date.parse(spec.suspendUntil) }),
    ...(metadata.deletionTimestamp === undefined ? {} : { going: true }),
    ...firesUntilOf(task),
    createdAt: Date.parse(metadata.creationTimestamp),
    allowsOverlap: runsAtOnce(spec) === Number.POSITIVE_INFINITY,
    history: {
      runs: spec.history?.runs ?? HISTORY_RUNS_DEFAULT,
      ageMs: parseDuration(spec.history?.age ?? '') ?? HISTORY_AGE_DEFAULT_MS,
      bytes: spec.history?.bytes === undefined ? undefined : parseBytes(spec.history.bytes),
    },
    ...(spec.after === undefined ? {} : { after: spec.after.tasks.map(({ name }) => name) }),
    ...(spec.retry?.agent === 'Other' ? { retryElsewhere: true } : {}),
    ...(spec.onLost === 'Rerun' ? { rerun: rerunPolicyOf(spec) } : {}),
    ...(selector === undefined ? {} : { selector }),
    ...(agents === undefined ? {} : { pinned: agents }),
    ...(mode === 'EveryAgent' ? { mode } : {}),
    ...(mode === 'Shards' ? { mode, shards: shardsOf(spec) } : {}),
  };
}

/** As far as the task and its status say it. */
export function firesUntilOf({ spec, status }: Stored<Task>): Pick<TaskView, 'firesUntil'> {
  const { schedules = [] } = spec;
  if (schedules.length === 0 || status?.state === 'Complete') return { firesUntil: 0 };
  const instants = schedules.map(({ at }) => (at === undefined ? Number.POSITIVE_INFINITY : Date.parse(at)));
  const last = Math.max(...instants);
  if (last === Number.POSITIVE_INFINITY) return {};
  const ended = Date.parse(status?.lastRun?.time ?? '');
  // Who runs on every agent, or in shards, has run when the last of them has: that is not known here.
  const alone = (spec.placement?.mode ?? 'Single') === 'Single';
  return { firesUntil: alone && ended >= last ? last : last + taskPolicy(spec).catchUpWindowMs };
}

function rerunPolicyOf(spec: Task['spec']): RerunPolicy {
  const { retry, catchUpWindowMs } = taskPolicy(spec);
  return { attemptsMax: Math.max(RERUN_ATTEMPTS_MIN, retry.limit + 1), windowMs: catchUpWindowMs };
}

export function editOf(previous: Stored<Task>, task: Stored<Task>): TaskEdit {
  const before = scheduleSpecOf(previous);
  return {
    from: previous.metadata.generation,
    scheduleChanged: JSON.stringify(before) !== JSON.stringify(scheduleSpecOf(task)),
    schedules: before,
  };
}
