import type { TransferListItem, Worker } from 'node:worker_threads';
import { CloudTaskError, invariant, isCloudTaskError } from '../../../base/index.js';
import { errorOf } from './failure.js';
import type { WorkerCall, WorkerItem, WorkerOptions, WorkerReady } from './protocol.js';
import { defaultWorkerUrl, startWorker } from './start-worker.js';

/** Calls that may be open. Every caller awaits its own, so this is reached only when the disk stands still while clients
 * keep coming; they are then refused instead of filling the memory. */
const OUTSTANDING_MAX = 20_000;

interface Waiting {
  /** performance.now() of the call. */
  readonly since: number;
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** Methods of a repository that can be called through a channel. */
export type Remote<R> = {
  [M in keyof R as R[M] extends (...args: never[]) => Promise<unknown> ? M : never]: R[M] extends (
    ...args: infer A
  ) => Promise<infer T>
    ? { args: A; value: T }
    : never;
};

export interface ChannelOptions {
  /** What the database is called in errors. */
  readonly subject: string;
  /** Wall time, ms. */
  readonly now: () => number;
  /** News of commits, in their order, each before the answer to the call that made it. */
  news(item: Exclude<WorkerItem, { id: number }>): void;
  /** The worker ended by itself. */
  died(cause: unknown): void;
  /** Told of each answer: how long its caller waited, ms, and whether the database failed. */
  observe?(ms: number, failed: boolean): void;
  /** The worker's program, when it is not beside this file. */
  readonly workerUrl?: URL;
}

/**
 * The main thread's end of a worker that serves a repository of type R. All calls that are made in one turn travel
 * together. When the worker dies, everything outstanding and everything later is rejected with CT_STORE.
 */
export class WorkerChannel<R> {
  /** resourceVersion of all that happened before the first news. */
  readonly startVersion: number;
  private readonly worker: Worker;
  private readonly options: ChannelOptions;
  private readonly waiting = new Map<number, Waiting>();
  private outgoing: WorkerCall[] = [];
  private transfers: TransferListItem[] = [];
  private lastId = 0;
  private dead: CloudTaskError | undefined;
  private closing = false;
  private readonly exited: Promise<void>;

  private constructor(worker: Worker, version: number, options: ChannelOptions) {
    this.worker = worker;
    this.startVersion = version;
    this.options = options;
    worker.on('message', (items: readonly WorkerItem[]) => this.take(items));
    worker.on('error', (cause) => this.die(cause));
    this.exited = new Promise((resolve) => {
      worker.on('exit', () => {
        this.die(new Error('the worker thread ended'));
        resolve();
      });
    });
  }

  /** Starts the worker and resolves when the database is open and migrated. Throws CT_STORE_NEWER, CT_LOCKED, CT_STORE. */
  static async open<R>(worker: Omit<WorkerOptions, 'now'>, options: ChannelOptions): Promise<WorkerChannel<R>> {
    const thread = await startWorker(options.workerUrl ?? defaultWorkerUrl(), { ...worker, now: options.now() });
    const first = await new Promise<WorkerReady>((resolve, reject) => {
      thread.once('message', resolve);
      thread.once('error', reject);
    });
    if ('failure' in first) {
      await thread.terminate();
      throw errorOf(first.failure);
    }
    return new WorkerChannel<R>(thread, first.version, options);
  }

  /** Calls a method with arguments that are JSON. */
  call<M extends keyof Remote<R> & string>(method: M, ...args: Remote<R>[M]['args']): Promise<Remote<R>[M]['value']> {
    return this.send(method, JSON.stringify(args)) as Promise<Remote<R>[M]['value']>;
  }

  /** Calls a method with bytes among its arguments; those in `transfer` are the worker's from now on. */
  hand<M extends keyof Remote<R> & string>(
    method: M,
    args: Remote<R>[M]['args'],
    transfer: readonly TransferListItem[],
  ): Promise<Remote<R>[M]['value']> {
    return this.send(method, args as readonly unknown[], transfer) as Promise<Remote<R>[M]['value']>;
  }

  /** Resolves when everything asked before is done and the database is closed. */
  async close(): Promise<void> {
    if (this.dead === undefined) {
      this.flush();
      this.worker.postMessage('close');
      this.closing = true;
    }
    await this.exited;
  }

  private send(method: string, args: WorkerCall['args'], transfer: readonly TransferListItem[] = []): Promise<unknown> {
    if (this.dead !== undefined) return Promise.reject(this.dead);
    if (this.closing) return Promise.reject(this.closed());
    if (this.waiting.size >= OUTSTANDING_MAX) {
      return Promise.reject(new CloudTaskError('CT_UNAVAILABLE', 'the store is overloaded'));
    }
    const id = ++this.lastId;
    this.transfers.push(...transfer);
    if (this.outgoing.push({ id, method, args }) === 1) queueMicrotask(() => this.flush());
    const since = performance.now();
    return new Promise((resolve, reject) => this.waiting.set(id, { resolve, reject, since }));
  }

  private flush(): void {
    const { outgoing, transfers } = this;
    if (outgoing.length === 0) return;
    this.outgoing = [];
    this.transfers = [];
    this.worker.postMessage({ now: this.options.now(), calls: outgoing }, transfers);
  }

  private take(items: readonly WorkerItem[]): void {
    if (this.dead !== undefined) return; // said before the end, heard after it: its callers have been told otherwise
    for (const item of items) {
      if (!('id' in item)) {
        this.options.news(item);
        continue;
      }
      const waiting = this.waiting.get(item.id);
      invariant(waiting !== undefined, 'store-channel-answer', 'each answer belongs to one call');
      this.waiting.delete(item.id);
      const ms = performance.now() - waiting.since;
      if ('failure' in item) {
        const error = errorOf(item.failure);
        this.options.observe?.(ms, isCloudTaskError(error, 'CT_STORE'));
        waiting.reject(error);
      } else {
        this.options.observe?.(ms, false);
        waiting.resolve(item.value);
      }
    }
  }

  private closed(cause?: unknown): CloudTaskError {
    return new CloudTaskError('CT_STORE', { detail: 'the store is closed', subject: this.options.subject, cause });
  }

  private die(cause: unknown): void {
    if (this.dead === undefined && !this.closing) this.options.died(cause);
    this.dead ??= this.closed(cause);
    for (const { reject } of this.waiting.values()) reject(this.dead);
    this.waiting.clear();
  }
}
