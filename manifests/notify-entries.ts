// Which Notifiers an object names.
import type { ClusterNotify, RunNotify } from './kinds/notify.js';
import type { AnyObject } from './kinds/registry.js';

/** Namespace of the Notifiers that clusters name. */
export const SYSTEM_NAMESPACE = 'cloudtask-system';

export interface NotifyEntry {
  readonly notifier: string;
  readonly field: string;
  /** Namespace in which that Notifier is. */
  readonly home: string;
}

export function notifyEntries(object: AnyObject): NotifyEntry[] {
  const [list, home] = listOf(object);
  return (list ?? []).map(({ notifier }, index) => ({ notifier, field: `spec.notify[${index}].notifier`, home }));
}

function listOf(object: AnyObject): [readonly (RunNotify | ClusterNotify)[] | undefined, string] {
  if (object.kind === 'Task') return [object.spec.notify, object.metadata.namespace ?? 'default'];
  if (object.kind === 'Namespace') return [object.spec.notify, object.metadata.name];
  if (object.kind === 'Cluster') return [object.spec.notify, SYSTEM_NAMESPACE];
  return [undefined, ''];
}
