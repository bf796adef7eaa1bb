// The center as commands see it: JSON in and out, errors as CloudTaskError, several addresses, retries where they are safe.
import { Backoff, type Clock, CloudTaskError, isCloudTaskError } from '../../base/index.js';
import { exchange, type HttpResponse, readBody } from './http.js';
import { type Query, withQuery } from './paths.js';
import { errorOfResponse, statusOf } from './status.js';
import type { Trace } from './trace.js';

export interface ApiOptions {
  /** Tried in this order; at least one. */
  readonly servers: readonly string[];
  readonly token?: string;
  /** Whom requests are sent as. */
  readonly impersonate?: { readonly user: string; readonly groups: readonly string[] };
  readonly ca?: string;
  readonly insecure?: boolean;
  readonly tlsServerName?: string | undefined;
  readonly clientCertificate?: string | undefined;
  readonly clientKey?: string | undefined;
  /** Limit of one request; 0 for none. Streams are limited by idleness instead. */
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly userAgent: string;
  readonly trace?: Trace;
  /** Called with each text of a Warning header, once per text. */
  readonly onWarning?: (text: string) => void;
}

export interface RequestExtras {
  readonly query?: Query;
  /** Bytes as they are, anything else as JSON. */
  readonly body?: unknown;
  /** What the request may take beyond the time of any request: it is about much. */
  readonly extraTimeMs?: number;
  /** Of the body; application/json unless given. */
  readonly contentType?: string;
  /** A second such request changes nothing more, so it may be sent again when the outcome of the first is unknown. */
  readonly repeatable?: boolean;
}

/** Requests that failed in passing are tried this often altogether. */
const ATTEMPTS = 4;
const RETRY = { initialMs: 100, maxMs: 2000 };

export class Api {
  private readonly options: ApiOptions;
  /** The address that answered last; the next request begins with it. */
  private preferred = 0;
  private readonly warned = new Set<string>();

  constructor(options: ApiOptions) {
    this.options = options;
  }

  get server(): string {
    return this.options.servers[this.preferred] ?? '';
  }

  get signal(): AbortSignal {
    return this.options.signal;
  }

  get clock(): Clock {
    return this.options.clock;
  }

  /** Throws what the server's Status says, CT_SERVER_UNREACHABLE or CT_TIMEOUT. */
  async get<T>(path: string, query?: Query): Promise<T> {
    return this.repeated(() => this.request<T>('GET', path, query === undefined ? {} : { query }), passing);
  }

  /** Sent once when it writes and its outcome is unknown: only a refusal before the work (429) is worth another try. */
  async send<T>(method: 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, extras: RequestExtras = {}): Promise<T> {
    const dryRun = extras.query?.dryRun ?? (extras.body as { dryRun?: unknown } | undefined)?.dryRun;
    const harmless = extras.repeatable === true || dryRun === true || dryRun === 'All';
    return this.repeated(() => this.request<T>(method, path, extras), harmless ? passing : refused);
  }

  private async repeated<T>(request: () => Promise<T>, again: (error: unknown) => boolean): Promise<T> {
    const backoff = new Backoff(RETRY);
    for (let attempt = 1; ; attempt++) {
      try {
        return await request();
      } catch (error) {
        if (attempt >= ATTEMPTS || !again(error)) throw error;
        const asked = (statusOf(error)?.details?.retryAfterSeconds ?? 0) * 1000;
        await this.options.clock.sleep(Math.max(asked, backoff.next()), this.options.signal);
      }
    }
  }

  /** The answer as a stream, whose headers are 2xx. The caller reads it to the end or destroys it. */
  async open(path: string, query: Query, accept: string): Promise<HttpResponse> {
    const response = await this.exchange('GET', withQuery(path, query), undefined, accept);
    if (response.status < 200 || response.status > 299) throw await this.failure(response);
    return response;
  }

  /** The body as the server sent it, for what is not JSON. */
  async text(path: string): Promise<string> {
    return this.bodyOf(await this.open(path, {}, '*/*'));
  }

  private async request<T>(method: string, path: string, extras: RequestExtras): Promise<T> {
    const { body: given } = extras;
    const body = given === undefined || given instanceof Uint8Array ? given : JSON.stringify(given);
    const response = await this.exchange(method, withQuery(path, extras.query), body, 'application/json', extras);
    if (response.status < 200 || response.status > 299) throw await this.failure(response);
    const text = await this.bodyOf(response);
    this.options.trace?.body('Response Body', text);
    try {
      return JSON.parse(text) as T;
    } catch (cause) {
      throw new CloudTaskError('CT_INTERNAL', { detail: `the answer of ${this.server} to ${path} is not JSON`, cause });
    }
  }

