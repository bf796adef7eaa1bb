// The key of the key file: it seals the key that seals the values, and is kept nowhere else.
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

/** The key; undefined when there is no file. Throws CT_CONFIG_INVALID for a file that holds none. */
export async function readKeyFile(path: string): Promise<FileKey | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new CloudTaskError('CT_CONFIG_INVALID', { subject: path, detail: 'the key cannot be read', cause: error });
  }
  if (!KEY_FORM.test(text.trim())) {
    throw new CloudTaskError('CT_CONFIG_INVALID', { subject: path, detail: 'the file holds no key of the form ctk_…' });
  }
  await chmod(path, 0o600);
  return fileKey(Buffer.from(text.trim().slice('ctk_'.length), 'base64url'));
}

/** Makes a key, in a file that only its owner can read. */
export async function createKeyFile(path: string): Promise<FileKey> {
  const key = randomBytes(SEALING_KEY_BYTES);
  await writeFileDurably(path, `ctk_${key.toString('base64url')}\n`, 0o600);
  return fileKey(key);
}

function fileKey(key: Buffer): FileKey {
  const id = createHash('sha256').update('ctask secrets key id\0').update(key).digest('hex').slice(0, 16);
  return { id, key };
}
