// What `ctask create task NAME --from=task/OTHER` makes of the other task.
import type { TaskSpec } from '../../manifests/index.js';
import { resourcePath } from '../client/paths.js';
import type { CliDeps } from '../deps.js';
import type { ApiObject } from '../resources/api-object.js';
import { oneName, TASK_NAMES } from '../resources/target.js';
import { manifestOf } from './export.js';

/** A specification in the making: what the flags of `create task` say, and nothing else. */
export type TaskDraft = Partial<TaskSpec>;

export interface Source {
  /** `task/NAME` or `NAME`. */
  readonly from: string;
  /** Where it is; the namespace of the command unless given. */
  readonly fromNamespace?: string;
}

/**
 * The manifest of a task as its author could have written it, as `ctask export` gives it, under a new name: the same labels
 * (without the set it is in) and annotations, and `draft` over its specification. Whether the source is suspended is the
 * state that somebody brought it to for a while; it is not copied. Throws CT_NOT_FOUND.
 */
export async function cloneTask(
  name: string,
  { from, fromNamespace }: Source,
  draft: TaskDraft,
  labels: Readonly<Record<string, string>>,
  deps: CliDeps,
): Promise<object> {
  const { namespace } = await deps.settings();
  const path = resourcePath('tasks', fromNamespace ?? namespace, oneName(from, TASK_NAMES).name);
  const { metadata, spec, ...head } = manifestOf(await (await deps.api()).get<ApiObject>(path));
  const { name: _name, namespace: _namespace, labels: old, ...kept } = metadata;
  const both = { ...(old as Record<string, string> | undefined), ...labels };
  const named = { name, ...(Object.keys(both).length === 0 ? {} : { labels: both }), ...kept };
  return { ...head, metadata: named, spec: overlay(spec as TaskSpec, draft) };
}

/** What the flags say in place of what the task says. Schedules and the program are replaced as a whole; variables by name. */
export function overlay({ suspend: _, ...spec }: TaskSpec, draft: TaskDraft): TaskSpec {
  const { placement, retry, run, ...rest } = draft;
  return {
    ...{ ...spec, ...rest },
    ...(placement === undefined ? {} : { placement: { ...spec.placement, ...placement } }),
    ...(retry === undefined ? {} : { retry: { ...spec.retry, ...retry } }),
    run: run === undefined ? spec.run : overlayRun(spec.run, run),
  };
}

function overlayRun(run: TaskSpec['run'], { command, env = [] }: TaskSpec['run']): TaskSpec['run'] {
  const { command: _command, script: _script, interpreter: _interpreter, ...around } = run;
  const program = command === undefined ? run : { ...around, command };
  if (env.length === 0) return program;
  const given = new Set(env.map(({ name }) => name));
  return { ...program, env: [...(run.env ?? []).filter(({ name }) => !given.has(name)), ...env] };
}
