// Finds out who sends a request, and whether they may.
import type { FastifyRequest } from 'fastify';
import { CloudTaskError, newUid } from '../../base/index.js';
import { type Authenticator, impersonatedBy, mayUse, roleOfImpersonated } from '../auth/index.js';
import type { AuditSource, Store } from '../store/index.js';
import type { Requester } from './requester.js';
import type { Route } from './route.js';

/** What a client may call a request: it goes into logs, tables and headers. */
const REQUEST_ID = /^[A-Za-z0-9][A-Za-z0-9._:/@-]{0,127}$/;

/** The id that the client gave, if it is well-formed; else a new one. */
export function requestIdOf(header: string | string[] | undefined): string {
  return typeof header === 'string' && REQUEST_ID.test(header) ? header : newUid();
}

/** Somebody without a valid token. */
export function nobody(request: FastifyRequest, route: Route): Requester {
  return { subject: '', role: 'none', groups: [], audit: { ...sourceOf(request, route), user: '' } };
}

/** Throws CT_UNAUTHORIZED; CT_BAD_REQUEST and CT_FORBIDDEN for asking as somebody else. `noted` is told who it is before that. */
export async function requesterOf(
  request: FastifyRequest,
  route: Route,
  { auth, store }: { auth: Authenticator; store: Pick<Store, 'findSubject'> },
  noted: (requester: Requester) => void,
): Promise<Requester> {
  const identity = await auth.identify(request.headers.authorization);
  if (identity === undefined) {
    const detail = request.headers.authorization === undefined ? 'no token was sent' : 'the token is not valid';
    throw new CloudTaskError('CT_UNAUTHORIZED', detail);
  }
  const { subject, role, tokenId } = identity;
  const audit: AuditSource = { ...sourceOf(request, route), user: subject, token: tokenId };
  const own: Requester = { subject, role, groups: [`cloudtask:${role}`], audit };
  noted(own);
  const other = impersonatedBy(request.headers);
  if (other === undefined) return own;
  const asked = { ...audit, as: other.user, ...(other.groups.length === 0 ? {} : { asGroups: other.groups }) };
  noted({ ...own, audit: asked });
  if (role !== 'admin') throw new CloudTaskError('CT_FORBIDDEN', `"${subject}" may not ask as somebody else`);
  const judgedAs = await roleOfImpersonated(store, other);
  const groups = other.groups.length > 0 || judgedAs === 'none' ? other.groups : [`cloudtask:${judgedAs}`];
  return { subject: other.user, role: judgedAs, groups, audit: asked };
}

/** Throws CT_FORBIDDEN. */
export function requireAllowed({ subject, role }: Requester, route: Route, namespaced: boolean, path: string): void {
  if (mayUse(role, { role: route.role, verb: route.verb, namespaced })) return;
  throw new CloudTaskError('CT_FORBIDDEN', `"${subject}" may not ${route.method} ${path}`);
}

function sourceOf(request: FastifyRequest, { verb }: Route): Omit<AuditSource, 'user'> {
  return { requestId: request.id, sourceIP: request.ip ?? '', verb };
}
