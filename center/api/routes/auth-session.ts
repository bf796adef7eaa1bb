// Logging in and out of the console: sessions, which are cookies, for passwords or tokens.
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Clock, CloudTaskError } from '../../../base/index.js';
import type { Login, LoginForm } from '../../auth/index.js';
import { subjectOf, tokenHash } from '../../auth/index.js';
import { bad } from '../request-options.js';
import type { Requester } from '../requester.js';
import type { ApiContext, Route } from '../route.js';
import { isSameOrigin, noSessionCookie, sessionCookie, sessionSecretOf } from '../session-cookie.js';

export function authSessionRoutes(context: ApiContext): Route[] {
  const own = { role: 'self', beforePassword: true } as const;
  return [
    {
      ...{ method: 'POST', path: '/auth/login', verb: 'login', role: 'none' },
      summary: 'Begin a session with a `username` and `password`, or with a `token`',
      handle: (request, reply) => logIn(context, request, reply),
    },
    {
      ...{ ...own, method: 'POST', path: '/auth/logout', verb: 'logout' },
      summary: 'End the session',
      handle: async (request, reply, user) => {
        if (user?.identity?.session !== undefined) await context.logins.logout(user.identity.session.sha256);
        return reply.code(204).header('set-cookie', noSessionCookie(request)).send();
      },
    },
    {
      ...{ ...own, method: 'GET', path: '/auth/session', verb: 'get' },
      summary: 'Read whose session this is, and when it ends',
      handle: async (_request, _reply, user) => {
        const { identity } = user!;
        const expires = identity?.session?.expires ?? identity?.expires;
        return {
          user: { name: user!.subject, groups: user!.groups },
          ...(expires === undefined ? {} : { expires: new Date(expires).toISOString() }),
          mustChangePassword: identity?.session?.mustChangePassword ?? false,
        };
      },
    },
    {
      ...{ ...own, method: 'POST', path: '/auth/password', verb: 'password' },
      summary: "Change the password of the session's user (`current`, `new`); all other sessions end",
      handle: (request, reply, user) => changePassword(context, request, reply, user!),
    },
  ];
}

async function logIn(context: ApiContext, request: FastifyRequest, reply: FastifyReply): Promise<object> {
  if (!isSameOrigin(request)) throw new CloudTaskError('CT_FORBIDDEN', 'another site may not log in here');
  const form = formOf(request.body);
  const { login, groups, name } = await tried(context, request, form);
  reply.header('set-cookie', cookieOf(context.clock, request, login));
  return { user: { name, groups } };
}

/** Each log-in leaves an entry in the audit, each refused one too, as long as they are few. */
async function tried(context: ApiContext, request: FastifyRequest, form: LoginForm) {
  const secret = sessionSecretOf(request);
  const from = { address: request.ip, ...(secret === undefined ? {} : { session: tokenHash(secret) }) };
  const source = { requestId: request.id, sourceIP: request.ip, verb: 'login', kind: 'User', namespace: '' };
  const claimed = 'username' in form ? printable(form.username) : '';
  try {
    const login = await context.logins.login(form, from);
    const { subject: name, groups } = await subjectOf(context.directory, login.credential);
    await context.refusals.note({ ...source, user: name, name, status: 200 });
    return { login, name, groups };
  } catch (error) {
    const status = error instanceof CloudTaskError ? error.row.http : 500;
    await context.refusals.note({ ...source, user: '', name: claimed, status });
    throw error;
  }
}

async function changePassword(context: ApiContext, request: FastifyRequest, reply: FastifyReply, user: Requester) {
  const { current, new: next } = fieldsOf(request.body);
  if (typeof current !== 'string') throw bad('current', 'it must be a text');
  if (typeof next !== 'string') throw bad('new', 'it must be a text');
  const { identity } = user;
  if (identity?.session === undefined || identity.owner.kind !== 'User' || identity.token !== undefined) {
    throw new CloudTaskError('CT_BAD_REQUEST', 'this is not a session that was begun with a password');
  }
  const from = { address: request.ip, session: identity.session.sha256 };
  const change = { user: identity.owner.name, current, next };
  const login = await context.logins.changePassword(change, from, user.audit);
  return reply
    .code(204)
    .header('set-cookie', cookieOf(context.clock, request, login))
    .send();
}

function cookieOf(clock: Clock, request: FastifyRequest, { secret, expires }: Login): string {
  return sessionCookie(request, secret, (expires - clock.now()) / 1000);
}

/** Throws CT_BAD_REQUEST. */
function formOf(body: unknown): LoginForm {
  const { username, password, token } = fieldsOf(body);
  if (typeof token === 'string' && username === undefined && password === undefined) return { token };
  if (token === undefined && typeof username === 'string' && typeof password === 'string') {
    return { username, password };
  }
  throw new CloudTaskError('CT_BAD_REQUEST', 'the body must be {"username", "password"} or {"token"}');
}

function fieldsOf(body: unknown): Record<string, unknown> {
  return typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
}

const NAME_MAX_CHARS = 253;

function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?').slice(0, NAME_MAX_CHARS);
}
