// The cookie of a session, and what a request that comes with it must have besides, so that no other site can send it.
import type { FastifyRequest } from 'fastify';
import { CloudTaskError } from '../../base/index.js';
import { isLoopback } from '../auth/index.js';

const NAME = 'ctask_session';
/** Set by the console; a page of another origin cannot set it without being asked by the browser whether it may. */
const CONSOLE_HEADER = 'x-ctask-console';

/** The secret that the request's cookie holds. */
export function sessionSecretOf(request: FastifyRequest): string | undefined {
  return valueOfCookie(request, NAME);
}

export function valueOfCookie({ headers }: FastifyRequest, wanted: string): string | undefined {
  for (const pair of (headers.cookie ?? '').split(';')) {
    const [name, value] = pair.trim().split('=', 2);
    if (name === wanted && value !== undefined && value !== '') return value;
  }
  return undefined;
}

export function sessionCookie(request: FastifyRequest, secret: string, maxAgeSeconds: number): string {
  return attributes(request, `${NAME}=${secret}; Max-Age=${Math.max(0, Math.floor(maxAgeSeconds))}`);
}

/** Makes the browser forget it. */
export function noSessionCookie(request: FastifyRequest): string {
  return attributes(request, `${NAME}=; Max-Age=0`);
}

function attributes(request: FastifyRequest, pair: string): string {
  return `${pair}; Path=/; HttpOnly; SameSite=Strict${isPlainLoopback(request) ? '' : '; Secure'}`;
}

/** The one place where a cookie may travel in clear text. */
export function isPlainLoopback(request: FastifyRequest): boolean {
  return request.protocol === 'http' && isLoopback(request.hostname.replace(/^\[|\]$/g, ''));
}

const SAFE = ['GET', 'HEAD'];

/** Of requests that a session authenticates. Throws CT_FORBIDDEN for one that changes something and might be of another site. */
export function requireOwnPage(request: FastifyRequest): void {
  if (SAFE.includes(request.method)) return;
  const { headers } = request;
  const known = headers['sec-fetch-site'] !== undefined || headers.origin !== undefined;
  if (headers[CONSOLE_HEADER] === '1' && known && isSameOrigin(request)) return;
  const needs = `header "${CONSOLE_HEADER}: 1" and a same-origin Origin or Sec-Fetch-Site`;
  throw new CloudTaskError('CT_FORBIDDEN', `with a session, a request that changes something needs ${needs}`);
}

/** False for a request that a browser sends for a page of another site. Programs other than browsers say nothing. */
export function isSameOrigin({ headers, host }: FastifyRequest): boolean {
  const { 'sec-fetch-site': site, origin } = headers;
  if (site !== undefined && site !== 'same-origin') return false;
  if (origin === undefined) return true;
  try {
    return new URL(origin).host === host;
  } catch {
    return false;
  }
}
