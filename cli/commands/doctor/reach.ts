// How far one gets towards a center, step by step: its name, its port, its certificate, its answer.
import type { DetailedPeerCertificate, TLSSocket } from 'node:tls';
import { type Clock, formatAge, messageOf } from '../../../base/index.js';
import { isLoopback } from '../../client/loopback.js';
import type { Settings } from '../../client/settings.js';
import { type Check, checksOf, naming } from './check.js';

/** A center that takes longer to take a connection is as good as away. */
const CONNECT_MS = 5000;
/** Centers with an authority of their own renew what they show well before that. */
const CERTIFICATE_WARN_MS = 14 * 86_400_000;
/** Whoever made it needs time to give a new one to everybody. */
const AUTHORITY_WARN_MS = 90 * 86_400_000;

export interface ReachDeps {
  readonly settings: Settings;
  readonly clock: Clock;
}

/** Checks of the name, the port and the certificate; the last one is no `ok` when nothing can be asked of the center. */
export async function reach(server: string, deps: ReachDeps): Promise<Check[]> {
  const { warn, ok, fail } = checksOf('Connection');
  const url = new URL(server);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const secure = url.protocol === 'https:';
  const port = Number(url.port || (secure ? 443 : 80));
  const checks: Check[] = [];
  const addresses = await lookup(host);
  if (!Array.isArray(addresses)) {
    return [fail(`${server} name`, `${host} has no address: ${addresses.error}`, 'look at --server and at DNS')];
  }
  checks.push(
    ok(`${server} name`, host === addresses[0] ? `${host} is an address` : `${host} is ${naming(addresses)}`),
  );
  const before = deps.clock.monotonic();
  const refused = await connect(host, port, deps.clock);
  if (refused !== undefined) {
    const todo = `see whether the center runs and listens there (--host, --port), and whether a firewall is between`;
    return [...checks, fail(`${server} port`, `no connection to port ${port}: ${refused}`, todo)];
  }
  checks.push(
    ok(`${server} port`, `port ${port} takes connections (${Math.round(deps.clock.monotonic() - before)} ms)`),
  );
  if (secure) return [...checks, ...(await certificates(server, host, port, deps))];
  if (isLoopback(host)) return [...checks, ok(`${server} certificate`, 'plain HTTP, which stays on this machine')];
  const todo = 'start the center with --tls or --tls-cert, and use https://';
  return [...checks, warn(`${server} certificate`, 'plain HTTP: tokens can be read on the way', todo)];
}

async function lookup(host: string): Promise<string[] | { error: string }> {
  const { lookup: resolve } = process.getBuiltinModule('node:dns').promises;
  try {
    return (await resolve(host, { all: true })).map(({ address }) => address);
  } catch (error) {
    return { error: (error as NodeJS.ErrnoException).code ?? messageOf(error) };
  }
}

/** Why no connection comes about; undefined when one does. */
function connect(host: string, port: number, clock: Clock): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = process.getBuiltinModule('node:net').connect({ host, port });
    const end = (why?: string) => {
      late.cancel();
      socket.destroy();
      resolve(why);
    };
    const late = clock.timerAfter(CONNECT_MS, () => end(`no answer within ${CONNECT_MS / 1000} s`));
    socket.once('connect', () => end());
    socket.once('error', (error) => end(wordsOf(error)));
  });
}

/** Of a name with several addresses Node tells the causes inside. */
function wordsOf(error: Error): string {
  const [first = error] = error instanceof AggregateError ? (error.errors as Error[]) : [];
  return (first as NodeJS.ErrnoException).code ?? first.message;
}

interface Shaken {
  readonly refused?: string;
  /** Why the certificate is not trusted. */
  readonly distrusted?: string;
  /** That of the center first. */
  readonly chain?: readonly DetailedPeerCertificate[];
}

