import { CloudTaskError, formatAge, parseDuration } from '../../../base/index.js';
import { isComplete, suspensionWords, type Task } from '../../../manifests/index.js';
import { resourcePath } from '../../client/paths.js';
import { listAll, type ObjectList, watchFrom } from '../../client/watch.js';
import type { CliDeps } from '../../deps.js';
import { isoTime } from '../../output/times.js';
import type { ApiObject } from '../../resources/api-object.js';
import { taskNames, usage } from '../../resources/target.js';
import { inTime } from '../agents/in-time.js';

export interface StatusOptions {
  readonly tasks: readonly string[];
  readonly watch: boolean;
  /** 0 for no limit. */
  readonly timeoutMs: number;
}

export interface StatusFlags {
  watch: string | boolean;
  timeout: string;
}

export function statusOptions(words: readonly string[], { watch, timeout }: StatusFlags): StatusOptions {
  if (!['true', 'false', true, false].includes(watch)) throw usage(`--watch "${watch}" is neither true nor false`);
  const timeoutMs = /^\d+$/.test(timeout) ? Number(timeout) * 1000 : parseDuration(timeout);
  if (timeoutMs === undefined) throw usage(`--timeout "${timeout}" is not a duration such as 30s`);
  return { tasks: taskNames(words), watch: String(watch) === 'true', timeoutMs };
}

export async function runStatus(options: StatusOptions, deps: CliDeps): Promise<void> {
  const { timeoutMs } = options;
  for (const task of options.tasks) {
    const work = one(task, options, deps);
    const late = () => `timed out waiting for the condition on tasks/${task}`;
    await (timeoutMs === 0 || !options.watch ? work : inTime(work, timeoutMs, deps, late));
  }
}

async function one(name: string, { watch }: StatusOptions, deps: CliDeps): Promise<void> {
  const api = await deps.api();
  const { namespace } = await deps.settings();
  // A name that does not exist is an error, not something to wait for.
  await api.get(resourcePath('tasks', namespace, name));
  const path = resourcePath('tasks', namespace);
  const query = { fieldSelector: `metadata.name=${name}` };
  const list = await listAll<ApiObject>(api, path, query);
  let said = '';
  for await (const object of states(list)) {
    const task = object as unknown as Task;
    const { word, line } = progress(task, deps.clock.now());
    if (word === 'done') return deps.out(`${line}\n`);
    if (word === 'failed' || !watch) {
      deps.setExit(1);
      return deps.out(`${line}\n`);
    }
    if (line !== said) await deps.out(`${line}\n`);
    said = line;
  }

  async function* states(first: ObjectList<ApiObject>): AsyncGenerator<ApiObject> {
    yield* first.items;
    for await (const { type, object } of watchFrom(api, path, query, first)) {
      if (type !== 'DELETED') yield object;
      else throw new CloudTaskError('CT_NOT_FOUND', `task "${name}" was deleted`);
    }
  }
}

/** How far the latest generation of a task is, in one line (C-29). */
export function progress(task: Task, now: number): { word: 'done' | 'failed' | 'waiting'; line: string } {
  const { metadata, spec, status } = task;
  const subject = `task "${metadata.name}"`;
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  const current = (status?.observedGeneration ?? 0) >= (metadata.generation ?? 1);
  if (ready?.status !== 'True' || !current) {
    const failed = ready?.reason === 'TaskRefused' && ready.observedGeneration === metadata.generation;
    const why = ready === undefined ? 'the center has not looked at it yet' : ready.message;
    const latest = current || failed || ready === undefined ? why : 'the latest generation is not in force yet';
    return { word: failed ? 'failed' : 'waiting', line: `${subject} is not ready: ${latest}` };
  }
  const suspension = suspensionWords(spec, now);
  if (suspension !== undefined) return { word: 'done', line: `${subject} is ${suspension}: no time point fires` };
  if (isComplete(task)) return { word: 'done', line: `${subject} is complete: it has had its runs (maxRuns)` };
  if (status?.nextTime === undefined) return { word: 'done', line: `${subject} is active: no further time point` };
  const next = Date.parse(status.nextTime);
  return {
    word: 'done',
    line: `${subject} is active: next run ${isoTime(next)} (in ${formatAge(Math.max(0, next - now))})`,
  };
}
