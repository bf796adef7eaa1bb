// A store and the API over it, listening on a free port: what tests of the API talk to.
import { readFile } from 'node:fs/promises';
import type { Test } from 'tap';
import { type Clock, silentLogger, systemClock } from '../../base/index.js';
import { ApiServer, type ApiServerOptions } from '../../center/api/index.js';
import {
  AgentCertificates,
  Authenticator,
  type Authority,
  ensureTokens,
  type OidcSettings,
  PasswordHashes,
  ServerTls,
} from '../../center/auth/index.js';
import { KeyRotation, SecretKeeper } from '../../center/secrets/index.js';
import { openSqliteStore, type Store } from '../../center/store/index.js';
import type { AnyObject, RunReport, Task } from '../../manifests/index.js';
import { runName, runUid } from '../../manifests/index.js';

export const API = '/apis/cloudtask.dev/v1';

/** How long certificates of agents are good for in tests. */
export const CERTIFICATE_MS = 60 * 86_400_000;

/** Passwords of tests need no third of a second each. */
const CHEAP = { N: 1024, r: 8, p: 1 };

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  readonly json: any;
}

export interface RequestOptions {
  readonly token?: string | null;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

export interface TestApi {
  readonly url: string;
  readonly store: Store;
  readonly adminToken: string;
  readonly agentToken: string;
  /** With the admin's token unless told otherwise; a body that is no text or bytes is sent as JSON. */
  request(method: string, path: string, options?: RequestOptions): Promise<Answer>;
  /** Opens an answer that stays open, as lines of JSON. Closed with the test. */
  lines(path: string, options?: RequestOptions): Promise<Lines>;
  apply(...objects: object[]): Promise<AnyObject[]>;
}

export async function startApi(
  t: Test,
  options: {
    clock?: Clock;
    dataDir?: string;
    requestsPerSecond?: number;
    port?: number;
    guests?: boolean;
    consoleDir?: string;
    oidc?: OidcSettings;
    own?: ApiServerOptions['own'];
    /** With an authority: its certificate is in tls/ca.crt of the data directory. See AgentScopeOptions. */
    tls?: { readonly allocated: (agent: string) => Promise<readonly string[] | undefined> };
  } = {},
): Promise<TestApi> {
  const clock = options.clock ?? systemClock;
  const dataDir = options.dataDir ?? t.testdir();
  const keys = { keyFile: `${dataDir}/secrets.key`, book: () => store.secrets };
  const sealer: SecretKeeper = new SecretKeeper(keys);
  const store: Store = openSqliteStore({ path: `${dataDir}/store.db`, clock, log: silentLogger, sealer });
  await store.start(new AbortController().signal);
  const files = await ensureTokens({ dataDir, store });
  const auth = new Authenticator({ store, clock });
  const secretKeys = new KeyRotation({
    ...{ ...keys, ring: sealer.ring, center: 'center', clock, log: silentLogger },
    leads: () => true,
  });
  const tls =
    options.tls === undefined
      ? undefined
      : await ServerTls.open(
          { authority: { names: [], agentCertificateMs: CERTIFICATE_MS } },
          { dataDir, host: '127.0.0.1', mayMake: true, clock, log: silentLogger },
        );
  const agents = (authority: Authority) =>
    new AgentCertificates({ authority, store, clock, lifetimeMs: CERTIFICATE_MS, allowSharedToken: false });
  const server = new ApiServer({
    secretKeys,
    ...(tls?.authority === undefined ? {} : { tls, agents: agents(tls.authority) }),
    ...(options.tls === undefined ? {} : { allocated: options.tls.allocated }),
    ...{ host: '127.0.0.1', port: options.port ?? 0, store, auth, clock, log: silentLogger, secrets: sealer },
    passwords: new PasswordHashes(CHEAP),
    ...(options.guests === undefined ? {} : { guests: options.guests }),
    ...(options.oidc === undefined ? {} : { oidc: options.oidc }),
    ...(options.own === undefined ? {} : { own: options.own }),
    ...(options.consoleDir === undefined ? {} : { consoleDir: options.consoleDir }),
    ...(options.requestsPerSecond === undefined ? {} : { requestsPerSecond: options.requestsPerSecond }),
  });
  await server.start();
  t.teardown(async () => {
    await server.stop();
    await store.stop();
  });
  const adminToken = (await readFile(files.adminTokenFile, 'utf8')).trim();
  const agentToken = (await readFile(files.agentTokenFile, 'utf8')).trim();
  const fetchIt = (
    method: string,
    path: string,
    { token = adminToken, body, headers = {} }: RequestOptions,
    signal?: AbortSignal,
  ) => {
    const raw = typeof body === 'string' || body instanceof Uint8Array;
    return fetch(`${server.url}${path}`, {
      method,
      ...(signal === undefined ? {} : { signal }),
      headers: {
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined || raw ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: raw ? (body as string) : JSON.stringify(body) }),
    });
  };
  const request: TestApi['request'] = async (method, path, requestOptions = {}) => {
    const response = await fetchIt(method, path, requestOptions);
    const text = await response.text();
    const json = response.headers.get('content-type')?.startsWith('application/json') ? JSON.parse(text) : undefined;
    return { status: response.status, headers: response.headers, text, json };
  };
  return {
    ...{ url: server.url, store, adminToken, agentToken, request },
    lines: async (path, requestOptions = {}) => {
      const ending = new AbortController();
      t.teardown(() => ending.abort());
      const response = await fetchIt('GET', path, requestOptions, ending.signal);
      return new Lines(response, ending);
    },
    apply: async (...objects) => {
      const { status, json, text } = await request('POST', `${API}/apply`, { body: { objects } });
      if (status !== 200) throw new Error(text);
      return json.results.map((result: { object: AnyObject }) => result.object);
    },
  };
}

