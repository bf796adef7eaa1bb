import type { Socket } from 'node:net';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { type Clock, CloudTaskError, type Logger } from '../../base/index.js';
import { LOG_CHUNKS_TYPE } from '../../manifests/index.js';
import type { Authenticator } from '../auth/index.js';
import type { Store, TokenRow } from '../store/index.js';
import { requireAcceptable } from './acceptable.js';
import { ChangeHub } from './change-hub.js';
import { Metrics } from './metrics.js';
import { mediaTypeOf, PATCH_TYPES, patchTypeOf } from './patch-types.js';
import { RateLimit } from './rate-limit.js';
import type { ApiContext, Role, Route } from './route.js';
import { allRoutes } from './routes/index.js';
import { RETRY_AFTER_SECONDS, rawStatus, statusOfError, toCloudTaskError } from './status.js';
import { StreamSet } from './stream-set.js';

/** For requests that have no limit of their own: one object with room to spare. */
const BODY_MAX_BYTES = 8 * 1024 * 1024;
/** Agents keep their connections open between reports. */
const KEEP_ALIVE_MS = 65_000;
/** A request must be there whole within this time; a slow sender does not hold a connection for ever. */
const REQUEST_MS = 120_000;

export interface ApiOptions {
  readonly store: Store;
  readonly auth: Authenticator;
  readonly clock: Clock;
  readonly log: Logger;
  readonly version?: string;
  /** Id of the leading center, as far as this one knows. */
  leader?(): string | undefined;
  /** True while this center leads. */
  leads?(): boolean;
  /** Why this center is not ready; undefined when it is. */
  notReady?(): string | undefined;
  /** See ApiContext. */
  triggerRecords?: ApiContext['triggerRecords'];
  /** Requests a second that each user may send in the long run, agents excepted; 0, or none given: no limit. */
  readonly requestsPerSecond?: number;
  readonly tls?: { readonly cert: Buffer; readonly key: Buffer };
}

export interface Api {
  readonly app: FastifyInstance;
  readonly routes: readonly Route[];
  readonly metrics: Metrics;
  /** Ends the answers that stay open; without this, closing would wait for them. */
  endStreams(): void;
}

/** Builds the API without listening. The store must be open before the first request. */
export function createApi(options: ApiOptions): Api {
  const streams = new StreamSet();
  const metrics = new Metrics(streams, () => options.leads?.() ?? false);
  const hub = new ChangeHub(options.store);
  const context: ApiContext = {
    ...{ store: options.store, clock: options.clock, log: options.log, version: options.version ?? '0.0.0' },
    ...{ metrics, hub, streams },
    leader: () => options.leader?.(),
    notReady: () => options.notReady?.(),
    triggerRecords: async (taskUids) => (await options.triggerRecords?.(taskUids)) ?? taskUids.map(() => undefined),
  };
  const limit = new RateLimit(options.clock, options.requestsPerSecond ?? 0);
  const app = buildServer(options);
  const routes = allRoutes(context);
  const users = new WeakMap<FastifyRequest, TokenRow>();
  addParsers(app);
  addErrors(app, options.log, routes);
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
    const role: Role = (request.routeOptions.config as { role?: Role }).role ?? 'read';
    if (role !== 'none') {
      const user = await authorize(options.auth, request, role);
      users.set(request, user);
      if (user.role !== 'agent') limit.take(user.subject);
    }
    requireAcceptable(request);
    requireContentType(request);
  });
  app.addHook('onResponse', async (request, reply) => {
    metrics.observeRequest(request.method, reply.statusCode);
  });
  for (const route of routes) {
    app.route({
      method: route.method,
      url: route.path,
      config: { role: route.role },
      ...(route.bodyLimit === undefined ? {} : { bodyLimit: route.bodyLimit }),
      handler: async (request, reply) => {
        const answer = await route.handle(request, reply, users.get(request));
        if (reply.sent) return reply;
        const pretty = (request.query as { pretty?: string }).pretty;
        if (pretty === undefined || pretty === '0' || pretty === 'false' || typeof answer !== 'object') return answer;
        reply.header('content-type', 'application/json; charset=utf-8');
        return `${JSON.stringify(answer, null, 2)}\n`;
      },
    });
  }
  const offMetrics = options.store.onChange((changes) => {
    for (const change of changes) if (change.kind === 'Run') metrics.observeRun(change);
  });
  hub.start();
  app.addHook('onClose', async () => {
    offMetrics();
    hub.stop();
  });
  return { app, routes, metrics, endStreams: () => streams.endAll() };
}

