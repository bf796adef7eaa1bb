// What the API shows to those who connect, and whom it asks for certificates.
import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { hostname, networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { createSecureContext, type SecureContextOptions, type Server } from 'node:tls';
import { type Clock, CloudTaskError, type Logger, messageOf, type Timer } from '../../../base/index.js';
import { CENTER_TLS_NAME } from '../../../manifests/index.js';
import { type Authority, openAuthority, SERVER_LIFE_MS } from './authority.js';

/** A certificate is replaced when a third of its life is left. */
const RENEW_AT = 2 / 3;
const RETRY_MS = 60_000;
/** An authority that ends soon gives certificates that do, and these are not made all the time. */
const PAUSE_MS = 3_600_000;
const DNS_NAME = /^(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9-]{0,62})(\.[A-Za-z0-9]([A-Za-z0-9-]{0,62}))*$/;

export interface TlsOptions {
  /** PEM files of a certificate that somebody else has made; shown to all but agents. */
  readonly given?: { readonly certFile: string; readonly keyFile: string };
  /** An authority of the installation, which gives certificates to its centers and agents. */
  readonly authority?: {
    /** `tls/ca.crt` and `tls/ca.key` in the data directory unless given. */
    readonly certFile?: string;
    readonly keyFile?: string;
    /** What the center is reached by, besides what it knows by itself. */
    readonly names: readonly string[];
    /** How long certificates of agents are good for, ms. */
    readonly agentCertificateMs: number;
    /** Agents may use the token that they all share instead of a certificate of their own. */
    readonly allowSharedToken?: boolean;
  };
}

/** Where the authority of a data directory lies. */
export function authorityFiles(dataDir: string): { certFile: string; keyFile: string } {
  return { certFile: join(dataDir, 'tls', 'ca.crt'), keyFile: join(dataDir, 'tls', 'ca.key') };
}

export class ServerTls {
  readonly authority: Authority | undefined;
  private readonly given: SecureContextOptions | undefined;
  private readonly names: readonly string[];
  private readonly clock: Clock;
  private readonly log: Logger;
  private own: { readonly context: SecureContextOptions; readonly expires: number } | undefined;
  private timer: Timer | undefined;
  private stopped = false;

  private constructor(
    parts: Pick<ServerTls, 'authority'> & {
      given: SecureContextOptions | undefined;
      names: readonly string[];
      clock: Clock;
      log: Logger;
    },
  ) {
    this.authority = parts.authority;
    this.given = parts.given;
    this.names = parts.names;
    this.clock = parts.clock;
    this.log = parts.log;
  }

  /** Throws CT_CONFIG_INVALID for files that cannot be used, and a name that is none. */
  static async open(
    { given, authority: own }: TlsOptions,
    {
      dataDir,
      host,
      mayMake,
      clock,
      log,
    }: { dataDir: string; host: string; mayMake: boolean; clock: Clock; log: Logger },
  ): Promise<ServerTls> {
    const standard = authorityFiles(dataDir);
    const files = { certFile: own?.certFile ?? standard.certFile, keyFile: own?.keyFile ?? standard.keyFile };
    // Files that are named are meant to be there.
    const make = mayMake && own?.certFile === undefined && own?.keyFile === undefined;
    const tls = new ServerTls({
      authority: own === undefined ? undefined : await openAuthority(files, make, clock),
      given: given && { cert: await read(given.certFile), key: await read(given.keyFile) },
      names: namesOf(host, own?.names ?? []),
      ...{ clock, log },
    });
    await tls.renew();
    return tls;
  }

  /** For the server to begin with. */
  get options(): SecureContextOptions & { requestCert?: boolean; rejectUnauthorized?: boolean } {
    const context = this.given ?? this.own?.context;
    if (this.authority === undefined) return { ...context };
    // Browsers and ctask have no certificate: who somebody is the API says, which takes none but those of the authority.
    return { ...context, ca: this.authority.certificate, requestCert: true, rejectUnauthorized: false };
  }

  /** Keeps the certificate of `server` from expiring, without a restart, until `stop`. */
  attach(server: Server): void {
    this.show(server);
    this.plan(server);
  }

  stop(): void {
    this.stopped = true;
    this.timer?.cancel();
  }

  private plan(server: Server): void {
    if (this.own === undefined || this.stopped) return;
    const at = Math.max(this.own.expires - SERVER_LIFE_MS * (1 - RENEW_AT), this.clock.now() + PAUSE_MS);
    this.timer = this.clock.timerAt(at, () => void this.again(server));
  }

  private async again(server: Server): Promise<void> {
    try {
      await this.renew();
      this.show(server);
      this.log.info(
        { expires: new Date(this.own?.expires ?? 0).toISOString() },
        'the certificate of the api was renewed',
      );
      this.plan(server);
    } catch (error) {
      this.log.error({ err: messageOf(error) }, 'the certificate of the api could not be renewed');
      if (!this.stopped) this.timer = this.clock.timerAfter(RETRY_MS, () => void this.again(server));
    }
  }

  private async renew(): Promise<void> {
    const { authority } = this;
    if (authority === undefined) return;
    const { certificate, key, expires } = await authority.issueServer(this.names);
    // The authority goes along: whoever joins knows it by its hash, and has not seen it before.
    const cert = `${certificate}${authority.certificate}`;
    this.own = { context: { cert, key, ca: authority.certificate }, expires };
  }

  /** Agents ask for a name of their own, so that they are shown the certificate of the authority whatever people are shown. */
  private show(server: Server): void {
    if (this.own === undefined) return;
    if (this.given === undefined) server.setSecureContext(this.own.context);
    else server.addContext(CENTER_TLS_NAME, createSecureContext(this.own.context));
  }
}

function namesOf(host: string, further: readonly string[]): string[] {
  const wrong = further.find((name) => isIP(name) === 0 && !DNS_NAME.test(name));
  if (wrong !== undefined) {
    throw new CloudTaskError('CT_CONFIG_INVALID', `--tls-name "${wrong}" is neither a DNS name nor an address`);
  }
  const everywhere = host === '0.0.0.0' || host === '::';
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  const outer = addresses.filter(({ internal, address }) => !internal && !address.includes('%'));
  const all = [
    ...[CENTER_TLS_NAME, 'localhost', '127.0.0.1', '::1', hostname()],
    ...(everywhere ? outer.map(({ address }) => address) : [host]),
    ...further,
  ];
  return [...new Set(all)].filter((name) => isIP(name) !== 0 || DNS_NAME.test(name));
}

async function read(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new CloudTaskError('CT_CONFIG_INVALID', { subject: path, detail: 'the file cannot be read', cause });
  }
}