  /** Tries the addresses in turn; moves on only while none has taken the request, so nothing is sent twice. */
  private async exchange(
    method: string,
    path: string,
    body: string | Uint8Array | undefined,
    accept: string,
    { contentType, extraTimeMs = 0 }: RequestExtras = {},
  ): Promise<HttpResponse> {
    const { servers, clock, trace, timeoutMs } = this.options;
    let failure: unknown;
    for (let i = 0; i < servers.length; i++) {
      const index = (this.preferred + i) % servers.length;
      const url = new URL(`${servers[index]}${path}`);
      const headers = this.headers(accept, body, contentType);
      const started = clock.monotonic();
      trace?.request(method, url, headers, typeof body === 'string' ? body : undefined);
      try {
        const response = await exchange(
          {
            method,
            url,
            headers,
            ...(body === undefined ? {} : { body }),
            timeoutMs: timeoutMs === 0 ? 0 : timeoutMs + extraTimeMs,
            signal: this.options.signal,
            ...(this.options.ca === undefined ? {} : { ca: this.options.ca }),
            ...(this.options.insecure ? { insecure: true } : {}),
            tlsServerName: this.options.tlsServerName,
            clientCertificate: this.options.clientCertificate,
            clientKey: this.options.clientKey,
          },
          clock,
        );
        this.preferred = index;
        trace?.response(method, url, response, clock.monotonic() - started);
        this.passWarnings(response);
        return response;
      } catch (error) {
        failure = error;
        const refused = isCloudTaskError(error, 'CT_SERVER_UNREACHABLE') && neverSent(error);
        if (!refused) throw error;
      }
    }
    throw failure;
  }

  private headers(
    accept: string,
    body: string | Uint8Array | undefined,
    contentType = 'application/json',
  ): Record<string, string> {
    return {
      accept,
      'user-agent': this.options.userAgent,
      ...(this.options.token === undefined ? {} : { authorization: `Bearer ${this.options.token}` }),
      ...impersonation(this.options.impersonate),
      ...(body === undefined ? {} : { 'content-type': contentType, 'content-length': String(Buffer.byteLength(body)) }),
    };
  }

  private bodyOf(response: HttpResponse): Promise<string> {
    return readBody(response, new URL(this.server).host, this.options.timeoutMs, this.options.clock);
  }

  private async failure(response: HttpResponse): Promise<CloudTaskError> {
    const text = await this.bodyOf(response);
    this.options.trace?.body('Response Body', text);
    const error = errorOfResponse(response.status, text, response.headers['x-request-id']);
    const { token, clientCertificate } = this.options;
    if (error.code !== 'CT_UNAUTHORIZED' || token !== undefined || clientCertificate !== undefined) return error;
    return new CloudTaskError(error.code, { ...error.details, hint: NO_CREDENTIALS });
  }

  private passWarnings(response: HttpResponse): void {
    for (const [, text] of String(response.headers.warning ?? '').matchAll(/299 \S+ "((?:[^"\\]|\\.)*)"/g)) {
      const plain = (text ?? '').replace(/\\(.)/g, '$1');
      if (this.warned.has(plain)) continue;
      this.warned.add(plain);
      this.options.onWarning?.(plain);
    }
  }
}

/** Of nobody's token there is nothing to look at. */
const NO_CREDENTIALS =
  "no token is configured: name its file (such as admin.token of the center's data directory) in CTASK_TOKEN_FILE, or keep it with 'ctask config set-credentials NAME --token-file FILE'";

function impersonation(other: ApiOptions['impersonate']): Record<string, string> {
  if (other === undefined) return {};
  const { user, groups } = other;
  return { 'impersonate-user': user, ...(groups.length === 0 ? {} : { 'impersonate-group': groups.join(',') }) };
}

/** True when a read may come out otherwise the next moment. A refused connection is told at once. */
function passing(error: unknown): boolean {
  if (isCloudTaskError(error, 'CT_UNAVAILABLE', 'CT_TOO_MANY_REQUESTS', 'CT_STALE_EPOCH', 'CT_COORDINATION'))
    return true;
  return isCloudTaskError(error, 'CT_SERVER_UNREACHABLE') && !neverSent(error);
}

/** The server has refused to look at it, so nothing was done. */
function refused(error: unknown): boolean {
  return isCloudTaskError(error, 'CT_TOO_MANY_REQUESTS');
}

/** No connection came about, so the server has not seen the request. */
function neverSent(error: CloudTaskError): boolean {
  const { code, syscall } = (error.details.cause ?? {}) as NodeJS.ErrnoException;
  // The same codes, of a read or a write, end connections that have taken the request; what creates must not be sent twice.
  if (syscall !== 'connect' && syscall !== 'getaddrinfo') return false;
  return ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT'].includes(code ?? '');
}
