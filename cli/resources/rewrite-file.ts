import { readFile, stat } from 'node:fs/promises';
import { CloudTaskError, messageOf, writeFileDurably } from '../../base/index.js';

/** Replaces the text of a file by what `change` makes of it, whole or not at all; its mode stays. True when it changed.
 * Throws CT_USAGE for a file that cannot be read. */
export async function rewriteFile(file: string, change: (text: string) => string): Promise<boolean> {
  let before: string;
  let mode: number;
  try {
    before = await readFile(file, 'utf8');
    mode = (await stat(file)).mode & 0o7777;
  } catch (error) {
    throw new CloudTaskError('CT_USAGE', { detail: `${file}: ${messageOf(error)}`, cause: error });
  }
  const after = change(before);
  if (after === before) return false;
  await writeFileDurably(file, after, mode);
  return true;
}
