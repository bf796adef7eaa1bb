// Passwords and tokens of users, set by others or made for oneself. Nobody makes anything that allows more than they may.
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CloudTaskError, parseDuration } from '../../../base/index.js';
import { GROUP, type Grant, isBuiltInRole, lacking, type TokenScope } from '../../../manifests/index.js';
import { newToken, tokenHash } from '../../auth/index.js';
import { type NewToken, notFound } from '../../store/index.js';
import { bad, parametersOf } from '../request-options.js';
import { type Requester, requireMay } from '../requester.js';
import { type ApiContext, GROUP_PATH, type Route } from '../route.js';
import { successStatus } from '../status.js';
import { createJoinToken } from './join-tokens.js';

const DAY_MS = 86_400_000;
const EXPIRES_DEFAULT_MS = 90 * DAY_MS;
/** Whoever takes a token that was forgotten somewhere has it for a year at the worst. */
const EXPIRES_MAX_MS = 366 * DAY_MS;
const DESCRIPTION_MAX_CHARS = 253;
const NAMESPACES_MAX = 100;
const CLUSTER_NAME = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/;

type Owner = NewToken['owner'];

export function credentialRoutes(context: ApiContext): Route[] {
  return [
    {
      ...{ method: 'POST', path: `${GROUP_PATH}/tokens`, verb: 'create', role: 'self', kind: 'Token' },
      summary:
        "Make a Token, one's own unless `owner` names somebody; the answer alone has its secret, as `token` (`expires`, `scope`, `description`). With `owner` of kind Agents, its name a cluster, one that agents join by (`uses`); the answer then says where `coordination` is",
      handle: (request, reply, user) => createToken(context, request, reply, user!),
    },
    {
      ...{ method: 'PUT', path: `${GROUP_PATH}/users/:name/password`, verb: 'password', role: 'admin', kind: 'User' },
      summary: 'Give a User a `password`, to be changed at the next log-in unless `mustChange` is false; sessions end',
      handle: async (request, _reply, user) => {
        const { name = '' } = parametersOf(request);
        const { password, mustChange = true } = fieldsOf(request.body);
        if (typeof password !== 'string') throw bad('password', 'it must be a text');
        if (typeof mustChange !== 'boolean') throw bad('mustChange', 'it must be true or false');
        await requireAllOf(context, user!, { kind: 'User', name });
        const hash = await context.logins.hash(password);
        await context.store.access.setPassword({ user: name, hash, mustChange }, user!.audit);
        return successStatus({ name, group: GROUP, kind: 'users' });
      },
    },
  ];
}

async function createToken(context: ApiContext, request: FastifyRequest, reply: FastifyReply, user: Requester) {
  const body = fieldsOf(request.body);
  const { kind: ownerKind, name: ownerName } = fieldsOf(body.owner);
  const known = ['owner', 'expires', 'scope', 'description', ...(ownerKind === 'Agents' ? ['uses'] : [])];
  const unknown = Object.keys(body).find((key) => !known.includes(key));
  if (unknown !== undefined) throw new CloudTaskError('CT_BAD_REQUEST', `body: unknown field "${unknown}"`);
  const description = descriptionOf(body.description);
  if (ownerKind === 'Agents') {
    if (typeof ownerName !== 'string' || !CLUSTER_NAME.test(ownerName))
      throw bad('owner', 'its name must be a cluster');
    const wish = { cluster: ownerName, uses: body.uses, expires: body.expires, scope: body.scope };
    return createJoinToken(context, { ...wish, ...(description === undefined ? {} : { description }) }, reply, user);
  }
  const owner = ownerOf(body.owner, user);
  const scope = scopeOf(body.scope);
  // Unless told otherwise, no longer than whatever it is made with.
  const most = body.expires === undefined ? user.identity?.expires : undefined;
  const expires = Math.min(context.clock.now() + lifetimeOf(body.expires), most ?? Number.MAX_SAFE_INTEGER);
  await requireScope(context, scope);
  await requireMint(context, user, owner, expires);
  const secret = newToken();
  const object = await context.store.access.createToken(
    {
      ...{ sha256: tokenHash(secret), owner, expires, user: user.subject },
      ...(description === undefined ? {} : { description }),
      ...(scope === undefined ? {} : { scope }),
    },
    user.audit,
  );
  reply.code(201);
  return { token: secret, object };
}

