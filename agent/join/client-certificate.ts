// What an agent proves who it is with: tls/agent.pem, its key and certificate in one file so that both change together, and
// tls/ca.crt, the authority that it trusts, and no other.
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CloudTaskError, messageOf, writeFileDurably } from '../../base/index.js';

export interface ClientCredentials {
  /** PEM, all of them. */
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

export class ClientCertificate {
  private readonly dataDir: string;
  private now: ClientCredentials;
  private parsed: X509Certificate;

  constructor(dataDir: string, credentials: ClientCredentials) {
    this.dataDir = dataDir;
    this.now = credentials;
    this.parsed = new X509Certificate(credentials.cert);
  }

  get credentials(): ClientCredentials {
    return this.now;
  }

  /** Wall time, ms. */
  get begins(): number {
    return Date.parse(this.parsed.validFrom);
  }

  /** Wall time, ms. */
  get expires(): number {
    return Date.parse(this.parsed.validTo);
  }

  /** Keeps another key and certificate from now on. Throws when it is not of that key, or cannot be written; the old one stays then. */
  async replace(key: string, cert: string): Promise<void> {
    const parsed = new X509Certificate(cert);
    if (!parsed.checkPrivateKey(createPrivateKey(key))) throw new Error('the certificate is of another key');
    await writeFileDurably(certificateFiles(this.dataDir).agent, `${key}${cert}`, 0o600);
    this.now = { ...this.now, key, cert };
    this.parsed = parsed;
  }
}

/** Where an agent that has joined keeps what coordination is closed with; not there where it is open. */
export function coordinationSecretFile(dataDir: string): string {
  return join(dataDir, 'tls', 'coordination.secret');
}

export function certificateFiles(dataDir: string): { directory: string; agent: string; ca: string; joining: string } {
  const directory = join(dataDir, 'tls');
  return {
    directory,
    agent: join(directory, 'agent.pem'),
    ca: join(directory, 'ca.crt'),
    /** The key of a joining that has not been answered: the same is asked for again. */
    joining: join(directory, 'joining.key'),
  };
}

/** The certificate that an agent of this name has; undefined when it has not joined. Throws CT_CONFIG_INVALID. */
export async function readCertificate(dataDir: string, name: string): Promise<ClientCertificate | undefined> {
  const files = certificateFiles(dataDir);
  const pem = await readText(files.agent);
  if (pem === undefined) return undefined;
  const ca = await readText(files.ca);
  const [, key, cert] = /^(-----BEGIN PRIVATE KEY-----.*-----END PRIVATE KEY-----\n)(.*)$/s.exec(pem) ?? [];
  const hint = 'remove the folder tls of the data directory, and join anew';
  if (ca === undefined || key === undefined || cert === undefined) {
    throw new CloudTaskError('CT_CONFIG_INVALID', { subject: files.agent, detail: 'it is damaged', hint });
  }
  let agent: string | undefined;
  let certificate: ClientCertificate;
  try {
    certificate = new ClientCertificate(dataDir, { ca, cert, key });
    agent = /^CN=(.*)$/m.exec(new X509Certificate(cert).subject)?.[1];
  } catch (cause) {
    const detail = `it is damaged: ${messageOf(cause)}`;
    throw new CloudTaskError('CT_CONFIG_INVALID', { subject: files.agent, detail, hint, cause });
  }
  if (agent === name) return certificate;
  throw new CloudTaskError('CT_CONFIG_INVALID', {
    subject: files.agent,
    detail: `it is the certificate of agent "${agent ?? ''}", not "${name}"`,
    hint: 'give each agent a data directory of its own',
  });
}

/** The authority first: the certificate is there when all is. */
export async function saveCertificate(dataDir: string, credentials: ClientCredentials): Promise<ClientCertificate> {
  const files = certificateFiles(dataDir);
  const certificate = new ClientCertificate(dataDir, credentials);
  await mkdir(files.directory, { recursive: true, mode: 0o700 });
  await writeFileDurably(files.ca, credentials.ca, 0o644);
  await certificate.replace(credentials.key, credentials.cert);
  return certificate;
}

export async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new CloudTaskError('CT_CONFIG_INVALID', { subject: path, detail: 'the file cannot be read', cause: error });
  }
}
