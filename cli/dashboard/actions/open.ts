// Enter: from an object to what belongs to it (T-20).
import type { Event } from '../../../manifests/index.js';
import { findResource, type Resource } from '../../client/discovery.js';
import { resourcePath } from '../../client/paths.js';
import type { ApiObject } from '../../resources/api-object.js';
import type { Dashboard } from '../dashboard.js';
import type { TableOwner, TableScreen } from '../navigation/table-screen.js';
import type { Center } from './center.js';
import { CONTEXT_KIND } from './contexts.js';
import { REVISION_KIND, showRevision } from './revisions.js';
import { showDescription } from './texts.js';

type Opener = (object: ApiObject, dashboard: Dashboard, center: Center) => Promise<void> | void;

export type LogOpener = (dashboard: Dashboard, object: ApiObject, previous: boolean) => Promise<void>;

export function openSelected(center: Center, openLogs: LogOpener) {
  const openers: Readonly<Record<string, Opener>> = {
    Cluster: ({ metadata }, dashboard) =>
      openTable(dashboard, 'agents', {
        ...{ name: metadata.name, fieldSelector: `spec.cluster=${metadata.name}`, column: 'CLUSTER' },
        whenEmpty: '"ctask agent" on a machine, configured for this cluster, makes it one.',
      }),
    Agent: ({ metadata }, dashboard) =>
      openTable(dashboard, 'runs', {
        ...{ name: metadata.name, fieldSelector: `status.agent=${metadata.name}`, column: 'AGENT' },
        whenEmpty: 'They come when a task that it owns is due.',
      }),
    Task: ({ metadata }, dashboard) => openRunsOf(dashboard, metadata),
    Run: (object, dashboard) => openLogs(dashboard, object, false),
    Event: (object, dashboard) => openRegarding(object as unknown as Event, dashboard, center),
    Namespace: ({ metadata }, dashboard) => {
      dashboard.namespace = metadata.name;
      openTable(dashboard, 'tasks', undefined, metadata.name);
    },
    [REVISION_KIND]: showRevision,
    [CONTEXT_KIND]: ({ metadata }, dashboard) => dashboard.parts.actions.switchContext(dashboard, metadata.name),
  };
  return (dashboard: Dashboard, screen: TableScreen): Promise<void> | void => {
    const { selected } = screen;
    if (selected === undefined) return undefined;
    const opener = openers[screen.resource.kind];
    return opener === undefined
      ? showDescription(dashboard, center, screen.resource, selected)
      : opener(selected, dashboard, center);
  };
}

export function openRunsOf(
  dashboard: Dashboard,
  { namespace, name }: { readonly namespace?: string; readonly name: string },
): void {
  const owner = {
    ...{ name: `${namespace}/${name}`, fieldSelector: `spec.task=${name}`, column: 'TASK' },
    whenEmpty: '<t> on the task runs it now; its schedule does when it is due.',
  };
  openTable(dashboard, 'runs', owner, namespace);
}

function openTable(dashboard: Dashboard, plural: string, owner?: TableOwner, namespace?: string): void {
  const resource = resourceOf(dashboard, plural);
  if (resource === undefined) return;
  dashboard.open(dashboard.table({ resource, namespace, ...(owner === undefined ? {} : { owner }) }));
}

export function resourceOf(dashboard: Dashboard, name: string): Resource | undefined {
  const resource = findResource(dashboard.parts.resources, name);
  if (resource === undefined) dashboard.say(`the center has no ${name}`, 'error');
  return resource;
}

/** What an event is about may be gone by now; then that is said. */
async function openRegarding({ spec, metadata }: Event, dashboard: Dashboard, center: Center): Promise<void> {
  const open = dashboard.opener();
  const { kind, name, namespace = metadata.namespace } = spec.regarding;
  const resource = resourceOf(dashboard, kind);
  if (resource === undefined) return;
  const path = resourcePath(resource.name, resource.namespaced ? namespace : undefined, name);
  const object = await (await center.deps.api()).get<ApiObject>(path);
  await showDescription(dashboard, center, resource, object, open);
}
