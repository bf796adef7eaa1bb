import { statfsSync } from 'node:fs';

/** Of the file system of a directory, as the agent may use it, bytes; nothing where it does not tell. */
export function diskSpace(directory: string): { diskBytes?: number; diskFreeBytes?: number } {
  try {
    const { bsize, blocks, bavail } = statfsSync(directory);
    return { diskBytes: blocks * bsize, diskFreeBytes: bavail * bsize };
  } catch {
    return {};
  }
}
