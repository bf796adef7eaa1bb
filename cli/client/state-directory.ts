import { join } from 'node:path';
import type { Host } from '../host.js';

/** Where the client keeps what outlives a command, e.g. logs and previous choices (XDG base directories). */
export function stateDirectory({ env, homeDir }: Pick<Host, 'env' | 'homeDir'>): string {
  return join(env.XDG_STATE_HOME || join(homeDir, '.local', 'state'), 'ctask');
}
