import { isCloudTaskError } from '../../base/index.js';
import type { AnyObject } from '../../manifests/index.js';
import { notFound } from './object-errors.js';
import type { Store } from './store.js';
import type { ObjectKey, Stored, UpdateOptions } from './store-types.js';

/** Each try is overtaken by another writer's commit, so some writer always gets through; this many in a row are a fault. */
const TRIES = 20;

/** Reads, changes and writes an object if it is still what was read; otherwise again. See `Store.update`. */
export async function compareAndSet<T extends AnyObject>(
  store: Pick<Store, 'get' | 'apply'>,
  key: ObjectKey,
  change: (object: Stored<T>) => T | undefined,
  options: UpdateOptions,
): Promise<Stored<T>> {
  for (let left = TRIES; ; left--) {
    const object = await store.get<T>(key);
    if (object === undefined) throw notFound(key);
    const { resourceVersion } = object.metadata;
    const changed = change(object);
    if (changed === undefined) return object;
    // A version that `change` hands back is the caller's precondition; it stands against the one that was read.
    const wanted = changed.metadata.resourceVersion;
    const next = { ...changed, metadata: { ...changed.metadata, resourceVersion: wanted ?? resourceVersion } };
    try {
      const [outcome] = await store.apply([next], { ...options, whole: true });
      return outcome!.object as unknown as Stored<T>;
    } catch (error) {
      const overtaken = isCloudTaskError(error, 'CT_CONFLICT') && (wanted ?? resourceVersion) === resourceVersion;
      if (!overtaken || left <= 1) throw error;
    }
  }
}
