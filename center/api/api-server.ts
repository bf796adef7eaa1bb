import type { Server } from 'node:tls';
import { CloudTaskError, type Logger, messageOf, type Service } from '../../base/index.js';
import { requireSafeListening } from '../auth/index.js';
import { type Api, type ApiOptions, createApi } from './create-api.js';

export interface ApiServerOptions extends ApiOptions {
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
  /** Listen beyond loopback without TLS. */
  readonly insecure?: boolean;
}

/** The API, listening. States: built → listening → stopped. */
export class ApiServer implements Service {
  readonly name = 'api';
  private readonly options: ApiServerOptions;
  private readonly log: Logger;
  private api: Api | undefined;
  private address = '';

  constructor(options: ApiServerOptions) {
    this.options = options;
    this.log = options.log;
  }

  /** Where the API answers, e.g. `http://127.0.0.1:8443`; empty before `start`. */
  get url(): string {
    return this.address;
  }

  /** Throws CT_CONFIG_INVALID when listening there would be unsafe, or is not possible. */
  async start(): Promise<void> {
    const { host, port, tls, insecure = false } = this.options;
    requireSafeListening({ host, tls: tls !== undefined, insecure });
    this.api = createApi(this.options);
    await this.api.app.listen({ host, port }).catch((cause: NodeJS.ErrnoException) => {
      throw notListening(host, port, cause);
    });
    tls?.attach(this.api.app.server as unknown as Server);
    const bound = this.api.app.server.address();
    const actual = typeof bound === 'object' && bound !== null ? bound.port : port;
    const name = host.includes(':') ? `[${host}]` : host;
    this.address = `${tls === undefined ? 'http' : 'https'}://${name}:${actual}`;
    this.log.info({ url: this.address }, 'api listens');
  }

  async stop(): Promise<void> {
    const { api } = this;
    this.api = undefined;
    this.options.tls?.stop();
    api?.endStreams();
    await api?.app.close();
  }
}

function notListening(host: string, port: number, cause: NodeJS.ErrnoException): CloudTaskError {
  const where = `port ${port} of ${host}`;
  const hint = 'choose another one with --port, or 0 for any that is free';
  if (cause.code === 'EADDRINUSE') {
    return new CloudTaskError('CT_CONFIG_INVALID', { detail: `${where} is in use already`, hint, cause });
  }
  if (cause.code === 'EACCES') {
    return new CloudTaskError('CT_CONFIG_INVALID', { detail: `this user may not listen on ${where}`, hint, cause });
  }
  return new CloudTaskError('CT_CONFIG_INVALID', { detail: `cannot listen on ${where}: ${messageOf(cause)}`, cause });
}
