import { readFile } from 'node:fs/promises';
import { CloudTaskError, type ResolvedOptions } from '../../base/index.js';

/** The PostgreSQL database, with its password from a file if there is one; undefined for SQLite. Throws CT_CONFIG_INVALID. */
export async function storeOf(options: ResolvedOptions): Promise<{ url: string; password?: string } | undefined> {
  const url = options.store as string | undefined;
  const path = options.storePasswordFile as string | undefined;
  if (url === undefined || path === undefined) return url === undefined ? undefined : { url };
  try {
    return { url, password: (await readFile(path, 'utf8')).trim() };
  } catch (cause) {
    throw new CloudTaskError('CT_CONFIG_INVALID', { subject: path, detail: 'the file cannot be read', cause });
  }
}
