// The authority whose certificates centers and agents of an installation know each other by.
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  X509Certificate,
} from 'node:crypto';
import { chmod, mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Clock, CloudTaskError, messageOf, writeFileDurably } from '../../../base/index.js';
import { CENTER_TLS_NAME } from '../../../manifests/index.js';

const DAY_MS = 86_400_000;
const AUTHORITY_LIFE_MS = 3650 * DAY_MS;
export const SERVER_LIFE_MS = 90 * DAY_MS;
/** Clocks of agents may be behind. Of a certificate that lives shorter than that it is a tenth of its life. */
const EARLIER_MS = 5 * 60_000;
const EARLIER_SHARE = 0.1;
/** Of certificates that centers give to agents. */
export const AGENTS = 'cloudtask:agents';

export interface AuthorityFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

/** A certificate that the authority made. */
export interface Issued {
  /** PEM. */
  readonly certificate: string;
  /** Wall time, ms. */
  readonly expires: number;
}

export class Authority {
  /** Where its certificate lies. */
  readonly file: string;
  /** PEM. */
  readonly certificate: string;
  /** SHA-256 of its certificate (DER), hex: what agents know it by. */
  readonly pin: string;
  private readonly der: Buffer;
  private readonly key: KeyObject;
  private readonly expires: number;
  private readonly clock: Clock;

  constructor(file: string, certificate: X509Certificate, key: KeyObject, clock: Clock) {
    this.file = file;
    this.der = certificate.raw;
    this.certificate = certificate.toString();
    this.pin = createHash('sha256').update(certificate.raw).digest('hex');
    this.expires = Date.parse(certificate.validTo);
    this.key = key;
    this.clock = clock;
  }

  /** For a center that is reached by `names`, which are DNS names and addresses; with a new key. */
  async issueServer(names: readonly string[]): Promise<Issued & { readonly key: string }> {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    const wish = { use: 'server', subject: { commonName: CENTER_TLS_NAME }, names } as const;
    const issued = await this.issue(wish, publicKey, SERVER_LIFE_MS);
    return { ...issued, key: pemOf(privateKey) };
  }

  /** For the key of a request (PKCS #10, PEM). `identity` says which joining of an agent of that name it is of. Throws CT_BAD_REQUEST. */
  async issueAgent(request: string, agent: { name: string; identity: string }, lifeMs: number): Promise<Issued> {
    const { keyOfRequest } = await import('./x509.js');
    const subject = { organization: AGENTS, commonName: agent.name, serialNumber: agent.identity };
    return this.issue({ use: 'client', subject }, keyOfRequest(request), lifeMs);
  }

  private async issue(
    wish: { use: 'server' | 'client'; subject: object; names?: readonly string[] },
    publicKey: KeyObject,
    lifeMs: number,
  ): Promise<Issued> {
    const { issueCertificate } = await import('./x509.js');
    const now = this.clock.now();
    const notAfter = Math.min(now + lifeMs, this.expires);
    const times = { notBefore: now - Math.min(EARLIER_MS, lifeMs * EARLIER_SHARE), notAfter };
    const issuer = { certificate: this.der, key: this.key };
    const certificate = issueCertificate({ ...wish, ...times, publicKey }, issuer);
    return { certificate, expires: Math.floor(notAfter / 1000) * 1000 };
  }
}

/**
 * Reads the authority; makes one when its certificate is not there and `mayMake`. Throws CT_CONFIG_INVALID for files that are missing or no
 * certificate of an authority with its key: another authority than agents know would shut all of them out.
 */
export async function openAuthority(files: AuthorityFiles, mayMake: boolean, clock: Clock): Promise<Authority> {
  const { certFile, keyFile } = files;
  const [certificate, key] = [await read(certFile), await read(keyFile)];
  // A key alone is what a crash between the two has left.
  if (certificate === undefined && mayMake) return makeAuthority(files, key, clock);
  for (const [path, text] of [[certFile, certificate] as const, [keyFile, key] as const]) {
    if (text !== undefined) continue;
    throw new CloudTaskError('CT_CONFIG_INVALID', {
      subject: path,
      detail: 'the file is missing',
      hint: 'the authority of an installation is one: copy its certificate and key from the center that made it',
    });
  }
  const authority = parse(certFile, () => new X509Certificate(certificate!));
  const secret = parse(keyFile, () => createPrivateKey(key!));
  if (!authority.ca) throw invalid(certFile, 'it is not the certificate of an authority');
  if (!authority.checkPrivateKey(secret)) throw invalid(keyFile, `it is not the key of ${certFile}`);
  if (Date.parse(authority.validTo) <= clock.now()) throw invalid(certFile, `it expired on ${authority.validTo}`);
  if (secret.asymmetricKeyType !== 'ec' && secret.asymmetricKeyType !== 'rsa') {
    throw invalid(keyFile, 'its key is of another kind than EC and RSA');
  }
  await chmod(keyFile, 0o600).catch(() => undefined); // somebody else's file is as they want it
  return new Authority(certFile, authority, secret, clock);
}

/** The key is written first: a certificate without its key would be of no use. */
async function makeAuthority(
  { certFile, keyFile }: AuthorityFiles,
  known: string | undefined,
  clock: Clock,
): Promise<Authority> {
  const { issueCertificate } = await import('./x509.js');
  const privateKey =
    known === undefined
      ? generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey
      : parse(keyFile, () => createPrivateKey(known));
  const publicKey = createPublicKey(privateKey);
  const now = clock.now();
  const pem = issueCertificate(
    {
      ...{ use: 'authority', publicKey, notBefore: now - EARLIER_MS, notAfter: now + AUTHORITY_LIFE_MS },
      subject: { organization: 'CloudTask', commonName: `CloudTask ${new Date(now).toISOString()}` },
    },
    { key: privateKey },
  );
  for (const path of [keyFile, certFile]) await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  if (known === undefined) await writeFileDurably(keyFile, pemOf(privateKey), 0o600);
  await writeFileDurably(certFile, pem, 0o644);
  return new Authority(certFile, new X509Certificate(pem), privateKey, clock);
}

function pemOf(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}

async function read(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new CloudTaskError('CT_CONFIG_INVALID', { subject: path, detail: 'the file cannot be read', cause: error });
  }
}

function parse<T>(path: string, make: () => T): T {
  try {
    return make();
  } catch (cause) {
    throw invalid(path, `it cannot be used: ${messageOf(cause)}`);
  }
}

function invalid(subject: string, detail: string): CloudTaskError {
  return new CloudTaskError('CT_CONFIG_INVALID', { subject, detail });
}