async function certificates(server: string, host: string, port: number, deps: ReachDeps): Promise<Check[]> {
  const { ok, warn, fail } = checksOf('Connection');
  const name = `${server} certificate`;
  const { refused, distrusted, chain = [] } = await shakeHands(host, port, deps);
  if (refused !== undefined) {
    return [fail(name, `TLS fails: ${refused}`, 'is it a center with TLS? Else its address begins with http://')];
  }
  const checks: Check[] = [];
  if (distrusted === undefined) checks.push(...endOf(name, chain[0], CERTIFICATE_WARN_MS, deps.clock.now()));
  else if (deps.settings.insecure) {
    checks.push(
      warn(name, `it is not trusted (${distrusted}), and --insecure-skip-tls-verify says not to mind`, TRUST),
    );
  } else checks.push(fail(name, `it is not trusted: ${distrusted}`, TRUST));
  const authority = chain.at(-1);
  if (chain.length > 1) checks.push(...endOf(`${server} authority`, authority, AUTHORITY_WARN_MS, deps.clock.now()));
  if (checks.length === 0) checks.push(ok(name, 'it is trusted'));
  return checks;
}

const TRUST =
  'give the file of its authority (tls/ca.crt of the center) with --certificate-authority, or look at the name in it';

function endOf(name: string, certificate: DetailedPeerCertificate | undefined, warnMs: number, now: number): Check[] {
  const { ok, warn, fail } = checksOf('Connection');
  const end = Date.parse(certificate?.valid_to ?? '');
  if (Number.isNaN(end)) return [];
  const on = new Date(end).toISOString();
  const todo = 'renew it; a center with --tls renews its own, one with --tls-cert reads its files when it starts';
  if (end <= now) return [fail(name, `it ended on ${on}`, todo)];
  if (end - now < warnMs) return [warn(name, `it ends in ${formatAge(end - now)}, on ${on}`, todo)];
  return [ok(name, `it is trusted until ${on}`)];
}

function shakeHands(host: string, port: number, { settings, clock }: ReachDeps): Promise<Shaken> {
  const { ca, tlsServerName, clientCertificate, clientKey } = settings;
  return new Promise((resolve) => {
    const socket: TLSSocket = process.getBuiltinModule('node:tls').connect({
      ...{ host, port, rejectUnauthorized: false },
      ...(ca === undefined ? {} : { ca }),
      servername: tlsServerName ?? (process.getBuiltinModule('node:net').isIP(host) === 0 ? host : ''),
      ...(clientCertificate === undefined || clientKey === undefined
        ? {}
        : { cert: clientCertificate, key: clientKey }),
    });
    const end = (shaken: Shaken) => {
      late.cancel();
      socket.destroy();
      resolve(shaken);
    };
    const late = clock.timerAfter(CONNECT_MS, () => end({ refused: `no answer within ${CONNECT_MS / 1000} s` }));
    socket.once('error', (error) => end({ refused: wordsOf(error) }));
    socket.once('secureConnect', () => {
      const own = socket.getPeerCertificate(true);
      const named = process.getBuiltinModule('node:tls').checkServerIdentity(tlsServerName ?? host, own);
      // The name is told in words; a chain that leads nowhere is worse than it, and comes first.
      const { authorized, authorizationError } = socket;
      const chained = authorized || String(authorizationError) === 'ERR_TLS_CERT_ALTNAME_INVALID';
      const distrusted = chained ? named?.message : String(authorizationError);
      end({ chain: chainOf(own), ...(distrusted === undefined ? {} : { distrusted }) });
    });
  });
}

function chainOf(own: DetailedPeerCertificate): DetailedPeerCertificate[] {
  const chain = [own];
  for (;;) {
    const next = chain.at(-1)!.issuerCertificate as DetailedPeerCertificate | undefined;
    if (next === undefined || chain.some(({ fingerprint256 }) => fingerprint256 === next.fingerprint256)) return chain;
    chain.push(next);
  }
}
