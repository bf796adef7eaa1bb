// Texts about an object: what the commands of the same names print.

import type { Resource } from '../../client/discovery.js';
import { runDescribe } from '../../commands/describe/describe.js';
import { runWhy } from '../../commands/why.js';
import type { CliDeps } from '../../deps.js';
import type { ApiObject } from '../../resources/api-object.js';
import type { Dashboard } from '../dashboard.js';
import type { ActionOf } from '../keys/keymap.js';
import { TextScreen, type TextScreenOptions } from '../navigation/text-screen.js';
import type { Center } from './center.js';
import { textTools } from './save.js';

export async function showDescription(
  dashboard: Dashboard,
  center: Center,
  resource: Resource,
  object: ApiObject,
  open = dashboard.opener(),
): Promise<void> {
  const options = { allNamespaces: false, showEvents: true, filename: [] };
  await showCommand(dashboard, center, { crumb: 'describe', open }, object, resource, (deps) =>
    runDescribe([resource.name, object.metadata.name], options, deps),
  );
}

export async function showYaml(dashboard: Dashboard, center: Center, resource: Resource, object: ApiObject) {
  const open = dashboard.opener();
  let managed = false;
  const again = (screen: TextScreen) =>
    dashboard.run(async () => screen.setText(await center.yaml(resource, object, managed)));
  const handlers: Record<ActionOf<'yaml'>, (screen: TextScreen) => void> = {
    managedFields: (screen) => {
      managed = !managed;
      again(screen);
    },
  };
  const text = await center.yaml(resource, object, managed);
  const own = { scope: 'yaml', handlers } as const;
  show(dashboard, center, open, {
    ...{ crumb: 'yaml', ...titleOf(resource, object), text, syntax: 'yaml', own },
    onRefresh: again,
    aside: () => `ManagedFields:${managed ? 'On' : 'Off'}`,
  });
}

export function showWhy(dashboard: Dashboard, center: Center, resource: Resource, object: ApiObject) {
  return showCommand(dashboard, center, { crumb: 'why', open: dashboard.opener() }, object, resource, (deps) =>
    runWhy({ task: object.metadata.name }, deps),
  );
}

async function showCommand(
  dashboard: Dashboard,
  center: Center,
  { crumb, open }: { readonly crumb: string; readonly open: (screen: TextScreen) => void },
  object: ApiObject,
  resource: Resource,
  command: (deps: CliDeps) => Promise<void>,
): Promise<void> {
  const read = async () => {
    const { out, said } = await center.capture(object.metadata.namespace, command);
    return [...said.map((line) => `${line}\n`), out].join('');
  };
  show(dashboard, center, open, {
    ...{ crumb, ...titleOf(resource, object), text: await read(), syntax: 'description', wrap: true },
    onRefresh: (screen) => dashboard.run(async () => screen.setText(await read())),
  });
}

/** @param open from before the text was read. @param shown what can be read again says when it was read. */
export function show(
  dashboard: Dashboard,
  center: Center,
  open: (screen: TextScreen) => void,
  shown: Omit<TextScreenOptions, 'tools' | 'now'>,
): void {
  const tools = textTools(dashboard, center, shown.crumb, 'the text');
  open(new TextScreen({ ...shown, tools, now: () => dashboard.now() }));
}

/** `Describe(default/nightly) task`. */
export function titleOf({ singularName, kind, namespaced }: Resource, { metadata }: ApiObject) {
  const { namespace, name } = metadata;
  return { about: namespaced ? `${namespace}/${name}` : name, note: singularName || kind.toLowerCase() };
}
