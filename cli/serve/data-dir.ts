import { mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import type { ResolvedOptions } from '../../base/index.js';

/** The data directory of a part, made with mode 0700; under the XDG state directory unless given. */
export async function dataDirectory(options: ResolvedOptions, part: string, env: NodeJS.ProcessEnv): Promise<string> {
  const path = dataDirectoryPath(options, part, env);
  await mkdir(path, { recursive: true, mode: 0o700 });
  return path;
}

/** The same, and makes nothing. */
export function dataDirectoryPath(options: ResolvedOptions, part: string, env: NodeJS.ProcessEnv): string {
  return options.dataDir === undefined ? join(stateHome(env), 'ctask', part) : resolve(options.dataDir as string);
}

function stateHome(env: NodeJS.ProcessEnv): string {
  if (process.platform === 'win32' && env.LOCALAPPDATA) return env.LOCALAPPDATA;
  const xdg = env.XDG_STATE_HOME;
  return xdg !== undefined && isAbsolute(xdg) ? xdg : join(homedir(), '.local', 'state');
}

/** In the data directory: where the server listens, for whoever works on the same machine. */
export const PORT_FILE = 'port';
