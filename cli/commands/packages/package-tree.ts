// What of a directory goes into a package: by the rules that agents unpack by, said here where the files are.
import { promises as fs } from 'node:fs';
import { join } from 'node:path';
import { CloudTaskError, formatBytes } from '../../../base/index.js';

/** The limits of agents (docs/packages.md). */
const ENTRIES_MAX = 10_000;
const TOTAL_MAX_BYTES = 1024 ** 3;
const FILE_MAX_BYTES = 512 * 1024 ** 2;
const NAME_MAX_BYTES = 255;

export interface PackageTree {
  /** Paths below the directory, sorted, with / between their parts; directories end with one. */
  readonly entries: readonly string[];
  readonly bytes: number;
}

/** Throws CT_BAD_REQUEST for what agents would refuse. */
export async function packageTree(directory: string): Promise<PackageTree> {
  const entries: string[] = [];
  const seen = new Map<string, string>();
  let bytes = 0;
  const visit = async (below: string): Promise<void> => {
    for (const entry of await fs.readdir(join(directory, below), { withFileTypes: true })) {
      const path = below === '' ? entry.name : `${below}/${entry.name}`;
      if (!entry.isFile() && !entry.isDirectory()) {
        throw refused(path, entry.isSymbolicLink() ? 'it is a symbolic link' : 'it is neither a file nor a directory');
      }
      if (Buffer.byteLength(entry.name) > NAME_MAX_BYTES) throw refused(path, 'its name is longer than 255 bytes');
      if (/[\\\0]/.test(entry.name)) throw refused(path, 'its name has a character that separates names elsewhere');
      const same = path.normalize('NFC').toLowerCase();
      const other = seen.get(same);
      if (other !== undefined) throw refused(path, `on some file systems it is the same as "${other}"`);
      seen.set(same, path);
      if (entries.length >= ENTRIES_MAX) throw refused(path, `there are more than ${ENTRIES_MAX} entries`);
      entries.push(entry.isDirectory() ? `${path}/` : path);
      if (entry.isDirectory()) await visit(path);
      else bytes += await sizeOf(join(directory, path), path);
      if (bytes > TOTAL_MAX_BYTES) throw refused(path, `there is more than ${formatBytes(TOTAL_MAX_BYTES)} in all`);
    }
  };
  await visit('');
  if (entries.length === 0) throw new CloudTaskError('CT_BAD_REQUEST', { subject: directory, detail: 'it is empty' });
  return { entries: entries.sort(), bytes };
}

async function sizeOf(file: string, path: string): Promise<number> {
  const { size } = await fs.stat(file);
  if (size > FILE_MAX_BYTES) throw refused(path, `it has more than ${formatBytes(FILE_MAX_BYTES)}`);
  return size;
}

function refused(subject: string, detail: string): CloudTaskError {
  return new CloudTaskError('CT_BAD_REQUEST', { subject, detail: `${detail}; agents would refuse the package` });
}