/** Reads an open answer line by line. */
export class Lines {
  readonly status: number;
  readonly headers: Headers;
  private readonly ending: AbortController;
  private readonly reader: ReadableStreamDefaultReader<Uint8Array>;
  private rest = '';
  private readonly decoder = new TextDecoder();

  constructor(response: Response, ending: AbortController) {
    this.status = response.status;
    this.headers = response.headers;
    this.ending = ending;
    this.reader = response.body!.getReader() as ReadableStreamDefaultReader<Uint8Array>;
  }

  /** The next line as JSON; undefined at the end. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into lines of every shape
  async next(): Promise<any> {
    for (;;) {
      const end = this.rest.indexOf('\n');
      if (end >= 0) {
        const line = this.rest.slice(0, end);
        this.rest = this.rest.slice(end + 1);
        if (line !== '') return JSON.parse(line);
        continue;
      }
      const { value, done } = await this.reader.read();
      if (done) return undefined;
      this.rest += this.decoder.decode(value, { stream: true });
    }
  }

  /** The next line for which `accept` holds. */
  // biome-ignore lint/suspicious/noExplicitAny: see above
  async nextWhere(accept: (line: any) => boolean): Promise<any> {
    for (;;) {
      const line = await this.next();
      if (line === undefined || accept(line)) return line;
    }
  }

  close(): void {
    this.ending.abort();
  }
}

export function taskManifest(name: string, extra: { metadata?: object; spec?: object } = {}): Task {
  return {
    apiVersion: 'cloudtask.dev/v1',
    kind: 'Task',
    metadata: { name, ...extra.metadata },
    spec: { schedules: [{ every: '5s' }], run: { command: ['true'] }, ...extra.spec },
  };
}

export function reportOf(task: AnyObject, point: number, extra: Partial<RunReport> = {}): RunReport {
  const { uid: taskUid = '', name, namespace = 'default' } = task.metadata;
  const key = { taskUid, slot: '', point };
  return {
    uid: runUid(key),
    name: runName(name, key),
    ...{ namespace, task: name, taskUid, slot: '', revision: 1, trigger: 'Schedule', schedule: 'default' },
    scheduledTime: point,
    state: 'Running',
    startTime: point + 1,
    attempts: [{ number: 1, state: 'Running', agent: 'eu-1' }],
    attempt: 1,
    ...extra,
  };
}
