// shift-s on a log: the center looks for a pattern in all of it, not only in the lines that are here (T-41).
import type { Run } from '../../../manifests/index.js';
import type { Dashboard } from '../dashboard.js';
import { type LogSearchOptions, LogSearchScreen } from '../navigation/log-search-screen.js';
import { remember } from '../navigation/prompt.js';
import type { FoundLine } from '../text/log-search.js';
import type { Connect } from './center.js';

export interface SearchedLog {
  readonly run: Run;
  readonly attempt: number | undefined;
  /** What stands in the prompt at first. */
  readonly text: string;
  readonly onOpen: (found: FoundLine) => void;
}

export function askSearch(dashboard: Dashboard, connect: Connect, log: SearchedLog): void {
  const { filterHistory } = dashboard;
  dashboard.type({
    mode: 'filter',
    text: log.text,
    history: filterHistory,
    suggest: (text) => filterHistory.filter((line) => line.startsWith(text) && line !== text).reverse(),
    onCancel: () => dashboard.closePrompt(),
    onEnter: (text) => {
      dashboard.closePrompt();
      const pattern = text.trim();
      if (pattern === '') return;
      dashboard.filterHistory = remember(dashboard.filterHistory, pattern);
      // One search after another: Esc leads back to the log, not through all of them.
      if (dashboard.stack.top instanceof LogSearchScreen) dashboard.stack.pop();
      dashboard.open(new LogSearchScreen(searchOptions(dashboard, connect, log, pattern)));
    },
  });
}

function searchOptions(dashboard: Dashboard, connect: Connect, log: SearchedLog, pattern: string): LogSearchOptions {
  const { clock, changes } = dashboard.parts;
  const { namespace = 'default', name } = log.run.metadata;
  return {
    ...{ namespace, run: name, attempt: log.attempt, pattern, clock, connect },
    onChange: () => changes.soon(),
    onOpen: log.onOpen,
    onAsk: () => askSearch(dashboard, connect, { ...log, text: pattern }),
  };
}
