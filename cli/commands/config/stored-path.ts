// Paths on their way into the configuration file, which is read from other directories than it is written from.
import { statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { CliDeps } from '../../deps.js';

/** The file as it is to be kept: absolute, counted from the directory that the command was typed in. `~/…` stays, since it
 * means the same from everywhere. What cannot be used yet is said and kept all the same: an entry may be made before its
 * file is there. */
export async function storedPath(path: string, deps: CliDeps): Promise<string>;
export async function storedPath(path: string | undefined, deps: CliDeps): Promise<string | undefined>;
export async function storedPath(path: string | undefined, deps: CliDeps): Promise<string | undefined> {
  if (path === undefined || path === '') return path;
  const ofHome = path.startsWith('~/');
  const file = ofHome ? join(deps.host.homeDir, path.slice(1)) : resolve(path);
  const problem = problemOf(file);
  if (problem !== undefined) await deps.say(`Warning: ${file} ${problem}; it is needed when the entry is used`);
  return ofHome ? path : file;
}

function problemOf(file: string): string | undefined {
  try {
    return statSync(file).isDirectory() ? 'is a directory' : undefined;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' || code === 'ENOTDIR' ? 'does not exist' : `cannot be looked at (${message})`;
  }
}
