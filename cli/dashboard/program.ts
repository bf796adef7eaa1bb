// What `ctask ui` loads: the dashboard on the terminal of this process, from taking it to giving it back.
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { CloudTaskError, isCloudTaskError, messageOf } from '../../base/index.js';
import { preferencesText } from '../client/preferences.js';
import { stateDirectory } from '../client/state-directory.js';
import type { CliDeps } from '../deps.js';
import type { DashboardOptions } from './main.js';
import { NO_SETTINGS, type UiSettings } from './settings/settings.js';
import { asciiOnly, colourDepth } from './terminal/capabilities.js';
import { processDevice } from './terminal/device.js';
import { FileLog } from './terminal/file-log.js';
import { OwnTerminal, type TerminalSession } from './terminal/session.js';
import { watchWaysOut } from './terminal/ways-out.js';

const LOG_FILE = 'ui.log';

/** Resolves with the exit code. Throws what the commands throw; CT_INTERNAL for a defect, which is in the log. */
export async function openDashboard(deps: CliDeps, given: DashboardOptions): Promise<number> {
  const { host, clock, globals } = deps;
  const settings = await ownSettings(deps);
  const options = { ...given, settings };
  if (options.plain) return openPlain(deps, options);
  const file = join(stateDirectory(host), LOG_FILE);
  const log = new FileLog(file, clock);
  const device = processDevice();
  const session = new OwnTerminal({
    ...{ device, clock, colour: colourDepth(host.env, globals.color), ascii: asciiOnly(host.env) },
    ...{ mouse: options.mouse || settings.mouse === true, log },
  });
  const waysOut = watchWaysOut(session, device, log);
  deps.atInterrupt(async () => session.restore());
  try {
    session.enter();
    session.stdout.write('Connecting to the center...');
    return await Promise.race([load(deps, session, options), waysOut.failed]);
  } catch (error) {
    if (isCloudTaskError(error)) throw error;
    log.error({ error }, 'the dashboard has failed');
    throw new CloudTaskError('CT_INTERNAL', {
      detail: `the dashboard has failed: ${messageOf(error)}`,
      hint: `details are in ${file}`,
      cause: error,
    });
  } finally {
    session.restore();
    waysOut.release();
  }
}

async function openPlain(deps: CliDeps, options: DashboardOptions & { settings: UiSettings }): Promise<number> {
  const { runPlain } = await import('./plain/main.js');
  return runPlain(deps, options, () => {
    // Not readline's terminal mode: that one writes escape sequences.
    const lines = createInterface({ input: process.stdin, terminal: false });
    deps.signal.addEventListener('abort', () => lines.close(), { once: true });
    return lines;
  });
}

/** Read before the terminal is taken: what is wrong in them is told as by any command. Throws CT_CONFIG_INVALID. */
async function ownSettings({ host }: CliDeps): Promise<UiSettings> {
  const found = preferencesText(host);
  if (found === undefined || !/\bui\b/.test(found.text)) return NO_SETTINGS;
  const { readSettings } = await import('./settings/read-settings.js');
  return readSettings(found.text, found.file);
}

/** The center is asked while the code of the screen is loaded: each takes about as long. */
async function load(deps: CliDeps, session: TerminalSession, options: DashboardOptions): Promise<number> {
  const asked = deps.discovery().then((discovery) => discovery.resources());
  asked.catch(() => undefined); // the dashboard asks for them too, and throws then
  const { runDashboard } = await import('./main.js');
  return runDashboard(deps, session, options);
}
