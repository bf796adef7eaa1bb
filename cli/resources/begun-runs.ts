// Runs as they come: what a list has not, a watch tells.
import type { Run } from '../../manifests/index.js';
import { type Query, resourcePath } from '../client/paths.js';
import { listAll, type ObjectList, watchFrom } from '../client/watch.js';
import type { CliDeps } from '../deps.js';
import type { ApiObject } from './api-object.js';
import { hasOutput } from './find-run.js';

export type ListedRun = Run & ApiObject;

export interface BegunRuns {
  /** Those that are there, newest first. */
  readonly present: readonly ListedRun[];
  /** Those that come, in their order, without end. A run that is not to be started is left out. */
  following(): AsyncGenerator<ListedRun>;
}

/** Throws what listing throws. */
export async function begunRuns(namespace: string | undefined, query: Query, deps: CliDeps): Promise<BegunRuns> {
  const api = await deps.api();
  const path = resourcePath('runs', namespace);
  const list: ObjectList<ListedRun> = await listAll<ListedRun>(api, path, query);
  return {
    present: list.items,
    async *following() {
      const known = new Set(list.items.map(({ metadata }) => metadata.uid));
      for await (const { type, object } of watchFrom(api, path, query, list)) {
        const { uid } = object.metadata;
        if (type === 'DELETED') known.delete(uid);
        else if (!known.has(uid) && hasOutput(object)) {
          known.add(uid);
          yield object;
        }
      }
    },
  };
}
