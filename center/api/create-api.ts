import type { IncomingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';
import fastify, { type FastifyBodyParser, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { type Clock, CloudTaskError, type Logger } from '../../base/index.js';
import { LOG_CHUNKS_TYPE, repeatedKeys } from '../../manifests/index.js';
import {
  AccessDirectory,
  type AgentCertificates,
  type Authenticator,
  Logins,
  OidcLogin,
  type OidcSettings,
  type PasswordHashes,
  type ServerTls,
} from '../auth/index.js';
import type { Store } from '../store/index.js';
import { requireAcceptable } from './acceptable.js';
import { AgentLogs } from './agent-logs.js';
import { AgentScope } from './agent-scope.js';
import { isWrite, refusalOf } from './audit-refusal.js';
import { ChangeHub } from './change-hub.js';
import { ConsoleFiles } from './console/console-files.js';
import { nobody, requesterOf, requestIdOf, requireAllowed } from './identify-requester.js';
import { Metrics } from './metrics/metrics.js';
import { mediaTypeOf, PATCH_TYPES, patchTypeOf } from './patch-types.js';
import { RateLimit } from './rate-limit.js';
import { Refusals } from './refusals.js';
import { noteRepeated, refuseRepeated } from './repeated-fields.js';
import type { Requester } from './requester.js';
import type { ApiContext, CoordinationPlace, OwnLog, Route, SecretKeys, SecretOpener } from './route.js';
import { allRoutes } from './routes/index.js';
import { RETRY_AFTER_SECONDS, rawStatus, statusOfError, toCloudTaskError } from './status.js';
import { StreamSet } from './stream-set.js';
import { writeWarnings } from './write-warnings.js';

/** For requests that have no limit of their own: one object with room to spare. */
const BODY_MAX_BYTES = 8 * 1024 * 1024;
const BYTES_TYPE = 'application/octet-stream';
/** Agents keep their connections open between reports. */
const KEEP_ALIVE_MS = 65_000;
/** A request must be there whole within this time; a slow sender does not hold a connection for ever. */
const REQUEST_MS = 120_000;

const noSecrets = async (): Promise<never> => {
  throw new CloudTaskError('CT_UNAVAILABLE', 'this center cannot open secrets');
};
const NO_SECRETS: SecretOpener & SecretKeys = {
  ...{ rotate: noSecrets, drop: noSecrets, use: noSecrets },
  unseal: async (values) => (values.length > 0 ? noSecrets() : new Map()),
};

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
  /** Without it agents get no secrets. */
  readonly secrets?: SecretOpener;
  /** Without it keys of secrets are neither told nor changed. */
  readonly secretKeys?: SecretKeys;
  /** Folder of the built console; without it none is served. */
  readonly consoleDir?: string;
  /** See ApiContext. */
  lookInside?: ApiContext['lookInside'];
  triggerRecords?: ApiContext['triggerRecords'];
  /** See ApiContext. */
  readonly own?: OwnLog;
  /** Requests a second that each user may send in the long run, agents excepted; 0, or none given: no limit. */
  readonly requestsPerSecond?: number;
  /** Whoever sends neither token nor cookie may read, as a viewer. */
  readonly guests?: boolean;
  /** How passwords are hashed. */
  readonly passwords?: PasswordHashes;
  /** Where users log in besides; nowhere unless given. */
  readonly oidc?: OidcSettings;
  readonly tls?: ServerTls;
  /** What has been counted since before the API was there; counted from now on unless given. */
  readonly metrics?: Metrics;
  /** With an authority: agents by their certificates. */
  readonly agents?: AgentCertificates;
  /** What agents that join need for coordination; none where it is open. */
  readonly coordinationSecret?: string;
  readonly coordination?: CoordinationPlace;
  /** See AgentScopeOptions. */
  allocated?(agent: string): Promise<readonly string[] | undefined>;
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
  const metrics =
    options.metrics ?? new Metrics({ ...(options.version === undefined ? {} : { version: options.version }) });
  const hub = new ChangeHub(options.store);
  const refusals = new Refusals(options);
  const directory = new AccessDirectory(options.store);
  const logins = new Logins({
    ...{ store: options.store, clock: options.clock },
    ...(options.passwords === undefined ? {} : { hashes: options.passwords }),
  });
  const { auth, store } = options;
  const identification = { auth, agents: options.agents, directory, store, guests: options.guests ?? false };
  const context: ApiContext = {
    ...{ store: options.store, clock: options.clock, log: options.log, version: options.version ?? '0.0.0' },
    ...{ metrics, hub, streams, refusals, logins, directory, secrets: options.secrets ?? NO_SECRETS },
    secretKeys: options.secretKeys ?? NO_SECRETS,
    ...(options.oidc === undefined ? {} : { oidc: new OidcLogin({ ...options, settings: options.oidc }) }),
    agents: options.agents,
    ...(options.coordinationSecret === undefined ? {} : { coordinationSecret: options.coordinationSecret }),
    ...(options.coordination === undefined ? {} : { coordination: options.coordination }),
    scope: new AgentScope({ store, allocated: async (agent) => options.allocated?.(agent) }),
    ...(options.consoleDir === undefined ? {} : { console: new ConsoleFiles(options.consoleDir) }),
    agentLogs: new AgentLogs(options.clock),
    ...(options.own === undefined ? {} : { own: options.own }),
    leads: () => options.leads?.() ?? false,
    leader: () => options.leader?.(),
    notReady: () => options.notReady?.(),
    lookInside: async () => options.lookInside?.(),
    triggerRecords: async (slots) => (await options.triggerRecords?.(slots)) ?? slots.map(() => undefined),
  };
  const limit = new RateLimit(options.clock, options.requestsPerSecond ?? 0);
  const app = buildServer(options);
  const routes = allRoutes(context);
  const requesters = new WeakMap<FastifyRequest, Requester>();
  addParsers(app);
  addErrors(app, options.log, routes);
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
    // What programs print is served as text; a browser must not find a page in it.
    reply.header('x-content-type-options', 'nosniff');
    const route = routeOf(request) ?? UNKNOWN;
    if (route.role !== 'none') {
      requesters.set(request, nobody(request, route));
      const noted = (requester: Requester) => void requesters.set(request, requester);
      const requester = await requesterOf(request, route, identification, noted);
      noted(requester);
      requireAllowed(requester, route, request, pathOf(request));
      if (requester.role !== 'agent') limit.take(requester.audit.user);
    }
    requireAcceptable(request);
    requireContentType(request);
  });
  app.addHook('preHandler', async (request, reply) => {
    if (!request.is404 && routeOf(request)?.tellsRepeated !== true) refuseRepeated(request);
    writeWarnings(reply, []);
  });
  // Before the answer is sent: a center that dies then has not told anybody of a refusal that nobody finds.
  app.addHook('onSend', async (request, reply) => {
    const [route, requester] = [routeOf(request), requesters.get(request)];
    if (reply.statusCode < 400 || route === undefined || requester === undefined || !isWrite(route)) return;
    const refusal = refusalOf(request, route, reply.statusCode, requester);
    if (refusal !== undefined) await refusals.note(refusal);
  });
  app.addHook('onResponse', async (request, reply) => {
    metrics.observeRequest(request.method, reply.statusCode);
  });
  for (const route of routes) {
    app.route({
      method: route.method,
      url: route.path,
      config: { route },
      ...(route.bodyLimit === undefined ? {} : { bodyLimit: route.bodyLimit }),
      handler: async (request, reply) => {
        const answer = await route.handle(request, reply, requesters.get(request));
        if (reply.sent) return reply;
        const pretty = (request.query as { pretty?: string }).pretty;
        if (pretty === undefined || pretty === '0' || pretty === 'false' || typeof answer !== 'object') return answer;
        reply.header('content-type', 'application/json; charset=utf-8');
        return `${JSON.stringify(answer, null, 2)}\n`;
      },
    });
  }
  const offMetrics = options.store.onChange((changes) => {
    for (const change of changes) metrics.observeChange(change);
  });
  hub.start();
  directory.start(() => streams.endRevocable());
  app.addHook('onClose', async () => {
    await refusals.stop();
    offMetrics();
    hub.stop();
    directory.stop();
  });
  return { app, routes, metrics, endStreams: () => streams.endAll() };
}

