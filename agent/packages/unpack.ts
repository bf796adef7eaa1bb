import { mkdir, open } from 'node:fs/promises';
import { ARCHIVE_LIMITS, type ArchiveLimits, Meter, refusedArchive } from './archive-limits.js';
import { EntryTree } from './entry-tree.js';
import { removeTree } from './remove-tree.js';
import { TreeWriter } from './tree-writer.js';
import { unpackTar } from './unpack-tar.js';
import { unpackZip } from './unpack-zip.js';

export interface Unpacked {
  /** Of all files together. */
  readonly bytes: number;
  /** Files and directories. */
  readonly entries: number;
}

/**
 * Unpacks a tar.gz or zip archive into `target`, which does not exist, and makes it durable and read-only. Throws
 * CT_PACKAGE_INVALID for an archive that is damaged or breaks a rule, or an error of the disk; then `target` does not exist
 * either.
 */
export async function unpack(
  archive: string,
  target: string,
  options: { readonly limits?: ArchiveLimits; readonly windows?: boolean; readonly signal?: AbortSignal } = {},
): Promise<Unpacked> {
  const { limits = ARCHIVE_LIMITS, windows = process.platform === 'win32' } = options;
  const { size, format } = await look(archive);
  await mkdir(target, { mode: 0o700 });
  const tree = new EntryTree(limits, windows);
  const meter = new Meter(limits, size);
  const writer = new TreeWriter(target, tree, meter, options.signal);
  try {
    await (format === 'zip' ? unpackZip : unpackTar)(archive, writer, limits);
    if (tree.size === 0) throw refusedArchive('the archive is empty');
    await writer.finish();
  } catch (error) {
    await writer.abandon();
    await removeTree(target);
    throw error;
  }
  return { bytes: meter.bytes, entries: tree.size };
}

async function look(archive: string): Promise<{ size: number; format: 'tar.gz' | 'zip' }> {
  const file = await open(archive, 'r');
  try {
    const { size } = await file.stat();
    const { buffer } = await file.read(Buffer.alloc(4), 0, 4, 0);
    if (buffer[0] === 0x1f && buffer[1] === 0x8b) return { size, format: 'tar.gz' };
    // 'PK' and an entry, or the end of an archive without entries.
    if (buffer[0] === 0x50 && buffer[1] === 0x4b && (buffer[2] === 3 || buffer[2] === 5))
      return { size, format: 'zip' };
  } finally {
    await file.close();
  }
  throw refusedArchive('it is neither a tar.gz nor a zip archive');
}
