// The agent's connection to the center: HTTP with keep-alive, several centers in turn. It never retries by itself: those
// who call keep what was not acknowledged and have their own back-off.
import { type Dispatcher, Pool } from 'undici';
import { CloudTaskError, isCloudTaskError, messageOf } from '../../base/index.js';
import { CENTER_TLS_NAME } from '../../manifests/index.js';
import type { ClientCredentials } from '../join/client-certificate.js';

/** Parallel requests of one agent: reports, logs, tasks, heartbeat; the requests stream has a connection of its own. */
const CONNECTIONS = 4;
/** Downloads have connections of their own: reports and output go on beside a large one. */
const DOWNLOAD_CONNECTIONS = 2;
const CONNECT_TIMEOUT_MS = 5000;
/** A commit may wait for a checkpoint of the store, but not longer. */
const REPLY_TIMEOUT_MS = 30_000;
/** The center pings the requests stream every 5 s; three lost pings mean a dead connection. */
const STREAM_SILENCE_MS = 15_000;

export interface CenterClientOptions {
  readonly agent: string;
  readonly urls: readonly string[];
  /** Asked for each request; absent with a certificate. */
  readonly token?: () => string;
  /** What it proves who it is with, and whom it trusts; absent with a token. */
  readonly certificate?: { readonly credentials: ClientCredentials };
}

export interface Body {
  readonly data: string | Uint8Array;
  readonly type: string;
}

interface Asked {
  readonly body?: Body | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  /** Which of the URLs; the preferred one unless given. */
  readonly center?: number;
}

/** The beginning of an answer whose body is read piece by piece. */
export interface Download {
  /** 200 or 206. */
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: AsyncIterable<Uint8Array>;
  /** Instead of reading the body. */
  discard(): void;
}

export class CenterClient {
  private readonly options: CenterClientOptions;
  private downloads: Pool[] = [];
  private pools: Pool[] = [];
  private streams: Pool[] = [];
  private preferred = 0;
  /** The center that the stream was last opened to. */
  private streaming = 0;

  constructor(options: CenterClientOptions) {
    this.options = options;
    this.open();
  }

  /** It proves who it is with a certificate, not with a token. */
  get hasCertificate(): boolean {
    return this.options.certificate !== undefined;
  }

  /** Goes on over new connections, which show the certificate as it is now. What is under way ends over the old ones, but for streams:
   * who reads one opens it again. */
  reconnect(): void {
    const [ending, broken] = [[...this.pools, ...this.downloads], this.streams];
    this.open();
    for (const pool of ending) void pool.close().catch(() => undefined);
    for (const pool of broken) void pool.destroy().catch(() => undefined);
  }

  private open(): void {
    const { urls, certificate } = this.options;
    const trust = certificate === undefined ? {} : { ...certificate.credentials, servername: CENTER_TLS_NAME };
    const connect = { timeout: CONNECT_TIMEOUT_MS, ...trust };
    const pool = (url: string, extra: Pool.Options) =>
      new Pool(new URL(url).origin, { connect, pipelining: 1, ...extra });
    this.pools = urls.map((url) =>
      pool(url, { connections: CONNECTIONS, headersTimeout: REPLY_TIMEOUT_MS, bodyTimeout: REPLY_TIMEOUT_MS }),
    );
    this.downloads = urls.map((url) =>
      pool(url, {
        ...{ connections: DOWNLOAD_CONNECTIONS, headersTimeout: REPLY_TIMEOUT_MS, bodyTimeout: REPLY_TIMEOUT_MS },
      }),
    );
    this.streams = urls.map((url) =>
      pool(url, { connections: 1, headersTimeout: STREAM_SILENCE_MS, bodyTimeout: STREAM_SILENCE_MS }),
    );
  }

  /** Sends `body` to `<agents/{name}>/<path>` and returns the parsed reply. Throws CT_SERVER_UNREACHABLE or CT_UNAVAILABLE
   * (worth trying again), CT_UNAUTHORIZED, CT_FORBIDDEN, or CT_BAD_REQUEST for what the center will never take. */
  async send<T>(method: 'PUT' | 'POST', path: string, body: Body, signal?: AbortSignal): Promise<T> {
    return this.parsed<T>(path, await this.request(this.pools, method, path, { body }, signal));
  }

  private async parsed<T>(path: string, reply: Dispatcher.ResponseData): Promise<T> {
    const text = await this.text(reply);
    if (reply.statusCode >= 300) throw this.refusal(reply.statusCode, path, text);
    try {
      return JSON.parse(text) as T;
    } catch (cause) {
      throw new CloudTaskError('CT_UNAVAILABLE', { detail: `the center's reply to ${path} is not JSON`, cause });
    }
  }

