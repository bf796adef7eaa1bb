// Finds out by which authority a center speaks, and says nothing to it meanwhile: whoever answers may be anybody.
import { createHash, X509Certificate } from 'node:crypto';
import { connect, type DetailedPeerCertificate, type TLSSocket } from 'node:tls';
import { CloudTaskError, messageOf } from '../../base/index.js';
import { CENTER_TLS_NAME } from '../../manifests/index.js';

const TIMEOUT_MS = 10_000;
/** Longer chains are none of ours. */
const CHAIN_MAX = 10;

/**
 * The certificate (PEM) of the authority that `pin` is the SHA-256 of, as the center shows it. The connection ends after the handshake: no
 * byte of anybody's is sent through it, and the next one trusts this authority alone. Throws CT_UNAUTHORIZED when the center
 * shows another one, CT_SERVER_UNREACHABLE.
 */
export async function pinnedAuthority(url: string, pin: string, signal: AbortSignal): Promise<string> {
  const { hostname, port } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '');
  const socket = connect({
    ...{ host, port: port === '' ? 443 : Number(port), servername: CENTER_TLS_NAME, timeout: TIMEOUT_MS },
    // What is shown is looked at below, and nothing is sent before.
    rejectUnauthorized: false,
  });
  const aborted = () => socket.destroy(new Error('asked to end'));
  signal.addEventListener('abort', aborted, { once: true });
  try {
    await handshake(socket, host.includes(':') ? `[${host}]` : host);
    const found = chainOf(socket).find(({ raw }) => createHash('sha256').update(raw).digest('hex') === pin);
    if (found === undefined) {
      throw new CloudTaskError('CT_UNAUTHORIZED', {
        detail: `${url} is not the center that the join token is of: it shows another authority`,
        hint: 'nothing was sent to it. Is the address right, and the token of this installation?',
      });
    }
    return new X509Certificate(found.raw).toString();
  } finally {
    signal.removeEventListener('abort', aborted);
    socket.destroy();
  }
}

function handshake(socket: TLSSocket, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown) => {
      const detail = `no TLS connection to ${host}: ${messageOf(cause)}`;
      reject(new CloudTaskError('CT_SERVER_UNREACHABLE', { detail, cause }));
    };
    socket.once('secureConnect', resolve);
    socket.once('error', fail);
    socket.once('close', () => fail(new Error('the connection ended')));
    socket.once('timeout', () => socket.destroy(new Error('no answer')));
  });
}

function chainOf(socket: TLSSocket): { readonly raw: Buffer }[] {
  const chain: { readonly raw: Buffer }[] = [];
  let certificate: DetailedPeerCertificate | undefined = socket.getPeerCertificate(true);
  while (certificate?.raw !== undefined && chain.length < CHAIN_MAX) {
    chain.push(certificate);
    certificate = certificate.issuerCertificate === certificate ? undefined : certificate.issuerCertificate;
  }
  return chain;
}
