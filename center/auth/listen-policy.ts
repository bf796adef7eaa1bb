import { isIP } from 'node:net';
import { CloudTaskError } from '../../base/index.js';

/** Throws CT_CONFIG_INVALID when tokens and output would cross a network in clear text and nobody said that this is meant. */
export function requireSafeListening(options: { host: string; tls: boolean; insecure: boolean }): void {
  const { host, tls, insecure } = options;
  if (tls || insecure || isLoopback(host)) return;
  throw new CloudTaskError('CT_CONFIG_INVALID', {
    detail: `refusing to listen on "${host}" without TLS: tokens would cross the network in clear text`,
    hint: 'say --tls, with which the center makes its own certificate; or give one and its key (--tls-cert, --tls-key), listen on 127.0.0.1, or say --insecure if the network is protected otherwise',
  });
}

export function isLoopback(host: string): boolean {
  if (host === 'localhost') return true;
  if (isIP(host) === 4) return host.startsWith('127.');
  return host === '::1';
}