  sendJson<T>(method: 'PUT' | 'POST', path: string, value: unknown, signal?: AbortSignal): Promise<T> {
    return this.send<T>(method, path, { data: JSON.stringify(value), type: 'application/json' }, signal);
  }

  /** Sends `body`, which is JSON, to the center that the stream was opened to: what that one has asked no other one waits for. Rejects like
   * `send`. */
  async answer<T>(path: string, body: string, signal: AbortSignal): Promise<T> {
    const to = { body: { data: body, type: 'application/json' }, center: this.streaming };
    const reply = await this.request(this.pools, 'POST', path, to, signal);
    return this.parsed<T>(path, reply);
  }

  /** Opens a stream of JSON lines that stays open. Rejects like `send`. */
  async openStream(path: string, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
    const center = this.preferred;
    const reply = await this.request(this.streams, 'GET', path, { center }, signal);
    this.streaming = center;
    if (reply.statusCode >= 300) throw this.refusal(reply.statusCode, path, await this.text(reply));
    return reply.body;
  }

  /** Asks for bytes from offset `from` on. The caller reads the body, or aborts. Rejects like `send`. */
  async download(path: string, from: number, signal: AbortSignal): Promise<Download> {
    const headers = { accept: 'application/octet-stream', ...(from === 0 ? {} : { range: `bytes=${from}-` }) };
    const reply = await this.request(this.downloads, 'GET', path, { headers }, signal);
    if (reply.statusCode >= 300) throw this.refusal(reply.statusCode, path, await this.text(reply));
    const { body } = reply;
    // It may break off before anybody reads it; who does then hears of it all the same.
    body.on('error', () => undefined);
    const discard = () => void body.destroy();
    return { status: reply.statusCode, headers: reply.headers, body, discard };
  }

  async close(): Promise<void> {
    await Promise.all([...this.pools, ...this.streams, ...this.downloads].map((pool) => pool.destroy()));
  }

  private async request(
    pools: readonly Pool[],
    method: Dispatcher.HttpMethod,
    path: string,
    { body, headers, center = this.preferred }: Asked,
    signal: AbortSignal | undefined,
  ): Promise<Dispatcher.ResponseData> {
    const pool = pools[center % pools.length];
    if (pool === undefined) throw new CloudTaskError('CT_CONFIG_INVALID', 'no URL of a center is configured');
    try {
      return await pool.request({
        method,
        path: `/apis/cloudtask.dev/v1/agents/${encodeURIComponent(this.options.agent)}/${path}`,
        headers: {
          ...(this.options.token === undefined ? {} : { authorization: `Bearer ${this.options.token()}` }),
          accept: 'application/json',
          ...headers,
          ...(body === undefined ? {} : { 'content-type': body.type }),
        },
        ...(body === undefined ? {} : { body: body.data }),
        ...(signal === undefined ? {} : { signal }),
      });
    } catch (cause) {
      if (isCloudTaskError(cause) || signal?.aborted) throw cause;
      this.turn();
      throw new CloudTaskError('CT_SERVER_UNREACHABLE', { detail: `${method} ${path}: ${messageOf(cause)}`, cause });
    }
  }

  private async text(reply: Dispatcher.ResponseData): Promise<string> {
    try {
      return await reply.body.text();
    } catch (cause) {
      this.turn();
      throw new CloudTaskError('CT_SERVER_UNREACHABLE', { detail: `the reply broke off: ${messageOf(cause)}`, cause });
    }
  }

  private refusal(status: number, path: string, text: string): CloudTaskError {
    const detail = `center answered ${status} to ${path}: ${text.slice(0, 300)}`;
    if (status === 401) {
      const hint = 'does this agent have the token, or the certificate, of the installation of this center?';
      return new CloudTaskError('CT_UNAUTHORIZED', { detail, hint });
    }
    if (status === 403) return new CloudTaskError('CT_FORBIDDEN', detail);
    if (status === 413) return new CloudTaskError('CT_TOO_LARGE', detail);
    if (status === 404) return new CloudTaskError('CT_NOT_FOUND', detail);
    if (status === 408 || status === 429 || status >= 500) {
      this.turn();
      return new CloudTaskError('CT_UNAVAILABLE', detail);
    }
    return new CloudTaskError('CT_BAD_REQUEST', detail);
  }

  /** The next request goes to the next center. */
  private turn(): void {
    this.preferred = (this.preferred + 1) % Math.max(1, this.pools.length);
  }
}

/** True for a refusal that will be the same next time: the content is at fault, not the moment. (404 is not among them: a
 * proxy answers so while no center stands behind it.) */
export function isPermanentRefusal(error: unknown): boolean {
  return isCloudTaskError(error, 'CT_BAD_REQUEST', 'CT_TOO_LARGE');
}
