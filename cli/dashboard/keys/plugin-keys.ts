// Keys of the user's own: rows as those of the keymap, so that help and header show them alike.
import type { Plugin } from '../settings/settings.js';
import type { KeyRow } from './keymap.js';

export interface PluginRow extends KeyRow {
  readonly plugin: Plugin;
}

/** On the table of a kind, by its plural name. */
export function pluginRows(plugins: readonly Plugin[], plural: string): PluginRow[] {
  return plugins
    .filter(({ scopes }) => scopes.includes('all') || scopes.includes(plural))
    .map((plugin) => ({
      ...{ scope: 'table', action: 'plugin', group: 'Plugins', hint: true },
      ...{ keys: [plugin.shortcut], help: plugin.description, plugin },
      ...(plugin.dangerous ? { writes: 'run' } : {}),
    }));
}
