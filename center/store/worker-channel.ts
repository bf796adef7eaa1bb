import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { CloudTaskError, invariant } from '../../base/index.js';
import type {
  SqlValue,
  WorkerFailure,
  WorkerOptions,
  WorkerReady,
  WorkerReply,
  WorkerRequest,
} from './worker-protocol.js';

/** Requests that may wait for the worker. Every caller awaits its own, so this is reached only when the disk stands still
 * while clients keep coming; they are then refused instead of filling the memory. */
const OUTSTANDING_MAX = 20_000;

export interface SqlResult {
  readonly rows: readonly Record<string, unknown>[];
  readonly changes: number;
  readonly insertId: number;
}

interface Waiting {
  resolve(result: SqlResult): void;
  reject(error: Error): void;
}

/**
 * The main thread's end of the worker. Requests are answered in the order they are made; all that are made in one turn
 * travel together. When the worker dies, everything outstanding and everything later is rejected with CT_STORE.
 */
export class WorkerChannel {
  private readonly worker: Worker;
  private readonly path: string;
  private outgoing: WorkerRequest[] = [];
  private readonly waiting: Waiting[] = [];
  private head = 0;
  private dead: CloudTaskError | undefined;
  private readonly exited: Promise<void>;

  private constructor(worker: Worker, path: string) {
    this.worker = worker;
    this.path = path;
    worker.on('message', (replies: readonly WorkerReply[]) => this.settle(replies));
    worker.on('error', (cause) => this.die(cause));
    this.exited = new Promise((resolve) => {
      worker.on('exit', () => {
        this.die(new Error('the worker thread ended'));
        resolve();
      });
    });
  }

  /** Starts the worker and resolves when the database is open and migrated. Throws CT_STORE_NEWER, CT_LOCKED, CT_STORE. */
  static async open(options: WorkerOptions, workerUrl: URL = defaultWorkerUrl()): Promise<WorkerChannel> {
    const worker = await startWorker(workerUrl, options);
    const first = await new Promise<WorkerReady>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
    });
    if ('error' in first) {
      await worker.terminate();
      throw storeError(first, options.path);
    }
    return new WorkerChannel(worker, options.path);
  }

  all(connection: 'read' | 'write', sql: string, parameters: readonly SqlValue[] = []): Promise<SqlResult> {
    return this.send({ connection, kind: 'all', sql, parameters });
  }

  many(sql: string, rows: readonly (readonly SqlValue[])[]): Promise<SqlResult> {
    return this.send({ connection: 'write', kind: 'many', sql, rows });
  }

  exec(sql: string): Promise<SqlResult> {
    return this.send({ connection: 'write', kind: 'exec', sql });
  }

  /** Resolves when everything asked before is done and the database is closed. */
  async close(): Promise<void> {
    if (this.dead === undefined) {
      this.flush();
      this.worker.postMessage('close');
    }
    await this.exited;
  }

  private send(request: WorkerRequest): Promise<SqlResult> {
    if (this.dead !== undefined) return Promise.reject(this.dead);
    if (this.waiting.length - this.head >= OUTSTANDING_MAX) {
      return Promise.reject(new CloudTaskError('CT_UNAVAILABLE', 'the store is overloaded'));
    }
    if (this.outgoing.push(request) === 1) queueMicrotask(() => this.flush());
    return new Promise((resolve, reject) => this.waiting.push({ resolve, reject }));
  }

  private flush(): void {
    if (this.outgoing.length === 0) return;
    this.worker.postMessage(this.outgoing);
    this.outgoing = [];
  }

  private settle(replies: readonly WorkerReply[]): void {
    for (const reply of replies) {
      const waiting = this.waiting[this.head++];
      invariant(waiting !== undefined, 'store-channel-order', 'each reply answers one request');
      if ('error' in reply) waiting.reject(storeError(reply, this.path));
      else waiting.resolve(reply);
    }
    if (this.head === this.waiting.length) {
      this.waiting.length = 0;
      this.head = 0;
    } else if (this.head > 1024) {
      this.waiting.splice(0, this.head);
      this.head = 0;
    }
  }

  private die(cause: unknown): void {
    this.dead ??= new CloudTaskError('CT_STORE', { detail: 'the store is closed', subject: this.path, cause });
    for (const { reject } of this.waiting.splice(0).slice(this.head)) reject(this.dead);
    this.head = 0;
  }
}

function storeError(failure: WorkerFailure, path: string): CloudTaskError {
  const code = failure.code === 'CT_STORE_NEWER' || failure.code === 'CT_LOCKED' ? failure.code : 'CT_STORE';
  const detail = code === 'CT_STORE' ? `${failure.error} (${failure.code})` : failure.error;
  return new CloudTaskError(code, { detail, subject: path });
}

/** The build puts sqlite-worker.js beside the bundle; in the source tree it is a .ts file beside this one. */
function defaultWorkerUrl(): URL {
  return new URL(import.meta.url.endsWith('.ts') ? './sqlite-worker.ts' : './sqlite-worker.js', import.meta.url);
}

async function startWorker(url: URL, options: WorkerOptions): Promise<Worker> {
  if (!url.pathname.endsWith('.ts')) return new Worker(url, { workerData: options });
  return new Worker(await compiledWorker(url), { workerData: options });
}

interface Bundler {
  buildSync(options: object): { outputFiles: { text: string }[] };
}

const compiled = new Map<string, Promise<URL>>();

/**
 * For the source tree only: a worker thread of Node 20 does not inherit the loader of its process, and to load one in
 * each worker takes seconds on a busy machine. So the file is compiled once per process; what it imports is made absolute.
 */
function compiledWorker(url: URL): Promise<URL> {
  const known = compiled.get(url.href);
  if (known !== undefined) return known;
  const promise = (async () => {
    const esbuild: string = 'esbuild'; // as a variable: the product's bundle must not contain the bundler
    const { buildSync } = (await import(esbuild)) as Bundler;
    const { outputFiles } = buildSync({
      entryPoints: [fileURLToPath(url)],
      ...{ bundle: true, write: false, platform: 'node', format: 'esm', target: 'node20', logLevel: 'silent' },
      external: ['better-sqlite3'],
    });
    const code = outputFiles[0]!.text.replaceAll(
      '"better-sqlite3"',
      JSON.stringify(import.meta.resolve('better-sqlite3')),
    );
    return new URL(`data:text/javascript,${encodeURIComponent(code)}`);
  })();
  compiled.set(url.href, promise);
  return promise;
}