function descriptionOf(value: unknown): string | undefined {
  if (value === undefined || (typeof value === 'string' && value.length <= DESCRIPTION_MAX_CHARS)) return value;
  throw bad('description', `it must be a text of at most ${DESCRIPTION_MAX_CHARS} characters`);
}

/** Throws CT_FORBIDDEN. */
async function requireMint(context: ApiContext, user: Requester, owner: Owner, expires: number): Promise<void> {
  const { identity } = user;
  if (user.role === 'agent' || user.audit.user === 'guest') {
    throw new CloudTaskError('CT_FORBIDDEN', `"${user.subject}" may not make tokens`);
  }
  if (identity?.expires !== undefined && expires > identity.expires) {
    throw new CloudTaskError('CT_FORBIDDEN', 'a token may not make another one that lives longer than itself');
  }
  const own = identity?.owner.kind === owner.kind && identity.owner.name === owner.name;
  if (own && user.access.within === undefined) return;
  requireMay(user, { verb: 'create', kind: 'Token' });
  await requireAllOf(context, user, owner);
}

/** Whoever has somebody's password or token may do all that they may. Throws CT_FORBIDDEN and CT_NOT_FOUND. */
async function requireAllOf({ directory, store }: ApiContext, user: Requester, subject: Owner): Promise<void> {
  const key = { kind: subject.kind, namespace: '', name: subject.name } as const;
  if ((await store.get(key)) === undefined) throw notFound(key);
  const issuerGroups = subject.kind === 'User' ? await store.access.issuerGroups(subject.name) : [];
  const { grants } = await directory.of({ ...subject, issuerGroups });
  const missing = grants.map((grant: Grant) => lacking(user.access, grant)).find((one) => one !== undefined);
  if (missing === undefined) return;
  const detail = `"${user.subject}" may not speak as ${subject.kind} "${subject.name}", who may more: ${missing}`;
  throw new CloudTaskError('CT_FORBIDDEN', detail);
}

/** Throws CT_NOT_FOUND for a role that is not there. */
async function requireScope({ directory }: ApiContext, scope: TokenScope | undefined): Promise<void> {
  const role = scope?.role;
  if (role === undefined || isBuiltInRole(role)) return;
  const roles = await directory.roles();
  if (roles(role) === undefined) throw notFound({ kind: 'Role', namespace: '', name: role });
}

function ownerOf(value: unknown, { identity }: Requester): Owner {
  if (value === undefined) {
    const owner = identity?.owner;
    if (owner?.kind === 'User' || owner?.kind === 'ServiceAccount') return { kind: owner.kind, name: owner.name };
    throw bad('owner', 'it is missing, and the request is not of a User or ServiceAccount');
  }
  const { kind, name } = fieldsOf(value);
  if ((kind === 'User' || kind === 'ServiceAccount') && typeof name === 'string') return { kind, name };
  throw bad('owner', 'it must be {"kind": "User" or "ServiceAccount", "name"}');
}

function scopeOf(value: unknown): TokenScope | undefined {
  if (value === undefined) return undefined;
  const { role, namespaces, ...rest } = fieldsOf(value);
  const good =
    Object.keys(rest).length === 0 &&
    (role === undefined || typeof role === 'string') &&
    (namespaces === undefined ||
      (Array.isArray(namespaces) &&
        namespaces.length > 0 &&
        namespaces.length <= NAMESPACES_MAX &&
        namespaces.every((one) => typeof one === 'string')));
  if (!good || (role === undefined && namespaces === undefined)) {
    throw bad('scope', 'it must be {"role"?: a role, "namespaces"?: [names]}');
  }
  return value as TokenScope;
}

/** ms. */
function lifetimeOf(value: unknown): number {
  if (value === undefined) return EXPIRES_DEFAULT_MS;
  const ms = typeof value === 'string' ? parseDuration(value) : undefined;
  if (ms === undefined || ms <= 0) throw bad('expires', `"${String(value)}" is not a duration such as 90d`);
  if (ms > EXPIRES_MAX_MS) throw bad('expires', 'a token lives 366 days at the most');
  return ms;
}

function fieldsOf(body: unknown): Record<string, unknown> {
  return typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
}
