// Where a dashboard begins: where one was the last time, unless something else is asked for (T-57).
import type { Logger } from '../../base/index.js';
import type { Settings } from '../client/settings.js';
import { stateDirectory } from '../client/state-directory.js';
import type { CliDeps } from '../deps.js';
import type { Dashboard } from './dashboard.js';
import { parseCommand } from './navigation/commands.js';
import { runCommand } from './navigation/run-command.js';
import { Memory, memoryFile } from './state/memory.js';

export function openMemory({ host, clock, globals }: CliDeps, settings: Settings, log: Logger): Memory {
  const elsewhere = globals.server ?? host.env.CTASK_SERVER; // the address does not come from the context
  const name = elsewhere ? undefined : settings.context?.name;
  const entry = settings.config.contexts.find((context) => context.name === settings.context?.name);
  const where = { server: settings.servers.join(','), ...(name === undefined ? {} : { context: name }) };
  const configured = entry?.value.namespace ?? 'default';
  return new Memory({ file: memoryFile(stateDirectory(host), where), clock, log, configured });
}

/** What is asked for, else where one was, else what is configured. Undefined for all. */
export function firstNamespace({ host }: CliDeps, settings: Settings, { place }: Memory): string | undefined {
  const asked = settings.namespaceGiven || Boolean(host.env.CTASK_NAMESPACE);
  return asked || place === undefined ? settings.namespace : place.namespace;
}

/** @param asked as typed behind `:`. */
export function openFirst(dashboard: Dashboard, asked: string | undefined, { saved }: Memory): void {
  const view = asked ?? saved.view;
  if (view === undefined || view === dashboard.stack.top.command) return;
  if (asked !== undefined || isView(dashboard, view)) runCommand(dashboard, view);
}

const VIEWS: ReadonlySet<string> = new Set(['pulses', 'timeline', 'xray', 'doctor']);

/** The file may say anything, and the center may have that kind no longer: what is no view is not run. */
function isView({ parts }: Dashboard, line: string): boolean {
  const parsed = parseCommand(line, parts.resources);
  if ('kind' in parsed) return parsed.kind.context === undefined;
  return 'command' in parsed && VIEWS.has(parsed.command);
}
