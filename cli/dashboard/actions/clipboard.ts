// Copies through the terminal itself (OSC 52), so that it works over ssh as well (T-33).
import type { Dashboard } from '../dashboard.js';
import type { Center } from './center.js';

/** Terminals refuse more. */
const CLIPBOARD_MAX_BYTES = 74_994;

export function copyText(dashboard: Dashboard, center: Center, text: string, what: string): void {
  const bytes = Buffer.from(text);
  if (bytes.length > CLIPBOARD_MAX_BYTES) {
    dashboard.say(`${what} is too long for the clipboard of a terminal`, 'warn');
    return;
  }
  const sequence = `\u001b]52;c;${bytes.toString('base64')}\u0007`;
  dashboard.run(() => center.deps.host.stdout.write(sequence));
  dashboard.say(`copied ${what}`);
}
