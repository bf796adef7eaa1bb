// What the browser keeps while it is at the issuer. It is sent along when the issuer sends the browser back, which is another site:
// SameSite=Lax, and nothing but the way back ever reads it.
import type { FastifyRequest } from 'fastify';
import { OIDC_FLOW_MS, type OidcFlow } from '../auth/index.js';
import { isPlainLoopback, valueOfCookie } from './session-cookie.js';

const NAME = 'ctask_oidc';

/** `next`: the page to go on to. */
export interface BrowserFlow extends OidcFlow {
  readonly next: string;
}

export function flowCookie(request: FastifyRequest, flow: BrowserFlow): string {
  const { state, nonce, verifier, next } = flow;
  const value = Buffer.from(JSON.stringify([state, nonce, verifier, next])).toString('base64url');
  return attributes(request, `${nameFor(request)}=${value}; Max-Age=${OIDC_FLOW_MS / 1000}`);
}

export function noFlowCookie(request: FastifyRequest): string {
  return attributes(request, `${nameFor(request)}=; Max-Age=0`);
}

/** undefined without one, and for one that is none of ours. */
export function flowOf(request: FastifyRequest): BrowserFlow | undefined {
  const value = valueOfCookie(request, nameFor(request));
  if (value === undefined) return undefined;
  try {
    const parts: unknown = JSON.parse(Buffer.from(value, 'base64url').toString());
    if (!Array.isArray(parts) || parts.length !== 4 || !parts.every((part) => typeof part === 'string'))
      return undefined;
    const [state, nonce, verifier, next] = parts as [string, string, string, string];
    return { state, nonce, verifier, next };
  } catch {
    return undefined;
  }
}

/** With the prefix no other host of the domain can set it. */
function nameFor(request: FastifyRequest): string {
  return isPlainLoopback(request) ? NAME : `__Host-${NAME}`;
}

function attributes(request: FastifyRequest, pair: string): string {
  return `${pair}; Path=/; HttpOnly; SameSite=Lax${isPlainLoopback(request) ? '' : '; Secure'}`;
}
