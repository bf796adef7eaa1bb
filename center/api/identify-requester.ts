// Finds out who sends a request, and whether they may.
import type { FastifyRequest } from 'fastify';
import { CloudTaskError, newUid } from '../../base/index.js';
import { allows, kinds, lacking, NO_ACCESS } from '../../manifests/index.js';
import {
  type AccessDirectory,
  type AgentCertificates,
  type Authenticator,
  certificateProblem,
  guest,
  type Identity,
  impersonatedBy,
  mayUse,
  subjectOf,
  subjectOfImpersonated,
} from '../auth/index.js';
import type { AuditSource, Store } from '../store/index.js';
import { flag, parametersOf, queryOf } from './request-options.js';
import type { Requester } from './requester.js';
import type { Route } from './route.js';
import { requireOwnPage, sessionSecretOf } from './session-cookie.js';

/** What a client may call a request: it goes into logs, tables and headers. */
const REQUEST_ID = /^[A-Za-z0-9][A-Za-z0-9._:/@-]{0,127}$/;

/** The id that the client gave, if it is well-formed; else a new one. */
export function requestIdOf(header: string | string[] | undefined): string {
  return typeof header === 'string' && REQUEST_ID.test(header) ? header : newUid();
}

/** Somebody without a valid token. */
export function nobody(request: FastifyRequest, route: Route): Requester {
  const audit = { ...sourceOf(request, route), user: '' };
  return { subject: '', role: 'person', groups: [], access: NO_ACCESS, audit };
}

export interface Identification {
  readonly auth: Authenticator;
  /** Absent without an authority. */
  readonly agents?: AgentCertificates | undefined;
  readonly directory: AccessDirectory;
  readonly store: Pick<Store, 'findSubject' | 'get' | 'access'>;
  /** Whoever sends neither token nor cookie is a guest, who may read. */
  readonly guests: boolean;
}

/** Throws CT_UNAUTHORIZED; CT_BAD_REQUEST and CT_FORBIDDEN for asking as somebody else. `noted` is told who it is before that. */
export async function requesterOf(
  request: FastifyRequest,
  route: Route,
  with_: Identification,
  noted: (requester: Requester) => void,
): Promise<Requester> {
  const source = sourceOf(request, route);
  const identity = await identityOf(request, with_);
  if (identity === 'guest') return { ...guest(), audit: { ...source, user: 'guest' } };
  const known = await subjectOf(with_.directory, identity);
  const audit: AuditSource = { ...source, user: known.subject, token: identity.tokenId };
  const own: Requester = { ...known, audit, identity };
  noted(own);
  const other = impersonatedBy(request.headers);
  if (other === undefined) return own;
  const asked = { ...audit, as: other.user, ...(other.groups.length === 0 ? {} : { asGroups: other.groups }) };
  noted({ ...own, audit: asked });
  if (!allows(own.access, { verb: 'impersonate', kind: 'User' })) {
    throw new CloudTaskError('CT_FORBIDDEN', `"${own.subject}" may not ask as somebody else`);
  }
  const judged = await subjectOfImpersonated(with_.directory, with_.store, other);
  for (const grant of judged.access.grants) {
    const missing = lacking(own.access, grant);
    if (missing === undefined) continue;
    const detail = `"${own.subject}" may not ask as "${other.user}", who may more: ${missing}`;
    throw new CloudTaskError('CT_FORBIDDEN', detail);
  }
  return { ...judged, audit: asked };
}

async function identityOf(
  request: FastifyRequest,
  { auth, agents, guests }: Identification,
): Promise<Identity | 'guest'> {
  const agent = await agents?.identify(request.raw.socket);
  if (agent !== undefined) return agent;
  const { authorization } = request.headers;
  if (authorization !== undefined) {
    const identity = await auth.identify(authorization);
    if (identity !== undefined) {
      requireOwnAgent(identity, agents);
      return identity;
    }
    throw new CloudTaskError('CT_UNAUTHORIZED', 'the token is not valid');
  }
  const secret = sessionSecretOf(request);
  const session = secret === undefined ? undefined : await auth.identifySession(secret);
  if (session !== undefined) {
    requireOwnPage(request);
    return session;
  }
  const problem = agents === undefined ? undefined : certificateProblem(request.raw.socket);
  if (guests && problem === undefined) return 'guest';
  if (problem !== undefined) {
    throw new CloudTaskError('CT_UNAUTHORIZED', `the certificate is not accepted: ${problem}`);
  }
  throw new CloudTaskError('CT_UNAUTHORIZED', secret === undefined ? 'no token was sent' : 'the session is over');
}

/** Where agents have certificates, a token that all of them share would make each of them any other. Throws CT_UNAUTHORIZED. */
function requireOwnAgent({ owner }: Identity, agents: AgentCertificates | undefined): void {
  if (agents === undefined || agents.allowSharedToken || owner.kind !== 'File' || owner.role !== 'agent') return;
  throw new CloudTaskError('CT_UNAUTHORIZED', {
    detail: 'this center takes agents by their certificates, not by the token that all share',
    hint: "join with a token of 'ctask create token --agent'",
  });
}

/** Throws CT_FORBIDDEN, in the words of `ctask auth can-i`. */
export function requireAllowed(requester: Requester, route: Route, request: FastifyRequest, path: string): void {
  const { subject, identity } = requester;
  if (identity?.session?.mustChangePassword === true && route.beforePassword !== true) {
    throw new CloudTaskError('CT_FORBIDDEN', {
      detail: `"${subject}" must set a new password first`,
      hint: 'POST /auth/password',
    });
  }
  const watch = route.verb === 'list' && flag(queryOf(request), 'watch');
  const { role, kind = route.about, perObject } = route;
  const permission = {
    ...{ role, verb: watch ? 'watch' : route.verb },
    ...(kind === undefined ? {} : { kind }),
    ...(perObject === undefined ? {} : { perObject }),
  };
  const { namespace, name } = parametersOf(request);
  if (mayUse(requester, permission, { namespace, name })) return;
  const what = kinds.find((row) => row.kind === kind)?.plural ?? kind;
  const where = namespace === undefined ? '' : ` in namespace "${namespace}"`;
  const act = what === undefined ? `${route.method} ${path}` : `${permission.verb} ${what}${where}`;
  throw new CloudTaskError('CT_FORBIDDEN', `"${subject}" may not ${act}`);
}

function sourceOf(request: FastifyRequest, { verb }: Route): Omit<AuditSource, 'user'> {
  return { requestId: request.id, sourceIP: request.ip ?? '', verb };
}
