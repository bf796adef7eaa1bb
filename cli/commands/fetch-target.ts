// The objects that words of a command line stand for, from the center.
import { type CloudTaskError, isCloudTaskError } from '../../base/index.js';
import type { Api } from '../client/api.js';
import { type Query, resourcePath } from '../client/paths.js';
import { listAll, type ObjectList } from '../client/watch.js';
import type { CliDeps } from '../deps.js';
import type { ApiObject } from '../resources/api-object.js';
import { withNearName } from '../resources/near-name.js';
import { type Target, usage } from '../resources/target.js';
import type { GetOptions } from './get-options.js';

/** The objects a target names, or all that the selectors let through. */
export async function fetchTarget(
  api: Api,
  target: Target,
  options: Pick<GetOptions, 'allNamespaces' | 'ignoreNotFound' | 'chunkSize' | 'selector' | 'fieldSelector'>,
  missing: CloudTaskError[],
  deps: CliDeps,
): Promise<ApiObject[]> {
  if (target.names === undefined) return (await listTarget(api, target, options, deps)).items;
  if (options.allNamespaces && target.resource.namespaced) {
    throw usage('a resource cannot be retrieved by name across all namespaces');
  }
  const namespace = target.namespace ?? (await deps.settings()).namespace;
  const objects: ApiObject[] = [];
  for (const name of target.names) {
    const path = resourcePath(target.resource.name, target.resource.namespaced ? namespace : undefined, name);
    try {
      objects.push(await api.get<ApiObject>(path));
    } catch (error) {
      if (!isCloudTaskError(error, 'CT_NOT_FOUND')) throw error;
      if (options.ignoreNotFound) continue;
      // Only for somebody who reads it: scripts know the names they ask for.
      const list = resourcePath(target.resource.name, target.resource.namespaced ? namespace : undefined);
      missing.push(deps.host.stderr.isTTY ? await withNearName(error, api, list, name) : error);
    }
  }
  return objects;
}

/** What of a kind is asked for. */
type ListScope = Pick<GetOptions, 'allNamespaces' | 'chunkSize' | 'selector' | 'fieldSelector'>;

export async function listTarget(
  api: Api,
  target: Target,
  options: ListScope,
  deps: CliDeps,
): Promise<ObjectList<ApiObject>> {
  const { path, query } = await listOf(target, options, deps);
  const list = await listAll<ApiObject>(api, path, query, options.chunkSize);
  return { ...list, items: list.items.map((item) => typed(item, target.resource.kind)) };
}

export async function listOf(
  { resource, namespace: own }: Target,
  options: ListScope,
  deps: CliDeps,
): Promise<{ path: string; query: Query }> {
  const namespace = own ?? (await deps.settings()).namespace;
  const path = resourcePath(resource.name, resource.namespaced && !options.allNamespaces ? namespace : undefined);
  return { path, query: { labelSelector: options.selector, fieldSelector: options.fieldSelector } };
}

/** Items of a list may come without the kind that the list tells. */
export function typed(object: ApiObject, kind: string): ApiObject {
  return object.kind === undefined ? { ...object, apiVersion: 'cloudtask.dev/v1', kind } : object;
}
