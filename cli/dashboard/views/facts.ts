// What the views of many objects ask of a run or a task, read once per version of the object: objects are never changed, so that
// what was read stays true, and 10,000 of them cost nothing each second unless they changed.
import type { Instant } from '../../../base/index.js';
import { isFinal, type Run, suspensionEnd, type Task, taskHealth, taskState } from '../../../manifests/index.js';
import { safeCell } from '../../output/terminal-safety.js';

export interface RunFacts {
  readonly namespace: string;
  readonly name: string;
  readonly task: string;
  /** `namespace/task`. */
  readonly taskKey: string;
  readonly state: string;
  readonly agent: string;
  readonly final: boolean;
  /** It ended, or never began, otherwise than it should. */
  readonly bad: boolean;
  readonly created: Instant;
  readonly start?: Instant;
  readonly end?: Instant;
}

export interface TaskFacts {
  readonly namespace: string;
  readonly name: string;
  readonly key: string;
  readonly state: string;
  readonly health: string;
  /** First instant from which time points fire: Infinity while it is suspended without an end. */
  readonly firesFrom: Instant;
  /** As the center last said; it may lie a little in the past. None that the suspension covers: the status may be older than it. */
  readonly next?: Instant;
  readonly lastState?: string;
  readonly lastTime?: Instant;
  readonly failing: boolean;
}

const BAD: ReadonlySet<string> = new Set(['Failed', 'TimedOut', 'Lost', 'Missed']);

const runs = new WeakMap<Run, RunFacts>();
const tasks = new WeakMap<Task, TaskFacts>();

export function runFacts(run: Run): RunFacts {
  const known = runs.get(run);
  if (known !== undefined) return known;
  const { metadata, spec, status } = run;
  const state = status?.state ?? 'Pending';
  const namespace = safeCell(metadata.namespace ?? '');
  const task = safeCell(spec.task);
  const start = instantOf(status?.startTime);
  const end = instantOf(status?.endTime);
  const facts: RunFacts = {
    namespace,
    name: safeCell(metadata.name),
    task,
    taskKey: `${namespace}/${task}`,
    state: safeCell(state),
    agent: safeCell(status?.agent ?? ''),
    final: isFinal(state),
    bad: BAD.has(state),
    created: instantOf(metadata.creationTimestamp) ?? 0,
    ...(start === undefined ? {} : { start }),
    ...(end === undefined ? {} : { end }),
  };
  runs.set(run, facts);
  return facts;
}

export function taskFacts(task: Task): TaskFacts {
  const known = tasks.get(task);
  if (known !== undefined) return known;
  const { metadata, spec, status } = task;
  const namespace = safeCell(metadata.namespace ?? '');
  const name = safeCell(metadata.name);
  const health = taskHealth(task);
  const last = status?.lastRun;
  const firesFrom = suspensionEnd(spec);
  const told = instantOf(status?.nextTime);
  const next = told === undefined || told < firesFrom ? undefined : told;
  const lastTime = instantOf(last?.time);
  const facts: TaskFacts = {
    namespace,
    name,
    key: `${namespace}/${name}`,
    state: safeCell(taskState(task)),
    health: safeCell(health),
    firesFrom,
    failing: BAD.has(last?.state ?? '') || (health !== 'Healthy' && health !== '<unknown>'),
    ...(next === undefined ? {} : { next }),
    ...(last === undefined ? {} : { lastState: safeCell(last.state) }),
    ...(lastTime === undefined ? {} : { lastTime }),
  };
  tasks.set(task, facts);
  return facts;
}

function instantOf(time: string | undefined): Instant | undefined {
  const instant = time === undefined ? Number.NaN : Date.parse(time);
  return Number.isNaN(instant) ? undefined : instant;
}
