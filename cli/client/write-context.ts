// What `ctask up` calls, so that the next `ctask get tasks` just works.
import { homedir } from 'node:os';
import { type Clock, systemClock } from '../../base/index.js';
import type { Host } from '../host.js';
import { editConfig } from './config-edit.js';
import { configPaths, readConfig } from './config-file.js';

export interface ContextToWrite {
  /** Name of the context, of its server and of its user. */
  readonly name: string;
  /** URL of the center, or several separated by commas. */
  readonly server: string;
  /** Path of a file that holds the token; preferred, since the token then stands in one place. */
  readonly tokenFile?: string;
  readonly token?: string;
  readonly namespace?: string;
  /** Make it current even if another one is. It becomes current in any case when there is none. */
  readonly makeCurrent?: boolean;
}

export interface WrittenContext {
  /** File it was written to. */
  readonly path: string;
  /** Whether plain `ctask get tasks` now talks to it. */
  readonly current: boolean;
}

/** Adds or updates one context and keeps everything else. Writes to the file that defines the context, else to the first
 * of the list. Throws CT_CONFIG_INVALID. */
export async function writeContext(
  context: ContextToWrite,
  host: Pick<Host, 'env' | 'homeDir' | 'platform'> = {
    env: process.env,
    homeDir: homedir(),
    platform: process.platform,
  },
  clock: Clock = systemClock,
): Promise<WrittenContext> {
  const paths = configPaths(host);
  const merged = await readConfig(paths);
  const file = merged.contexts.find(({ name }) => name === context.name)?.file ?? paths[0] ?? '';
  const user = context.tokenFile === undefined ? { token: context.token } : { 'token-file': context.tokenFile };
  // A current context that no file defines any more leads nowhere, so it does not count.
  const leads = merged.contexts.some(({ name }) => name === merged.currentContext);
  const current = context.makeCurrent === true || !leads || merged.currentContext === context.name;
  await editConfig(file, clock, (editor) => {
    editor.merge('servers', context.name, { server: context.server, servers: undefined });
    editor.merge('users', context.name, { token: undefined, 'token-file': undefined, ...user });
    editor.merge('contexts', context.name, {
      server: context.name,
      user: context.name,
      ...(context.namespace === undefined ? {} : { namespace: context.namespace }),
    });
  });
  if (current && merged.currentContext !== context.name) {
    // The first file decides which context is current.
    await editConfig(paths[0] ?? file, clock, (editor) => editor.useContext(context.name));
  }
  return { path: file, current };
}
