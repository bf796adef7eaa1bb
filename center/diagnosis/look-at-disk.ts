import { readdir, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { CenterFacts } from '../../manifests/index.js';

/** undefined where the file system does not tell. */
export async function lookAtDisk(dataDir: string): Promise<CenterFacts['disk']> {
  try {
    const { bsize, bavail, blocks } = await statfs(dataDir);
    const files = (await readdir(dataDir)).filter((name) => /^store.*\.db(-wal)?$/.test(name));
    const sizes = await Promise.all(files.map(async (name) => (await stat(join(dataDir, name))).size));
    const storeBytes = sizes.reduce((sum, bytes) => sum + bytes, 0);
    return { freeBytes: bavail * bsize, totalBytes: blocks * bsize, storeBytes };
  } catch {
    return undefined;
  }
}
