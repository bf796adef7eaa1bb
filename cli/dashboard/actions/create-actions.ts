// The handlers of a dashboard that talks to a center.
import type { Run } from '../../../manifests/index.js';
import { resourcePath } from '../../client/paths.js';
import type { ApiObject } from '../../resources/api-object.js';
import type { Dashboard } from '../dashboard.js';
import type { TableScreen } from '../navigation/table-screen.js';
import type { TerminalSession } from '../terminal/session.js';
import type { Center, Connect } from './center.js';
import { copyText } from './clipboard.js';
import { type ContextFacts, showContexts } from './contexts.js';
import { openDoctor, showDoctor } from './doctor.js';
import type { ActionHandlers, TableHandler } from './handlers.js';
import { logOpener } from './logs.js';
import { openSelected, resourceOf } from './open.js';
import { showPreview, showPulses, showTimeline, showXray } from './overviews.js';
import { runPlugin } from './plugins.js';
import { showRevisions, undo } from './revisions.js';
import { saveTable } from './save.js';
import { show, showDescription, showWhy, showYaml } from './texts.js';
import { trigger } from './trigger.js';
import { cancel, cordon, drain, edit, remove, retry, suspend } from './writes.js';

export interface ActionParts {
  readonly center: Center;
  readonly session: TerminalSession;
  readonly connect: Connect;
  readonly contexts: readonly ContextFacts[];
  /** Begins anew with another context. */
  readonly switchContext: (name: string) => void;
}

export function createActions({ center, session, connect, contexts, switchContext }: ActionParts): ActionHandlers {
  const openLogs = logOpener(center, connect);
  const logs =
    (previous: boolean): TableHandler =>
    (dashboard, { selected }) =>
      selected === undefined ? undefined : openLogs(dashboard, selected, previous);
  const text =
    (shower: (...args: Parameters<typeof showDescription>) => Promise<void>): TableHandler =>
    (dashboard, { resource, selected }) =>
      selected === undefined ? undefined : shower(dashboard, center, resource, selected);
  return {
    'tasks.trigger': trigger(center, connect),
    'tasks.logs': logs(false),
    'tasks.previousLogs': logs(true),
    'tasks.suspend': suspend(center),
    'tasks.next': showPreview(center),
    'tasks.why': text(showWhy),
    'tasks.doctor': openDoctor,
    'tasks.history': (dashboard, { selected }) =>
      selected === undefined ? undefined : showRevisions(dashboard, center, selected),
    'runs.logs': logs(false),
    'runs.previousLogs': logs(true),
    'runs.retry': retry(center),
    'runs.cancel': cancel(center),
    'runs.owner': (dashboard, { selected }) => openOwner(dashboard, center, selected as unknown as Run | undefined),
    'agents.cordon': cordon(center),
    'agents.drain': drain(center),
    'revisions.undo': undo(center),
    'table.open': openSelected(center, openLogs),
    'table.describe': text(showDescription),
    'table.yaml': text(showYaml),
    'table.edit': edit(center, session),
    'table.delete': remove(center),
    'table.save': saveTable(center),
    'table.copyName': (dashboard, { selected }) => {
      if (selected !== undefined) copyText(dashboard, center, selected.metadata.name, selected.metadata.name);
    },
    'table.copyNamespace': (dashboard, { selected }) => {
      const namespace = selected?.metadata.namespace;
      if (namespace !== undefined) copyText(dashboard, center, namespace, namespace);
    },
    'table.allNamespaces': (dashboard, screen) => goTo(dashboard, screen, undefined),
    'table.favourite': (dashboard, screen, key) => {
      const name = dashboard.installation.facts(dashboard.now()).favourites[Number(key) - 1];
      if (name !== undefined) goTo(dashboard, screen, name);
    },
    showAliases: (dashboard) =>
      show(dashboard, center, (screen) => dashboard.open(screen), {
        crumb: 'alias',
        about: 'kinds',
        text: aliasText(dashboard),
        syntax: 'plain',
      }),
    showContexts: (dashboard) => showContexts(dashboard, contexts),
    switchContext: (dashboard, name) => {
      if (contexts.some((context) => context.name === name)) switchContext(name);
      else dashboard.say(`no context "${name}"`, 'error');
    },
    showPulses,
    showTimeline: showTimeline(center),
    showXray: showXray(center),
    showDoctor,
    runPlugin: runPlugin(center, session),
    stopProcess: (dashboard) => dashboard.run(() => session.stop()),
  };
}

function goTo(dashboard: Dashboard, screen: TableScreen, namespace: string | undefined): void {
  if (!screen.switchesNamespace) {
    const { resource, options } = screen;
    const why = options.owner === undefined ? 'are in no namespace' : `here are those of ${options.owner.name}`;
    dashboard.say(`${resource.name} ${why}`, 'warn');
    return;
  }
  dashboard.namespace = namespace;
  screen.namespace = namespace;
}

async function openOwner(dashboard: Dashboard, center: Center, run: Run | undefined): Promise<void> {
  const resource = resourceOf(dashboard, 'tasks');
  if (run === undefined || resource === undefined) return;
  const { namespace } = run.metadata;
  const task = await (await center.deps.api()).get<ApiObject>(resourcePath('tasks', namespace, run.spec.task));
  const screen = dashboard.table({ resource, namespace });
  screen.goTo(task.metadata.uid);
  dashboard.open(screen);
}

function aliasText(dashboard: Dashboard): string {
  const own = [...dashboard.settings.aliases].map(([name, line]) => `${name.padEnd(32)} ${line}\n`);
  const rows = dashboard.parts.resources.map(({ name, singularName, kind, shortNames = [], namespaced }) => {
    const names = [name, singularName, ...shortNames].join(', ');
    return `${names.padEnd(32)} ${kind.padEnd(14)} ${namespaced ? 'namespaced' : 'cluster-wide'}\n`;
  });
  return [...rows, ...own].join('');
}
