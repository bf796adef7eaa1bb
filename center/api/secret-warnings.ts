import { type AnyObject, type Secret, secretReferences } from '../../manifests/index.js';
import type { Store } from '../store/index.js';

/** Tasks of a batch whose secrets are looked up: a warning is a help, not a check. */
const LOOKUPS_MAX = 200;

/** Sentences about secrets and keys that the tasks among these stored objects name and that are not there. */
export async function secretWarnings(store: Pick<Store, 'get'>, objects: readonly AnyObject[]): Promise<string[]> {
  const known = new Map<string, Secret | undefined>();
  for (const object of objects) {
    if (object.kind === 'Secret') known.set(`${object.metadata.namespace}/${object.metadata.name}`, object);
  }
  const warnings = new Set<string>();
  let left = LOOKUPS_MAX;
  for (const object of objects) {
    if (object.kind !== 'Task') continue;
    const { namespace = 'default', name: task } = object.metadata;
    for (const { secret, key, place } of secretReferences(object.spec.run)) {
      const id = `${namespace}/${secret}`;
      if (!known.has(id)) {
        if (left === 0) continue;
        left -= 1;
        known.set(id, await store.get<Secret>({ kind: 'Secret', namespace, name: secret }));
      }
      const found = known.get(id);
      const at = `task ${namespace}/${task}: spec.run.${place}`;
      const late = 'its attempts fail to start until it is there';
      if (found === undefined) warnings.add(`${at}: secret "${secret}" does not exist; ${late}`);
      else if (key !== undefined && !Object.hasOwn(found.spec.data ?? {}, key)) {
        warnings.add(`${at}: secret "${secret}" has no key "${key}"; ${late}`);
      }
    }
  }
  return [...warnings];
}
