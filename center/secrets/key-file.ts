// The keys of the key file: they seal the keys that seal the values, and are kept nowhere else. One key a line, the oldest
// first; the last one seals.
import { createHash, randomBytes } from 'node:crypto';
import { chmod, readFile } from 'node:fs/promises';
import { CloudTaskError, SEALING_KEY_BYTES, writeFileDurably } from '../../base/index.js';

/** The form lets scanners of repositories know it. */
const KEY_FORM = /^ctk_[A-Za-z0-9_-]{43}$/;

export interface FileKey {
  /** Tells keys apart, and tells nothing about them. */
  readonly id: string;
  readonly key: Buffer;
}

/** The keys, oldest first; undefined when there is no file. Throws CT_CONFIG_INVALID for a file that holds anything else. */
export async function readKeyFile(path: string): Promise<readonly FileKey[] | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new CloudTaskError('CT_CONFIG_INVALID', { subject: path, detail: 'the key cannot be read', cause: error });
  }
  const lines = text.trim().split(/\s*\n\s*/);
  const wrong = lines.findIndex((line) => !KEY_FORM.test(line));
  if (wrong >= 0) {
    const detail = `line ${wrong + 1} of the file is not a key of the form ctk_…`;
    throw new CloudTaskError('CT_CONFIG_INVALID', { subject: path, detail });
  }
  await chmod(path, 0o600);
  return lines.map((line) => fileKey(Buffer.from(line.slice('ctk_'.length), 'base64url')));
}

/** Adds a new key, in a file that only its owner can read. */
export async function addKey(path: string): Promise<FileKey> {
  const key = fileKey(randomBytes(SEALING_KEY_BYTES));
  await writeKeyFile(path, [...((await readKeyFile(path)) ?? []), key]);
  return key;
}

/** Takes a key out of the file; false when it was not in it. The last one stays. */
export async function removeKey(path: string, id: string): Promise<boolean> {
  const keys = (await readKeyFile(path)) ?? [];
  const others = keys.filter((key) => key.id !== id);
  if (others.length === keys.length || others.length === 0) return false;
  await writeKeyFile(path, others);
  return true;
}

/** Replaced whole: after a crash there is the old file or the new one. Throws CT_CONFIG_INVALID. */
export async function writeKeyFile(path: string, keys: readonly FileKey[]): Promise<void> {
  try {
    await writeFileDurably(path, keys.map(({ key }) => `ctk_${key.toString('base64url')}\n`).join(''), 0o600);
  } catch (cause) {
    throw new CloudTaskError('CT_CONFIG_INVALID', { subject: path, detail: 'the file cannot be written', cause });
  }
}

function fileKey(key: Buffer): FileKey {
  const id = createHash('sha256').update('ctask secrets key id\0').update(key).digest('hex').slice(0, 16);
  return { id, key };
}
