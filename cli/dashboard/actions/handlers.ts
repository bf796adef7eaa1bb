// What keys and commands do beyond looking, by the names of the keymap.
import type { Dashboard } from '../dashboard.js';
import type { ActionOf } from '../keys/keymap.js';
import type { LookAction } from '../navigation/table-keys.js';
import type { TableScreen } from '../navigation/table-screen.js';
import type { Plugin } from '../settings/settings.js';

type TableScope = 'tasks' | 'runs' | 'agents' | 'revisions' | 'table';
type TableAction = { [S in TableScope]: `${S}.${Exclude<ActionOf<S>, LookAction>}` }[TableScope];

/** A promise is work that takes a while; what it throws is told. */
export type TableHandler = (dashboard: Dashboard, screen: TableScreen, key: string) => Promise<void> | void;

export type TableHandlers = Record<TableAction, TableHandler>;

export interface CommandHandlers {
  showAliases(dashboard: Dashboard): void;
  showContexts(dashboard: Dashboard): void;
  switchContext(dashboard: Dashboard, name: string): void;
  showPulses(dashboard: Dashboard): void;
  showTimeline(dashboard: Dashboard): void;
  showXray(dashboard: Dashboard, kind: string): void;
  showDoctor(dashboard: Dashboard): void;
  runPlugin(dashboard: Dashboard, screen: TableScreen, plugin: Plugin): void;
  /** Back to the shell, as Ctrl-Z would. */
  stopProcess(dashboard: Dashboard): void;
}

export type ActionHandlers = TableHandlers & CommandHandlers;
