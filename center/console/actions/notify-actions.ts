// spec.notify of tasks, namespaces and clusters: who is told of what.
import { SYSTEM_NAMESPACE } from '../../../manifests/index.js';
import { ApiError } from '../api/api-error.js';
import type { ClusterObject, NamespaceObject, TaskObject } from '../api/objects.js';
import { pathOf, request } from '../api/request.js';
import type { Right } from '../state/rights.js';
import { ctask } from '../text/shell.js';

/** What has a `spec.notify`. */
export type Telling = TaskObject | NamespaceObject | ClusterObject;

/** An entry of any kind; what the console does not know of one stays in it. */
export interface NotifyRule {
  readonly notifier: string;
  readonly on?: readonly string[] | undefined;
  readonly to?: readonly string[] | undefined;
  readonly subject?: string | undefined;
  readonly text?: string | undefined;
}

const PLURALS = { Task: 'tasks', Namespace: 'namespaces', Cluster: 'clusters' } as const;

/** A save is tried again while its status changes and its entries do not. */
const TRIES = 5;

export const rulesOf = ({ spec }: Telling): readonly NotifyRule[] | undefined => spec.notify;

/** Namespace in which the notifiers are that it may name. */
export function homeOf({ kind, metadata }: Telling): string {
  return kind === 'Task' ? metadata.namespace : kind === 'Namespace' ? metadata.name : SYSTEM_NAMESPACE;
}

export function rightToTell({ kind, metadata }: Telling): Right {
  const namespace = kind === 'Task' ? { namespace: metadata.namespace } : {};
  return { verb: 'patch', plural: PLURALS[kind], ...namespace };
}

/** @param rules undefined: what the namespace says, or nobody where there is none */
export function notifyCommand({ kind, metadata }: Telling, rules: readonly NotifyRule[] | undefined): string {
  const patch = JSON.stringify({ spec: { notify: rules ?? null } });
  const namespace = kind === 'Task' ? metadata.namespace : undefined;
  return ctask(`patch ${kind.toLowerCase()}`, metadata.name, '--type', 'merge', ['-p', patch], ['-n', namespace]);
}

/** Throws ApiError; also when somebody else has changed them since `begun` was read. */
export async function saveRules(begun: Telling, rules: readonly NotifyRule[] | undefined): Promise<void> {
  const { kind, metadata } = begun;
  const path = pathOf(PLURALS[kind], kind === 'Task' ? metadata.namespace : undefined, metadata.name);
  const before = JSON.stringify(rulesOf(begun));
  for (let left = TRIES; ; left--) {
    const now = await request<Telling>(path);
    if (JSON.stringify(rulesOf(now)) !== before) {
      throw new ApiError(409, 'Conflict', 'somebody else has changed this meanwhile; close this and begin again');
    }
    try {
      await request(path, {
        ...{ method: 'PATCH', contentType: 'application/merge-patch+json', query: { fieldManager: 'ctask-console' } },
        body: { metadata: { resourceVersion: now.metadata.resourceVersion }, spec: { notify: rules ?? null } },
      });
      return;
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 409 || left <= 1) throw error;
    }
  }
}
