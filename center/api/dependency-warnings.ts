import type { AnyObject, Task } from '../../manifests/index.js';
import type { ObjectKey, Store } from '../store/index.js';

/** Names that are looked up for one batch: a warning is a help, not a check. */
const LOOKUPS_MAX = 200;

/** Names in one sentence. */
const NAMED_MAX = 5;
/** Tasks that are looked at for it. */
const DEPENDENTS_MAX = 100;

/** A sentence about the tasks that wait for one that goes; none for other kinds. */
export async function dependentsWarnings(store: Pick<Store, 'dependencies'>, key: ObjectKey): Promise<string[]> {
  const { kind, namespace, name } = key;
  if (kind !== 'Task') return [];
  const page = { namespace, upstream: name, causeUid: '', after: '', limit: DEPENDENTS_MAX };
  const staying = (await store.dependencies.dependents(page)).filter(({ going }) => !going);
  if (staying.length === 0) return [];
  const names = staying.map((dependent) => dependent.name).sort();
  const more = names.length > NAMED_MAX ? ' and others' : '';
  const list = `${names.slice(0, NAMED_MAX).join(', ')}${more}`;
  return [`task ${namespace}/${name} is named in spec.after of ${list}; nothing comes of it there until it is back`];
}

/** Sentences about tasks that those among these stored objects wait for and that are not there. */
export async function dependencyWarnings(store: Pick<Store, 'get'>, objects: readonly AnyObject[]): Promise<string[]> {
  const known = new Map<string, boolean>();
  const idOf = ({ namespace = 'default', name }: AnyObject['metadata']) => `${namespace}/${name}`;
  for (const { kind, metadata } of objects) if (kind === 'Task') known.set(idOf(metadata), true);
  const warnings: string[] = [];
  let left = LOOKUPS_MAX;
  for (const object of objects) {
    if (object.kind !== 'Task') continue;
    const { namespace = 'default', name: task } = object.metadata;
    for (const [index, { name }] of (object.spec.after?.tasks ?? []).entries()) {
      const id = idOf({ namespace, name });
      if (!known.has(id)) {
        if (left === 0) continue;
        left -= 1;
        known.set(id, (await store.get<Task>({ kind: 'Task', namespace, name })) !== undefined);
      }
      if (known.get(id)) continue;
      const at = `task ${namespace}/${task}: spec.after.tasks[${index}].name`;
      warnings.push(`${at}: task "${name}" does not exist; nothing comes of it until it is there`);
    }
  }
  return warnings;
}
