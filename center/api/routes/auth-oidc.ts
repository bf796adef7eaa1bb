// Log-in at an issuer (OIDC): a browser is sent there, and comes back with a code.
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CloudTaskError, isCloudTaskError } from '../../../base/index.js';
import { CALLBACK_PATH, type OidcLogin, subjectOf, tokenHash } from '../../auth/index.js';
import { flowCookie, flowOf, noFlowCookie } from '../oidc-cookie.js';
import { queryOf } from '../request-options.js';
import type { ApiContext, Route } from '../route.js';
import { sessionCookie, sessionSecretOf } from '../session-cookie.js';

const START_PATH = '/auth/oidc/start';
const CONSOLE = '/console/';

export function authOidcRoutes(context: ApiContext): Route[] {
  const open = { method: 'GET', role: 'none' } as const;
  return [
    {
      ...{ ...open, path: '/auth/providers', verb: 'get' },
      summary: 'Where users can log in besides with a password or token',
      handle: async () => ({
        providers: context.oidc === undefined ? [] : [{ label: context.oidc.label, start: START_PATH }],
      }),
    },
    {
      ...{ ...open, path: START_PATH, verb: 'login' },
      summary: 'Send a browser to the issuer; `next` is the page of the console to come back to',
      handle: (request, reply) =>
        toldInConsole(request, reply, async () => {
          const oidc = required(context);
          const { url, flow } = await oidc.begin(redirectUrl(oidc, request));
          const next = nextOf(queryOf(request).next);
          return reply.header('set-cookie', flowCookie(request, { ...flow, next })).redirect(url, 302);
        }),
    },
    {
      ...{ ...open, path: CALLBACK_PATH, verb: 'login' },
      summary: 'Where the issuer sends the browser back: begins a session and goes on to the console',
      handle: (request, reply) => toldInConsole(request, reply, () => comeBack(context, request, reply)),
    },
  ];
}

async function comeBack(context: ApiContext, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const oidc = required(context);
  // Whatever comes of it, it counts once.
  reply.header('set-cookie', noFlowCookie(request));
  const source = { requestId: request.id, sourceIP: request.ip, verb: 'login', kind: 'User', namespace: '' };
  try {
    const flow = flowOf(request);
    if (flow === undefined) {
      throw new CloudTaskError(
        'CT_UNAUTHORIZED',
        'the log-in was begun in another browser, or too long ago; begin again',
      );
    }
    const callback = new URL(redirectUrl(oidc, request));
    callback.search = new URL(request.url, callback).search;
    const identity = await oidc.end(callback, flow);
    const secret = sessionSecretOf(request);
    const from = { address: request.ip, ...(secret === undefined ? {} : { session: tokenHash(secret) }) };
    const audit = { requestId: request.id, sourceIP: request.ip, verb: 'login', user: identity.name };
    const login = await context.logins.loginOfIssuer(identity, from, audit);
    const { subject: name } = await subjectOf(context.directory, login.credential);
    await context.refusals.note({ ...source, user: name, name, status: 200 });
    const cookie = sessionCookie(request, login.secret, (login.expires - context.clock.now()) / 1000);
    return reply.header('set-cookie', cookie).redirect(nextOf(flow.next), 302);
  } catch (error) {
    const status = error instanceof CloudTaskError ? error.row.http : 500;
    await context.refusals.note({ ...source, user: '', name: '', status });
    throw error;
  }
}

/** A browser gets a page that says what is wrong, and where to go on; programs a Status. */
async function toldInConsole(
  request: FastifyRequest,
  reply: FastifyReply,
  act: () => Promise<FastifyReply>,
): Promise<FastifyReply> {
  reply.header('cache-control', 'no-store').header('referrer-policy', 'no-referrer');
  try {
    return await act();
  } catch (error) {
    const page = (request.headers.accept ?? '').includes('text/html');
    if (!page || !isCloudTaskError(error) || error.row.http === 500) throw error;
    // Only which one of few sentences: nobody makes the console say anything by a link.
    const problem = { 401: 'refused', 403: 'forbidden', 404: 'none' }[error.row.http] ?? 'unavailable';
    return reply.redirect(`${CONSOLE}?sign-in=${problem}`, 302);
  }
}

function required({ oidc }: ApiContext): OidcLogin {
  if (oidc !== undefined) return oidc;
  throw new CloudTaskError('CT_NOT_FOUND', 'nobody logs in at an issuer here (ctask center --oidc-issuer)');
}

function redirectUrl(oidc: OidcLogin, request: FastifyRequest): string {
  return oidc.redirectUrl(`${request.protocol}://${request.host}${CALLBACK_PATH}`);
}

/** A page of the console, and nothing else. */
function nextOf(given: string | undefined): string {
  return given !== undefined && /^\/console\/[\w\-./?=&%,:]*$/.test(given) && !given.includes('//') ? given : CONSOLE;
}
