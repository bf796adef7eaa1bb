// One HTTP exchange over node:http, loaded on first use: fetch costs 100 ms per command, undici 150.
import type { IncomingHttpHeaders, IncomingMessage, RequestOptions } from 'node:http';
import { type Clock, CloudTaskError } from '../../base/index.js';

export interface HttpRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Until the headers of the answer are there; 0 for no limit. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly ca?: string;
  readonly insecure?: boolean;
  readonly tlsServerName?: string | undefined;
  readonly clientCertificate?: string | undefined;
  readonly clientKey?: string | undefined;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** The caller reads it to the end or destroys it. */
  readonly stream: IncomingMessage;
}

interface SecureOptions {
  ca?: string;
  cert?: string;
  key?: string;
  servername?: string;
  rejectUnauthorized?: boolean;
}

function secureOptions({ ca, insecure, tlsServerName, clientCertificate, clientKey }: HttpRequest): SecureOptions {
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(clientCertificate === undefined || clientKey === undefined ? {} : { cert: clientCertificate, key: clientKey }),
    ...(tlsServerName === undefined ? {} : { servername: tlsServerName }),
    ...(insecure ? { rejectUnauthorized: false } : {}),
  };
}

/** Resolves with the headers of the answer. Throws CT_SERVER_UNREACHABLE, CT_TIMEOUT, or the signal's reason. */
export async function exchange(request: HttpRequest, clock: Clock): Promise<HttpResponse> {
  request.signal.throwIfAborted();
  const secure = request.url.protocol === 'https:';
  // Not import(): within a CommonJS bundle that would start the loader of ES modules, for a module Node has built in.
  const { request: open } = secure ? process.getBuiltinModule('node:https') : process.getBuiltinModule('node:http');
  const options: RequestOptions & SecureOptions = {
    method: request.method,
    headers: request.headers,
    signal: request.signal,
    ...(secure ? secureOptions(request) : {}),
  };
  return new Promise((resolve, reject) => {
    const outgoing = open(request.url, options);
    const timer =
      request.timeoutMs === 0
        ? undefined
        : clock.timerAfter(request.timeoutMs, () => {
            reject(
              new CloudTaskError('CT_TIMEOUT', `no answer from ${request.url.host} within ${request.timeoutMs} ms`),
            );
            outgoing.destroy();
          });
    outgoing.on('response', (stream) => {
      timer?.cancel();
      // A connection that breaks while nobody reads must not end the process; the reader sees the error all the same.
      stream.on('error', () => undefined);
      resolve({ status: stream.statusCode ?? 0, headers: stream.headers, stream });
    });
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      timer?.cancel();
      reject(request.signal.aborted ? request.signal.reason : unreachable(error, request.url));
    });
    outgoing.end(request.body);
  });
}

/** Node reports a name with several addresses as one error with an empty message and the causes inside. */
function unreachable(error: NodeJS.ErrnoException, { host, protocol }: Pick<URL, 'host' | 'protocol'>): CloudTaskError {
  const first = error instanceof AggregateError ? (error.errors[0] as NodeJS.ErrnoException) : error;
  const detail =
    first.code === 'ECONNREFUSED'
      ? `the connection to the server ${host} was refused`
      : `cannot connect to the server ${host}: ${inWords(first)}`;
  const hint = hintOf(first, protocol);
  return new CloudTaskError('CT_SERVER_UNREACHABLE', { detail, cause: first, ...(hint === undefined ? {} : { hint }) });
}

/** What OpenSSL says of a certificate whose authority nobody has named. */
const UNKNOWN_AUTHORITY = new Set([
  ...['SELF_SIGNED_CERT_IN_CHAIN', 'DEPTH_ZERO_SELF_SIGNED_CERT'],
  ...['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'UNABLE_TO_GET_ISSUER_CERT', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY'],
]);

function hintOf({ code = '', message }: NodeJS.ErrnoException, protocol: string): string | undefined {
  if (UNKNOWN_AUTHORITY.has(code))
    return 'name its authority with --certificate-authority FILE: of a center with --tls, tls/ca.crt of its data directory';
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return 'say with --tls-server-name which name the certificate has; or give the center this one with --tls-name';
  // A server of TLS that is spoken to in clear text ends the connection.
  if (protocol === 'http:' && message === 'socket hang up') return 'it may speak TLS: try https:// in its address';
  return undefined;
}

/** What the libraries of TLS and DNS mean. */
function inWords({ code, message }: NodeJS.ErrnoException): string {
  if (message.includes('wrong version number'))
    return 'it does not speak TLS; is its address http:// instead of https://?';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return `${message.trim()}: there is no host of that name`;
  return message.trim();
}

/** An answer is kept in memory whole; beyond this something is wrong with it. */
const BODY_MAX_BYTES = 512 * 1024 * 1024;

/** The whole body as text. Throws CT_SERVER_UNREACHABLE when the connection breaks before its end, CT_TIMEOUT. */
export async function readBody(response: HttpResponse, host: string, timeoutMs: number, clock: Clock): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  let late = false;
  const timer =
    timeoutMs === 0
      ? undefined
      : clock.timerAfter(timeoutMs, () => {
          late = true;
          response.stream.destroy();
        });
  try {
    for await (const chunk of response.stream) {
      bytes += (chunk as Buffer).length;
      if (bytes > BODY_MAX_BYTES) throw new CloudTaskError('CT_TOO_LARGE', `the answer of ${host} is too large`);
      chunks.push(chunk as Buffer);
    }
  } catch (error) {
    if (late) throw new CloudTaskError('CT_TIMEOUT', `the answer of ${host} did not end within ${timeoutMs} ms`);
    if (error instanceof CloudTaskError) throw error;
    throw unreachable(error as NodeJS.ErrnoException, { host, protocol: '' });
  } finally {
    timer?.cancel();
  }
  return Buffer.concat(chunks).toString('utf8');
}
