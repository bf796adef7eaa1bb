// spec.notify of tasks, namespaces and clusters, and spec.notifyRuns of these: who is told of what.
import { matchesSelector, type RunNotify, SYSTEM_NAMESPACE } from '../../../manifests/index.js';
import { ApiError } from '../api/api-error.js';
import type { ClusterObject, NamespaceObject, TaskObject } from '../api/objects.js';
import { pathOf, request } from '../api/request.js';
import type { Right } from '../state/rights.js';
import { ctask } from '../text/shell.js';

/** What has a `spec.notify`. */
export type Telling = TaskObject | NamespaceObject | ClusterObject;

/** Lists of entries: those of agents are `notify` of a cluster, those of runs its `notifyRuns`. */
export type NotifyList = 'notify' | 'notifyRuns';

/** An entry of any kind; what the console does not know of one stays in it. */
export type NotifyRule = Pick<RunNotify, 'selector' | 'namespaces' | 'flapping'> & {
  readonly notifier: string;
  readonly on?: readonly string[] | undefined;
  readonly to?: readonly string[] | undefined;
  readonly subject?: string | undefined;
  readonly text?: string | undefined;
};

const PLURALS = { Task: 'tasks', Namespace: 'namespaces', Cluster: 'clusters' } as const;

/** A save is tried again while its status changes and its entries do not. */
const TRIES = 5;

/** undefined where nothing is said, which is not the same as nobody. */
export const rulesOf = ({ spec }: Telling, list: NotifyList = 'notify'): readonly NotifyRule[] | undefined =>
  (spec as { readonly [name in NotifyList]?: readonly NotifyRule[] })[list];

/** What the entries are about, for titles: an object, or the tasks of a cluster. */
export const toldWords = ({ metadata: { name } }: Telling, list: NotifyList): string =>
  list === 'notify' ? name : `tasks of ${name}`;

/** Whose word counts for a task, and what it says of it. */
export interface Told {
  readonly by: 'Task' | 'Namespace' | 'Cluster';
  /** Of the list those that are about this task. */
  readonly rules: readonly NotifyRule[];
  /** Entries of the list that are about other tasks. */
  readonly others: number;
  /** Namespace of the notifiers. */
  readonly home: string;
}

export const clusterOf = ({ spec }: TaskObject): string => spec.cluster ?? 'default';

/**
 * The nearest list counts, also one that is empty or has nothing about the task. undefined: nobody says anything.
 * @param namespace that of the task
 * @param cluster that of the task
 */
export function toldOf(
  task: TaskObject,
  namespace: NamespaceObject | undefined,
  cluster: ClusterObject | undefined,
): Told | undefined {
  const { labels, namespace: inside } = task.metadata;
  const from = (by: Told['by'], all: readonly NotifyRule[], home: string): Told => {
    const rules = all
      .filter(({ namespaces }) => namespaces?.includes(inside) ?? true)
      .filter(({ selector }) => matchesSelector(selector, labels));
    return { by, rules, others: all.length - rules.length, home };
  };
  const own = rulesOf(task);
  if (own !== undefined) return from('Task', own, inside);
  const general = namespace && rulesOf(namespace);
  if (general !== undefined) return from('Namespace', general, inside);
  const runs = cluster && rulesOf(cluster, 'notifyRuns');
  return runs && from('Cluster', runs, SYSTEM_NAMESPACE);
}

/** Namespace in which the notifiers are that it may name. */
export function homeOf({ kind, metadata }: Telling): string {
  return kind === 'Task' ? metadata.namespace : kind === 'Namespace' ? metadata.name : SYSTEM_NAMESPACE;
}

export function rightToTell({ kind, metadata }: Telling): Right {
  const namespace = kind === 'Task' ? { namespace: metadata.namespace } : {};
  return { verb: 'patch', plural: PLURALS[kind], ...namespace };
}

/** @param rules undefined: what the namespace or the cluster says, or nobody where there is none */
export function notifyCommand(
  { kind, metadata }: Telling,
  rules: readonly NotifyRule[] | undefined,
  list: NotifyList = 'notify',
): string {
  const patch = JSON.stringify({ spec: { [list]: rules ?? null } });
  const namespace = kind === 'Task' ? metadata.namespace : undefined;
  return ctask(`patch ${kind.toLowerCase()}`, metadata.name, '--type', 'merge', ['-p', patch], ['-n', namespace]);
}

/** Throws ApiError; also when somebody else has changed them since `begun` was read. */
export async function saveRules(
  begun: Telling,
  rules: readonly NotifyRule[] | undefined,
  list: NotifyList = 'notify',
): Promise<void> {
  const { kind, metadata } = begun;
  const path = pathOf(PLURALS[kind], kind === 'Task' ? metadata.namespace : undefined, metadata.name);
  const before = JSON.stringify(rulesOf(begun, list));
  for (let left = TRIES; ; left--) {
    const now = await request<Telling>(path);
    if (JSON.stringify(rulesOf(now, list)) !== before) {
      throw new ApiError(409, 'Conflict', 'somebody else has changed this meanwhile; close this and begin again');
    }
    try {
      await request(path, {
        ...{ method: 'PATCH', contentType: 'application/merge-patch+json', query: { fieldManager: 'ctask-console' } },
        body: { metadata: { resourceVersion: now.metadata.resourceVersion }, spec: { [list]: rules ?? null } },
      });
      return;
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 409 || left <= 1) throw error;
    }
  }
}
