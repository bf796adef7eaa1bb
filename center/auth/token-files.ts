import { createHash, randomBytes } from 'node:crypto';
import { chmod, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CloudTaskError, writeFileDurably } from '../../base/index.js';
import type { Store, TokenRow } from '../store/index.js';

/** 256 bits, base64url. */
const TOKEN_BYTES = 32;
const TOKEN_FORM = /^ct_[A-Za-z0-9_-]{43}$/;

export interface TokenFiles {
  readonly adminTokenFile: string;
  readonly agentTokenFile: string;
}

/** Where the tokens of a data directory lie. */
export function tokenFiles(dataDir: string): TokenFiles {
  return { adminTokenFile: join(dataDir, 'admin.token'), agentTokenFile: join(dataDir, 'agent.token') };
}

/**
 * Makes sure that an admin and an agent token exist: the first start writes them to files that only the owner can read;
 * later starts take what the files say, so that a token is changed by writing a new one there. The store gets their
 * SHA-256 only. Throws CT_CONFIG_INVALID for a file that is empty or holds no token: a center must not start with an
 * authentication that is not the one that was meant; and for a missing file when other centers share the store and have
 * tokens in it: a new one would put theirs out of force.
 */
export async function ensureTokens(options: {
  dataDir: string;
  store: Store;
  /** Other centers may use the same store. */
  shared?: boolean;
}): Promise<TokenFiles> {
  const files = tokenFiles(options.dataDir);
  const rows: [string, TokenRow][] = [
    [files.adminTokenFile, { subject: 'admin', role: 'admin' }],
    [files.agentTokenFile, { subject: 'agent', role: 'agent' }],
  ];
  for (const [path, row] of rows) {
    const known = await readToken(path);
    if (known === undefined && options.shared && (await options.store.hasToken(row.subject))) {
      throw new CloudTaskError('CT_CONFIG_INVALID', {
        subject: path,
        detail: 'the file is missing, and another center on this store has such a token',
        hint: 'copy admin.token, agent.token and coordination.secret from the data directory of that center',
      });
    }
    await options.store.putToken(tokenHash(known ?? (await createToken(path))), row);
  }
  return files;
}

/** SHA-256 of a token, hex: the only form of it that is kept. */
export function tokenHash(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

async function readToken(path: string): Promise<string | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new CloudTaskError('CT_CONFIG_INVALID', { subject: path, detail: 'the token cannot be read', cause: error });
  }
  const token = text.trim();
  if (!TOKEN_FORM.test(token)) {
    throw new CloudTaskError('CT_CONFIG_INVALID', {
      subject: path,
      detail: token === '' ? 'the token file is empty' : 'the file holds no token of the form ct_…',
      hint: 'remove the file, and the next start makes a new token',
    });
  }
  await chmod(path, 0o600);
  return token;
}

/** A token of a user: told apart from those of files by its beginning. */
export function newToken(): string {
  return `ctk_${newTokenSecret()}`;
}

/** 256 bits, base64url. */
export function newTokenSecret(): string {
  return randomBytes(TOKEN_BYTES).toString('base64url');
}

async function createToken(path: string): Promise<string> {
  const token = `ct_${newTokenSecret()}`;
  await writeFileDurably(path, `${token}\n`, 0o600);
  return token;
}
