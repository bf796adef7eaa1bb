// The secret that an installation keeps its part of coordination closed with (decision 0030).
import { randomBytes } from 'node:crypto';
import { chmod, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CloudTaskError, type ResolvedOptions, writeFileDurably } from '../../base/index.js';

const FILE = 'coordination.secret';
const SECRET_BYTES = 32;
const FORM = /^[A-Za-z0-9_-]{32,512}$/;

/** As coordination takes it: a name and the secret, of which it keeps a hash with each node. */
export type CoordinationAuth = readonly { readonly scheme: string; readonly credential: Uint8Array }[];

/** Of a center: the first start makes it, other centers need a copy; agents that join get it. Throws CT_CONFIG_INVALID. */
export async function centerCoordinationAuth(
  options: ResolvedOptions,
  dataDir: string,
): Promise<{ readonly secret: string; readonly auth: CoordinationAuth }> {
  const given = options.coordinationSecretFile as string | undefined;
  const path = given ?? join(dataDir, FILE);
  const known = await readSecret(path);
  if (known !== undefined) {
    if (given === undefined) await chmod(path, 0o600);
    return { secret: known, auth: authOf(known) };
  }
  if (given !== undefined) throw wrong(path, 'the file is not there');
  const secret = randomBytes(SECRET_BYTES).toString('base64url');
  await writeFileDurably(path, `${secret}\n`, 0o600);
  return { secret, auth: authOf(secret) };
}

/** Of an agent: as it got it when it joined (`joined`), or beside its token, unless given. [] when there is none: then coordination must be open. Throws CT_CONFIG_INVALID. */
export async function agentCoordinationAuth(
  options: ResolvedOptions,
  joined: string | undefined,
): Promise<CoordinationAuth> {
  const { coordinationSecretFile: given, tokenFile } = options as Record<string, string | undefined>;
  const path = given ?? joined ?? (tokenFile === undefined ? undefined : join(dirname(tokenFile), FILE));
  const secret = path === undefined ? undefined : await readSecret(path);
  if (secret !== undefined) return authOf(secret);
  if (given !== undefined) throw wrong(given, 'the file is not there');
  return [];
}

export function authOf(secret: string): CoordinationAuth {
  return [{ scheme: 'digest', credential: Buffer.from(`ctask:${secret}`) }];
}

/** undefined for a file that is not there. An empty one is not the same as none. Throws CT_CONFIG_INVALID. */
export async function readSecret(path: string): Promise<string | undefined> {
  let text: string;
  try {
    text = (await readFile(path, 'utf8')).trim();
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw wrong(path, 'the file cannot be read', cause);
  }
  if (FORM.test(text)) return text;
  throw wrong(
    path,
    text === '' ? 'the file is empty' : 'the file holds no secret: 32 or more letters, digits, "-" and "_"',
  );
}

function wrong(subject: string, detail: string, cause?: unknown): CloudTaskError {
  return new CloudTaskError('CT_CONFIG_INVALID', {
    ...{ subject, detail, cause },
    hint: 'copy coordination.secret from the data directory of the first center',
  });
}
