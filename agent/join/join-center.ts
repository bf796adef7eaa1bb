// How an agent joins: it looks whether the center is the one that its token is of, makes a key that never leaves it, and gets a
// certificate for it. Whatever happens on the way, the next start goes on: the key is kept before it is told.
import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { Pool } from 'undici';
import {
  acquireDirectoryLock,
  Backoff,
  type Clock,
  CloudTaskError,
  isCloudTaskError,
  type Logger,
  messageOf,
  writeFileDurably,
} from '../../base/index.js';
import { type AgentCertificate, CENTER_TLS_NAME, type JoinToken } from '../../manifests/index.js';
import { certificateRequest } from './certificate-request.js';
import {
  type ClientCertificate,
  certificateFiles,
  coordinationSecretFile,
  readText,
  saveCertificate,
} from './client-certificate.js';
import { pinnedAuthority } from './pinned-authority.js';

const RETRY = { initialMs: 500, maxMs: 10_000 };
const TIMEOUT_MS = 30_000;

export interface JoinOptions {
  readonly dataDir: string;
  readonly name: string;
  readonly cluster: string;
  /** `https://…`, of centers of one installation. */
  readonly urls: readonly string[];
  readonly token: JoinToken;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Joins, and keeps the certificate in the data directory. Waits for a center that cannot be reached, and tries the next one. Throws
 * CT_UNAUTHORIZED and CT_FORBIDDEN for a token or name that the center refuses, and CT_UNAUTHORIZED for a center that the token is not
 * of, to which nothing is sent; CT_CONFIG_INVALID, CT_LOCKED; the reason of `signal`.
 */
export async function joinCenter(options: JoinOptions, signal: AbortSignal): Promise<ClientCertificate> {
  const { dataDir, urls, clock, log } = options;
  const plain = urls.find((url) => !url.startsWith('https://'));
  if (plain !== undefined) {
    throw new CloudTaskError('CT_CONFIG_INVALID', `an agent joins a center by https://, and "${plain}" is not that`);
  }
  const lock = await acquireDirectoryLock(dataDir);
  try {
    const key = await joiningKey(dataDir);
    const backoff = new Backoff(RETRY);
    for (let turn = 0; ; turn++) {
      signal.throwIfAborted();
      try {
        const { ca, cert, coordinationSecret } = await ask(options, urls[turn % urls.length]!, key, signal);
        if (coordinationSecret !== undefined) {
          await writeFileDurably(coordinationSecretFile(dataDir), `${coordinationSecret}\n`, 0o600);
        }
        const certificate = await saveCertificate(dataDir, { ca, cert, key });
        await rm(certificateFiles(dataDir).joining, { force: true });
        return certificate;
      } catch (error) {
        signal.throwIfAborted();
        if (!isCloudTaskError(error, 'CT_SERVER_UNREACHABLE', 'CT_UNAVAILABLE')) throw error;
        log.warn({ err: messageOf(error) }, 'the agent could not join yet');
      }
      await clock.sleep(backoff.next(), signal);
    }
  } finally {
    await lock.release();
  }
}

/** PEM. Of an earlier try if there was one: its answer may have been lost. */
async function joiningKey(dataDir: string): Promise<string> {
  const { directory, joining } = certificateFiles(dataDir);
  const known = await readText(joining);
  if (known !== undefined) return known;
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await writeFileDurably(joining, key, 0o600);
  return key;
}

async function ask({ name, cluster, token }: JoinOptions, url: string, key: string, signal: AbortSignal) {
  const ca = await pinnedAuthority(url, token.pin, signal);
  const request = await certificateRequest(createPrivateKey(key));
  const connect = { ca, servername: CENTER_TLS_NAME, timeout: TIMEOUT_MS };
  const pool = new Pool(new URL(url).origin, { connect, headersTimeout: TIMEOUT_MS, bodyTimeout: TIMEOUT_MS });
  try {
    const reply = await pool.request({
      method: 'POST',
      path: `/apis/cloudtask.dev/v1/agents/${encodeURIComponent(name)}/join`,
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify({ token: token.credential, cluster, request }),
      signal,
    });
    const text = await reply.body.text();
    if (reply.statusCode !== 200) throw refusal(reply.statusCode, text);
    const { certificate: cert, coordinationSecret } = JSON.parse(text) as AgentCertificate;
    return { ca, cert, coordinationSecret };
  } catch (cause) {
    if (isCloudTaskError(cause)) throw cause;
    throw new CloudTaskError('CT_SERVER_UNREACHABLE', { detail: `${url}: ${messageOf(cause)}`, cause });
  } finally {
    await pool.destroy();
  }
}

/** The center says why in its Status. */
function refusal(status: number, text: string): CloudTaskError {
  let said: { message?: string; details?: { hint?: string } } = {};
  try {
    said = JSON.parse(text) as typeof said;
  } catch {
    // not of a center: the status is what there is to tell
  }
  const { message = `the center answered ${status}`, details } = said;
  const code = { 401: 'CT_UNAUTHORIZED', 403: 'CT_FORBIDDEN', 400: 'CT_BAD_REQUEST', 404: 'CT_NOT_FOUND' } as const;
  const known = code[status as keyof typeof code] ?? 'CT_UNAVAILABLE';
  const another = known === 'CT_UNAUTHORIZED' ? 'make another: ctask create token --agent' : undefined;
  const hint = details?.hint ?? another;
  return new CloudTaskError(known, { detail: message, ...(hint === undefined ? {} : { hint }) });
}
