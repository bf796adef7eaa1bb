// Which Notifiers an object names.
import type { ClusterNotify, RunNotify } from './kinds/notify.js';
import type { AnyObject } from './kinds/registry.js';

/** Namespace of the Notifiers that clusters name. */
export const SYSTEM_NAMESPACE = 'cloudtask-system';

export interface NotifyEntry {
  readonly notifier: string;
  readonly field: string;
  /** Field of addresses of its own; absent where it has none. */
  readonly to?: string;
  /** Namespace in which that Notifier is. */
  readonly home: string;
}

export function notifyEntries(object: AnyObject): NotifyEntry[] {
  return listsOf(object).flatMap(({ list = [], home, field = 'notify' }) =>
    list.map(({ notifier, to }, index) => {
      const path = `spec.${field}[${index}]`;
      return { notifier, field: `${path}.notifier`, home, ...(to === undefined ? {} : { to: `${path}.to` }) };
    }),
  );
}

interface List {
  readonly list: readonly (RunNotify | ClusterNotify)[] | undefined;
  readonly home: string;
  readonly field?: string;
}

function listsOf(object: AnyObject): List[] {
  if (object.kind === 'Task') return [{ list: object.spec.notify, home: object.metadata.namespace ?? 'default' }];
  if (object.kind === 'Namespace') return [{ list: object.spec.notify, home: object.metadata.name }];
  if (object.kind !== 'Cluster') return [];
  const home = SYSTEM_NAMESPACE;
  return [
    { list: object.spec.notify, home },
    { list: object.spec.notifyRuns, home, field: 'notifyRuns' },
  ];
}
