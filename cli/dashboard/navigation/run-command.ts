// What a typed command does.
import type { Dashboard } from '../dashboard.js';
import { type CommandName, type KindCommand, parseCommand } from './commands.js';
import { openHelp } from './open-help.js';

export function runCommand(dashboard: Dashboard, line: string): void {
  if (line.trim() === '') return;
  dashboard.flashes.clear();
  const parsed = parseCommand(line, dashboard.parts.resources, dashboard.settings.aliases);
  if ('wrong' in parsed) dashboard.say(parsed.wrong, 'error');
  else if ('kind' in parsed) openKind(dashboard, parsed.kind);
  else words[parsed.command](dashboard, parsed.argument);
}

function openKind(dashboard: Dashboard, { resource, namespace, filter, labelSelector, context }: KindCommand): void {
  if (context !== undefined) {
    dashboard.parts.actions.switchContext(dashboard, context);
    return;
  }
  // `:ns billing` goes there, as the namespaces are for.
  if (resource.name === 'namespaces' && namespace !== undefined) {
    const tasks = dashboard.parts.resources.find(({ name }) => name === 'tasks') ?? resource;
    openKind(dashboard, { resource: tasks, namespace });
    return;
  }
  if (namespace !== undefined && resource.namespaced) dashboard.namespace = namespace === 'all' ? undefined : namespace;
  const options = {
    ...(filter === undefined ? {} : { filter }),
    ...(labelSelector === undefined ? {} : { labelSelector }),
  };
  const screen = dashboard.table({ resource, namespace: dashboard.namespace, ...options });
  // Among the namespaces one begins where one is.
  if (resource.name === 'namespaces' && dashboard.namespace !== undefined)
    screen.goTo(dashboard.installation.uidOfNamespace(dashboard.namespace));
  dashboard.openRoot(screen);
}

const words: Record<CommandName, (dashboard: Dashboard, argument: string) => void> = {
  help: openHelp,
  alias: (dashboard) => dashboard.parts.actions.showAliases(dashboard),
  ctx: (dashboard, name) =>
    name === ''
      ? dashboard.parts.actions.showContexts(dashboard)
      : dashboard.parts.actions.switchContext(dashboard, name),
  pulses: (dashboard) => dashboard.parts.actions.showPulses(dashboard),
  timeline: (dashboard) => dashboard.parts.actions.showTimeline(dashboard),
  xray: (dashboard, kind) => dashboard.parts.actions.showXray(dashboard, kind),
  doctor: (dashboard) => dashboard.parts.actions.showDoctor(dashboard),
  suspend: (dashboard) => dashboard.parts.actions.stopProcess(dashboard),
  quit: (dashboard) => dashboard.parts.quit(),
};
