// The one file that a package becomes, and its SHA-256.
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, promises as fs } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { CloudTaskError, messageOf } from '../../../base/index.js';
import { packageTree } from './package-tree.js';

export interface PackageFile {
  readonly path: string;
  readonly bytes: number;
  readonly digest: string;
  /** Removes what was made for it. */
  discard(): Promise<void>;
}

/** The file itself, or a directory packed: the same content always becomes the same bytes. Throws CT_USAGE when there is nothing,
 * CT_BAD_REQUEST when it is nothing that can be a package. */
export async function packageFile(from: string, signal: AbortSignal): Promise<PackageFile> {
  const found = await fs.stat(from).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') throw new CloudTaskError('CT_USAGE', `the path "${from}" does not exist`);
    throw new CloudTaskError('CT_BAD_REQUEST', { subject: from, detail: `it cannot be read: ${messageOf(cause)}` });
  });
  if (!found.isDirectory()) return { ...(await measured(from, signal)), discard: async () => undefined };
  const { entries } = await packageTree(from);
  const directory = await fs.mkdtemp(join(tmpdir(), 'ctask-package-'));
  const discard = () => fs.rm(directory, { recursive: true, force: true });
  try {
    const path = join(directory, 'package.tar.gz');
    await pack(from, entries, path, signal);
    return { ...(await measured(path, signal)), discard };
  } catch (error) {
    await discard();
    throw error;
  }
}

/** No owner, no times, entries in one order: nothing but names, content and whether a file is executable. */
async function pack(cwd: string, entries: readonly string[], path: string, signal: AbortSignal): Promise<void> {
  const { Pack } = await import('../../heavy/tar.js');
  // In turn: files that are read side by side are written in the order in which they are open.
  const archive = new Pack({
    ...{ cwd, gzip: true, portable: true, mtime: new Date(0), noDirRecurse: true, jobs: 1 },
    // Whoever runs it reads it: with what the umask of its author left, a task of another account could not.
    onWriteEntry: ({ stat }) => {
      if (stat === undefined) return;
      const executable = stat.isDirectory() || (stat.mode & 0o100) !== 0;
      stat.mode = (stat.mode & ~0o7777) | (executable ? 0o755 : 0o644);
    },
  });
  for (const entry of entries) archive.add(entry);
  archive.end();
  await pipeline(archive as unknown as NodeJS.ReadableStream, createWriteStream(path, { mode: 0o600 }), { signal });
}

async function measured(path: string, signal: AbortSignal): Promise<Omit<PackageFile, 'discard'>> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of createReadStream(path, { signal })) {
    hash.update(chunk as Buffer);
    bytes += (chunk as Buffer).length;
  }
  return { path, bytes, digest: `sha256:${hash.digest('hex')}` };
}