function buildServer(options: ApiOptions): FastifyInstance {
  const common = {
    bodyLimit: BODY_MAX_BYTES,
    keepAliveTimeout: KEEP_ALIVE_MS,
    requestTimeout: REQUEST_MS,
    forceCloseConnections: true,
    requestIdHeader: false,
    genReqId: ({ headers }: { headers: IncomingHttpHeaders }) => requestIdOf(headers['x-request-id']),
    routerOptions: { maxParamLength: 512 },
    clientErrorHandler: answerBrokenRequest,
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) => {
      sendError(reply, toCloudTaskError(error), request.id);
    },
  } as const;
  const server = options.tls === undefined ? fastify(common) : fastify({ ...common, https: options.tls.options });
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

function routeOf(request: FastifyRequest): Route | undefined {
  return (request.routeOptions.config as { route?: Route }).route;
}

/** Not even whether a path exists is told to somebody without a token. */
const UNKNOWN: Route = {
  ...{ method: 'GET', path: '', verb: 'get', role: 'self', summary: '' },
  handle: async () => undefined,
};

/** Bodies are JSON, whatever a DELETE without one says of its type, log chunks, or bytes where they are expected; anything else is 415. */
function addParsers(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  const parse = app.getDefaultJsonParser('error', 'error');
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null, undefined);
    else parseJson(parse, request, body as string, done);
  });
  for (const type of ['application/merge-patch+json', 'application/json-patch+json']) {
    app.addContentTypeParser(type, { parseAs: 'string' }, (request, body, done) =>
      parseJson(parse, request, body as string, done),
    );
  }
  app.addContentTypeParser('application/apply-patch+yaml', { parseAs: 'string' }, (_request, body, done) => {
    done(null, body);
  });
  app.addContentTypeParser(BYTES_TYPE, (request, payload, done) => {
    if (routeOf(request)?.streamsBody === true) done(null, payload);
    else done(new CloudTaskError('CT_UNSUPPORTED_MEDIA_TYPE', `"${BYTES_TYPE}" is not accepted here`));
  });
  app.addContentTypeParser(LOG_CHUNKS_TYPE, { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
}

/** Agents send what programs write, often and much of it, so nobody looks there for what people do to a file. */
function parseJson(
  parse: FastifyBodyParser<string>,
  request: FastifyRequest,
  body: string,
  done: (error: Error | null, value?: unknown) => void,
): void {
  parse(request, body, (error, value) => {
    if (error === null && routeOf(request)?.role !== 'agent') noteRepeated(request, repeatedKeys(body));
    done(error, value);
  });
}

function addErrors(app: FastifyInstance, log: Logger, routes: readonly Route[]): void {
  const patterns = routes.map(({ method, path }) => ({
    method,
    pattern: new RegExp(`^${path.replace(/[.]/g, '\\.').replace(/:\w+/g, '[^/]+').replace('*', '.*')}$`),
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
  if (error.row.retryable) {
    reply.header('retry-after', String(error.details.retryAfterSeconds ?? RETRY_AFTER_SECONDS));
  }
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
