// The first user: there is no default password, so the first start makes one that is good for one log-in.
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileDurably } from '../../base/index.js';
import type { Store } from '../store/index.js';
import { hashOfSecret } from './password-hashes.js';
import { newTokenSecret } from './token-files.js';

export const FIRST_USER = 'admin';

/**
 * Makes the first user at the first start; its password is in the file that the answer names, for the owner only, and must be
 * changed at the first log-in. undefined when that has been done: then the file is removed.
 */
export async function ensureSetUp({ dataDir, store }: { dataDir: string; store: Store }): Promise<string | undefined> {
  const path = join(dataDir, 'setup.secret');
  const known = await read(path);
  if (!(await store.access.isSetUp())) {
    const secret = known ?? newTokenSecret();
    // The file first: a password that nobody has seen is of no use.
    if (known === undefined) await writeFileDurably(path, `${secret}\n`, 0o600);
    if (await store.access.setUp(FIRST_USER, hashOfSecret(secret))) return path;
  }
  const password = await store.access.password(FIRST_USER);
  const left = await read(path);
  if (left !== undefined && password?.mustChange === true && password.hash === hashOfSecret(left)) return path;
  if (left !== undefined) await rm(path, { force: true });
  return undefined;
}

async function read(path: string): Promise<string | undefined> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