function buildServer(options: ApiOptions): FastifyInstance {
  const common = {
    bodyLimit: BODY_MAX_BYTES,
    keepAliveTimeout: KEEP_ALIVE_MS,
    requestTimeout: REQUEST_MS,
    forceCloseConnections: true,
    requestIdHeader: 'x-request-id',
    routerOptions: { maxParamLength: 512 },
    clientErrorHandler: answerBrokenRequest,
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) => {
      sendError(reply, toCloudTaskError(error), request.id);
    },
  } as const;
  const server = options.tls === undefined ? fastify(common) : fastify({ ...common, https: options.tls });
  return server as unknown as FastifyInstance;
}

/** Patches go with PATCH only, and PATCH takes nothing else. Throws CT_UNSUPPORTED_MEDIA_TYPE. */
function requireContentType({ method, headers, is404 }: FastifyRequest): void {
  if (is404) return;
  const type = headers['content-type'];
  if (method === 'PATCH') patchTypeOf(type);
  else if (PATCH_TYPES.some((patch) => patch === mediaTypeOf(type))) {
    throw new CloudTaskError('CT_UNSUPPORTED_MEDIA_TYPE', `"${mediaTypeOf(type)}" goes with PATCH only`);
  }
}

/** Throws CT_UNAUTHORIZED and CT_FORBIDDEN. */
async function authorize(auth: Authenticator, request: FastifyRequest, role: Role): Promise<TokenRow> {
  const user = await auth.authenticate(request.headers.authorization);
  if (user === undefined) {
    const detail = request.headers.authorization === undefined ? 'no token was sent' : 'the token is not valid';
    throw new CloudTaskError('CT_UNAUTHORIZED', detail);
  }
  if (user.role === 'admin' || role === 'read' || user.role === role) return user;
  throw new CloudTaskError('CT_FORBIDDEN', `"${user.subject}" may not ${request.method} ${pathOf(request)}`);
}

/** Bodies are JSON, whatever a DELETE without one says of its type, or log chunks; anything else is 415. */
function addParsers(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  const parse = app.getDefaultJsonParser('error', 'error');
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null, undefined);
    else parse(request, body as string, done);
  });
  for (const type of ['application/merge-patch+json', 'application/json-patch+json']) {
    app.addContentTypeParser(type, { parseAs: 'string' }, (request, body, done) =>
      parse(request, body as string, done),
    );
  }
  app.addContentTypeParser('application/apply-patch+yaml', { parseAs: 'string' }, (_request, body, done) => {
    done(null, body);
  });
  app.addContentTypeParser(LOG_CHUNKS_TYPE, { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
}

function addErrors(app: FastifyInstance, log: Logger, routes: readonly Route[]): void {
  const patterns = routes.map(({ method, path }) => ({
    method,
    pattern: new RegExp(`^${path.replace(/[.]/g, '\\.').replace(/:\w+/g, '[^/]+')}$`),
  }));
  app.setErrorHandler((cause, request, reply) => {
    const error = toCloudTaskError(cause);
    if (error.code === 'CT_INTERNAL' || error.code === 'CT_STORE') {
      log.error({ request: request.id, method: request.method, path: pathOf(request), err: cause }, 'a request failed');
    }
    sendError(reply, error, request.id);
  });
  app.setNotFoundHandler((request, reply) => {
    const path = pathOf(request);
    const methods = patterns.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method);
    if (methods.length === 0) {
      sendError(reply, new CloudTaskError('CT_NOT_FOUND', `the server has no path "${path}"`), request.id);
      return;
    }
    reply.header('allow', [...new Set(methods)].join(', '));
    const detail = `${request.method} is not allowed here; allowed are ${[...new Set(methods)].join(', ')}`;
    sendError(reply, new CloudTaskError('CT_METHOD_NOT_ALLOWED', detail), request.id);
  });
}

function sendError(reply: FastifyReply, error: CloudTaskError, requestId: string): void {
  const status = statusOfError(error, requestId);
  if (error.row.retryable) reply.header('retry-after', String(RETRY_AFTER_SECONDS));
  if (status.code === 401) reply.header('www-authenticate', 'Bearer realm="cloudtask"');
  reply.removeHeader('warning');
  reply.code(status.code).header('content-type', 'application/json; charset=utf-8').send(JSON.stringify(status));
}

/** What is not even HTTP gets a Status, too. */
function answerBrokenRequest(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const tooLarge = error.code === 'HPE_HEADER_OVERFLOW';
  const timeout = error.code === 'ERR_HTTP_REQUEST_TIMEOUT';
  const code = tooLarge ? 431 : timeout ? 408 : 400;
  const status = { ...rawStatus('CT_BAD_REQUEST', 'the request is not valid HTTP'), code };
  const body = JSON.stringify(status);
  const head = [
    `HTTP/1.1 ${code} ${tooLarge ? 'Request Header Fields Too Large' : timeout ? 'Request Timeout' : 'Bad Request'}`,
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

function pathOf(request: FastifyRequest): string {
  return request.url.split('?', 1)[0] ?? '';
}
