// The views over all objects, and what their keys open.
import { findResource } from '../../client/discovery.js';
import { resourcePath } from '../../client/paths.js';
import type { ApiObject } from '../../resources/api-object.js';
import type { Dashboard } from '../dashboard.js';
import { findKey } from '../keys/keymap.js';
import { PreviewScreen } from '../navigation/preview-screen.js';
import { PulsesScreen } from '../navigation/pulses-screen.js';
import type { ShownObjectsOptions } from '../navigation/shown-objects.js';
import type { TableScreen } from '../navigation/table-screen.js';
import { TimelineScreen } from '../navigation/timeline-screen.js';
import { XrayScreen } from '../navigation/xray-screen.js';
import { StaticSource } from '../state/static-source.js';
import type { PulseTarget } from '../views/pulse-cards.js';
import type { XrayNode } from '../views/xray-model.js';
import type { Center } from './center.js';
import { openRunsOf, resourceOf } from './open.js';

const objectsOf = ({ namespace, parts: { source, resources } }: Dashboard): ShownObjectsOptions => ({
  ...{ source, resources, namespace },
});

export function showPulses(dashboard: Dashboard): void {
  const onOpen = ({ resource: name, filter, faults }: PulseTarget) => {
    const resource = resourceOf(dashboard, name);
    if (resource === undefined) return;
    const screen = dashboard.table({
      resource,
      namespace: dashboard.namespace,
      ...(filter === undefined ? {} : { filter }),
    });
    screen.faultsOnly = faults === true;
    dashboard.open(screen);
  };
  dashboard.openRoot(new PulsesScreen({ ...objectsOf(dashboard), onOpen }));
}

export const showTimeline =
  (center: Center) =>
  (dashboard: Dashboard): void => {
    const onOpen = (key: string) => {
      const [namespace = '', name = ''] = key.split('/');
      openRunsOf(dashboard, { namespace, name });
    };
    const onKey = (of: string, key: string) => {
      const [namespace = '', name = ''] = of.split('/');
      pressOn(dashboard, center, { kind: 'Task', namespace, name }, key);
    };
    dashboard.openRoot(new TimelineScreen({ ...objectsOf(dashboard), onOpen, onKey }));
  };

/** `xray tasks`, and `xray clusters` or `xray agents` for what runs where. */
export const showXray =
  (center: Center) =>
  (dashboard: Dashboard, word: string): void => {
    const kind = word === '' ? 'tasks' : findResource(dashboard.parts.resources, word)?.name;
    const roots = kind === 'clusters' || kind === 'agents' ? 'clusters' : 'tasks';
    if (kind === undefined || !['tasks', 'runs', 'namespaces', 'clusters', 'agents'].includes(kind)) {
      dashboard.say(`no tree of "${word}"; try xray tasks or xray clusters`, 'error');
      return;
    }
    const onKey = (node: XrayNode, key: string) => pressOn(dashboard, center, node, key);
    dashboard.openRoot(new XrayScreen({ ...objectsOf(dashboard), roots, onKey }));
  };

export const showPreview =
  (center: Center) =>
  (dashboard: Dashboard, { selected, resource, queries }: TableScreen): void => {
    if (selected === undefined) return;
    const { namespace, name } = selected.metadata;
    const [query = { resource, namespace }] = queries;
    const onKey = (key: string) => pressOn(dashboard, center, { kind: 'Task', namespace, name }, key);
    dashboard.open(new PreviewScreen({ ...objectsOf(dashboard), onKey }, selected, query));
  };

interface Pointed {
  readonly kind: string;
  readonly namespace?: string | undefined;
  readonly name: string;
}

/** A key of tables, pressed on an object that is shown elsewhere: as in a table that holds nothing else, and as it is now. */
function pressOn(dashboard: Dashboard, center: Center, { kind, namespace, name }: Pointed, key: string): void {
  const resource = resourceOf(dashboard, kind);
  if (resource === undefined) return;
  const { top } = dashboard.stack;
  dashboard.run(async () => {
    const path = resourcePath(resource.name, resource.namespaced ? namespace : undefined, name);
    const object = await (await center.deps.api()).get<ApiObject>(path);
    if (dashboard.stack.top !== top) return; // the user has gone elsewhere meanwhile
    const source = new StaticSource([{ ...object, kind: resource.kind }]);
    const table = dashboard.table({ resource, namespace, source });
    const row = findKey(table.scopes, key);
    if (row === undefined) dashboard.say(`${resource.name} have no <${key}>`, 'warn');
    else table.handle(row, key);
  });
}
