// ctask apply --wait=ready (C-12): until what was applied is in force, for pipelines that want to know.
import { CloudTaskError, parseDuration } from '../../base/index.js';
import type { Task } from '../../manifests/index.js';
import type { Query } from '../client/paths.js';
import { resourcePath } from '../client/paths.js';
import { listAll, watchFrom } from '../client/watch.js';
import type { CliDeps } from '../deps.js';
import type { ApiObject } from '../resources/api-object.js';
import { usage } from '../resources/target.js';
import { inTime } from './agents/in-time.js';
import type { ApplyResult } from './apply-results.js';
import { progress } from './rollout/status.js';

export interface WaitOptions {
  /** false: do not wait for tasks; what is pruned is gone with the reply in any case. */
  readonly ready: boolean;
  /** 0 for no limit. */
  readonly timeoutMs: number;
}

/** `--wait` alone is what kubectl has: until pruned objects are gone. Throws CT_USAGE. */
export function waitOptions(wait: string | boolean | undefined, timeout = '0'): WaitOptions {
  if (!['ready', 'true', 'false', true, false, undefined].includes(wait)) {
    throw usage(`--wait "${wait}" is not ready`);
  }
  const timeoutMs = /^\d+$/.test(timeout) ? Number(timeout) * 1000 : parseDuration(timeout);
  if (timeoutMs === undefined) throw usage(`--timeout "${timeout}" is not a duration such as 30s`);
  return { ready: wait === 'ready', timeoutMs };
}

/** Resolves when the generation that was applied of every task is in force. A task that no agent can schedule is told, and
 * makes the exit code 1. Throws CT_TIMEOUT. */
export async function untilReady(
  results: readonly ApplyResult[],
  { ready, timeoutMs }: WaitOptions,
  deps: CliDeps,
): Promise<void> {
  if (!ready) return;
  const waiting = new Map<string, Set<string>>();
  for (const result of results) {
    if (!('object' in result) || result.operation === 'pruned' || result.object.kind !== 'Task') continue;
    const { name, namespace = '' } = result.object.metadata;
    waiting.set(namespace, (waiting.get(namespace) ?? new Set()).add(name));
  }
  const work = (async () => {
    for (const [namespace, names] of waiting) await allReady(namespace, names, deps);
  })();
  const late = () => {
    const [first, ...more] = [...waiting.values()].flatMap((names) => [...names]);
    return `timed out waiting for the condition on tasks/${first}${more.length === 0 ? '' : ` and ${more.length} more`}`;
  };
  await (timeoutMs === 0 ? work : inTime(work, timeoutMs, deps, late));
}

/** One watch for all of a namespace: thousands of tasks come into force at once. Takes out of `names` what is done. */
async function allReady(namespace: string, names: Set<string>, deps: CliDeps): Promise<void> {
  const api = await deps.api();
  const path = resourcePath('tasks', namespace);
  const [only] = names;
  const query: Query = names.size === 1 ? { fieldSelector: `metadata.name=${only}` } : {};
  const look = async (object: ApiObject) => {
    if (!names.has(object.metadata.name)) return;
    const { word, line } = progress(object as unknown as Task, deps.clock.now());
    if (word === 'waiting') return;
    names.delete(object.metadata.name);
    if (word !== 'failed') return;
    deps.setExit(1);
    await deps.say(`error: ${line}`);
  };
  const list = await listAll<ApiObject>(api, path, query);
  for (const object of list.items) await look(object);
  if (names.size === 0) return;
  for await (const { type, object } of watchFrom(api, path, query, list)) {
    if (type === 'DELETED' && names.has(object.metadata.name)) {
      throw new CloudTaskError('CT_NOT_FOUND', `task "${object.metadata.name}" was deleted`);
    }
    await look(object);
    if (names.size === 0) return;
  }
}
