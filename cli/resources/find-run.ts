// Which run `NAME`, `run/NAME` or `task/NAME` means.
import { CloudTaskError, isCloudTaskError } from '../../base/index.js';
import { isFinal, type Run } from '../../manifests/index.js';
import { resourcePath } from '../client/paths.js';
import { listAll, type ObjectList, watchFrom } from '../client/watch.js';
import type { CliDeps } from '../deps.js';
import type { ApiObject } from './api-object.js';
import { oneName, RUN_NAMES, TASK_NAMES } from './target.js';

export interface FindRunOptions {
  /** Wait for the first run of a task that has none. */
  readonly follow: boolean;
  readonly previous: boolean;
  readonly attempt?: number;
}

export interface FoundRun {
  readonly run: Run;
  /** The attempt asked for; absent: all of them. */
  readonly attempt?: number;
}

/** A bare name is a run's; when there is none, a task's. Throws CT_NOT_FOUND. */
export async function findRun(word: string, options: FindRunOptions, deps: CliDeps): Promise<FoundRun> {
  const { type, name } = oneName(word, [...RUN_NAMES, ...TASK_NAMES]);
  const chosen = options.attempt === undefined ? {} : { attempt: options.attempt };
  if ((TASK_NAMES as readonly string[]).includes(type ?? '')) {
    const run = await ofTask(name, options, deps);
    requireAttempt(run, options);
    return { run, ...chosen };
  }
  const run = await ofName(name, type, deps);
  if (run === undefined) return findRun(`task/${name}`, options, deps);
  requireAttempt(run, options);
  return options.previous ? { run, attempt: attemptBefore(run) } : { run, ...chosen };
}

/** Undefined when there is no such run and the name may be a task's. */
async function ofName(name: string, type: string | undefined, deps: CliDeps): Promise<Run | undefined> {
  const { namespace } = await deps.settings();
  try {
    return await (await deps.api()).get<Run>(resourcePath('runs', namespace, name));
  } catch (error) {
    if (type !== undefined || !isCloudTaskError(error, 'CT_NOT_FOUND')) throw error;
    return undefined;
  }
}

function requireAttempt(run: Run, { attempt, follow }: FindRunOptions): void {
  const missing = attempt === undefined ? undefined : missingAttempt(run, attempt, follow);
  if (missing !== undefined) throw new CloudTaskError('CT_NOT_FOUND', missing);
}

/** Why there is no output of that attempt; undefined when there is some, or with `follow` when a run that goes on may come to it. */
export function missingAttempt({ metadata, status }: Run, attempt: number, follow: boolean): string | undefined {
  if (follow && !isFinal(status?.state ?? 'Pending')) return undefined;
  const known = (status?.attempts ?? []).map(({ number }) => number);
  if (known.includes(attempt)) return undefined;
  const which = known.length === 0 ? 'none yet' : known.join(', ');
  return `run "${metadata.name}" has no attempt ${attempt}; it has ${which}`;
}

function attemptBefore({ metadata, status }: Run): number {
  const last = status?.attempts?.at(-1)?.number ?? 1;
  if (last < 2) throw new CloudTaskError('CT_NOT_FOUND', `run "${metadata.name}" has no previous attempt`);
  return last - 1;
}

async function ofTask(task: string, options: FindRunOptions, deps: CliDeps): Promise<Run> {
  const api = await deps.api();
  const { namespace } = await deps.settings();
  await api.get(resourcePath('tasks', namespace, task)); // tells apart a task without runs and no task
  const path = resourcePath('runs', namespace);
  const query = { fieldSelector: `spec.task=${task}` };
  const list = await listAll<Run>(api, path, query);
  const runs = newestFirst(list.items.filter(hasOutput));
  const found = runs[options.previous ? 1 : 0];
  if (found !== undefined) return found;
  if (options.previous) throw new CloudTaskError('CT_NOT_FOUND', `task "${task}" has no previous run`);
  if (!options.follow) throw new CloudTaskError('CT_NOT_FOUND', `task "${task}" has not run yet`);
  await deps.say(`# task ${task} has not run yet; waiting for its first run`);
  for await (const { type, object } of watchFrom(api, path, query, list as unknown as ObjectList<ApiObject>)) {
    if (type !== 'DELETED' && hasOutput(object as unknown as Run)) return object as unknown as Run;
  }
  throw new CloudTaskError('CT_NOT_FOUND', `task "${task}" has not run yet`);
}

/** Runs that never start have no output, now or later. */
export function hasOutput({ status }: Run): boolean {
  return status?.state !== 'Skipped' && status?.state !== 'Missed';
}

export function newestFirst(runs: readonly Run[]): Run[] {
  const time = ({ spec, metadata, status }: Run) =>
    Date.parse(
      status?.startTime ??
        (spec.manualId === undefined ? spec.scheduledTime : undefined) ??
        metadata.creationTimestamp ??
        '',
    ) || 0;
  return [...runs].sort((a, b) => time(b) - time(a));
}
