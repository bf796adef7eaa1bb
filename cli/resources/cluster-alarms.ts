// What is wrong with a cluster by now, as far as its center has told it.
import { isCloudTaskError } from '../../base/index.js';
import type { AlarmEntry } from '../../manifests/index.js';
import type { Api } from '../client/api.js';
import { resourcePath } from '../client/paths.js';

/** undefined of a center that is older than its alarms. */
export async function alarmsOf(cluster: string, api: Api): Promise<readonly AlarmEntry[] | undefined> {
  try {
    const { items } = await api.get<{ items: AlarmEntry[] }>(resourcePath('clusters', undefined, cluster, 'alarms'));
    return items;
  } catch (error) {
    if (isCloudTaskError(error, 'CT_NOT_FOUND')) return undefined;
    throw error;
  }
}
