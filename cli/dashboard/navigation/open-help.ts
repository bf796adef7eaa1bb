import type { Dashboard } from '../dashboard.js';
import { HelpScreen } from './help-screen.js';

/** The keys of the screen one is on; from the help back to it. */
export function openHelp(dashboard: Dashboard): void {
  const { top } = dashboard.stack;
  if (top instanceof HelpScreen) {
    dashboard.stack.pop();
    return;
  }
  const { place, plugins, settings, parts } = dashboard;
  dashboard.open(new HelpScreen(top.crumb, place, parts.readOnly, { plugins, aliases: settings.aliases }));
}
