// Keys that work on every screen.
import type { Dashboard } from '../dashboard.js';
import type { ActionOf } from '../keys/keymap.js';
import { suggestCommands } from './commands.js';
import { openHelp } from './open-help.js';
import { remember } from './prompt.js';
import { runCommand } from './run-command.js';

export const globalHandlers: Record<ActionOf<'global'>, (dashboard: Dashboard) => void> = {
  help: openHelp,
  command: typeCommand,
  filter: typeFilter,
  back,
  historyBack: (dashboard) => {
    if (!dashboard.stack.back()) dashboard.say('no view before this one', 'warn');
  },
  historyForward: (dashboard) => {
    if (!dashboard.stack.forward()) dashboard.say('no view after this one', 'warn');
  },
  lastView: (dashboard) => {
    if (!dashboard.stack.last()) dashboard.say('no other view yet', 'warn');
  },
  refresh: (dashboard) => {
    if (dashboard.stack.top.refresh?.()) return;
    dashboard.parts.source.refresh();
    dashboard.renewRights();
    dashboard.say('listing again');
  },
  toggleHeader: (dashboard) => {
    dashboard.showHeader = !dashboard.showHeader;
  },
  toggleCrumbs: (dashboard) => {
    dashboard.showCrumbs = !dashboard.showCrumbs;
  },
  quit: (dashboard) => {
    if (!dashboard.stack.pop()) dashboard.parts.quit();
  },
  exit: (dashboard) => dashboard.parts.quit(),
};

/** First the filter goes, then the screen: one level at a time (T-03). */
function back(dashboard: Dashboard): void {
  const { top } = dashboard.stack;
  if (top.filterText) top.filterText = '';
  else dashboard.stack.pop();
}

function typeCommand(dashboard: Dashboard): void {
  const { resources, identity } = dashboard.parts;
  const { aliases } = dashboard.settings;
  const { namespaces } = dashboard.installation.facts(dashboard.now());
  dashboard.type({
    mode: 'command',
    history: dashboard.commandHistory,
    suggest: (text) => suggestCommands(text, { resources, namespaces, contexts: identity.contexts, aliases }),
    onCancel: () => dashboard.closePrompt(),
    onEnter: (text) => {
      dashboard.closePrompt();
      dashboard.commandHistory = remember(dashboard.commandHistory, text.trim());
      runCommand(dashboard, text);
    },
  });
}

/** What matches shows while one types; Enter keeps it, Esc clears it (T-05). */
function typeFilter(dashboard: Dashboard): void {
  const { top } = dashboard.stack;
  if (top.askFilter !== undefined) {
    top.askFilter();
    return;
  }
  const before = top.filterText;
  if (before === undefined) {
    dashboard.say('nothing can be filtered here', 'warn');
    return;
  }
  dashboard.type({
    mode: 'filter',
    text: before,
    history: dashboard.filterHistory,
    suggest: (text) => dashboard.filterHistory.filter((line) => line.startsWith(text) && line !== text).reverse(),
    onChange: (text) => {
      top.filterText = text;
    },
    onCancel: () => {
      top.filterText = '';
      dashboard.closePrompt();
    },
    onEnter: (text) => {
      top.filterText = text;
      dashboard.filterHistory = remember(dashboard.filterHistory, text.trim());
      dashboard.closePrompt();
    },
  });
}
