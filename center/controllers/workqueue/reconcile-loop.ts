// Takes keys from a queue and reconciles them. What a reconcile may say, in four words:
//   done            nothing more to do until something changes
//   again in T      look again after T ms
//   throw           it failed: again with back-off
//   throw Terminal  it will fail until the object changes: logged and counted, not tried again
import { type Clock, type Logger, messageOf } from '../../../base/index.js';
import { RateLimitedQueue } from './rate-limited-queue.js';

export type ReconcileResult = { readonly kind: 'done' } | { readonly kind: 'again'; readonly afterMs: number };

export const done: ReconcileResult = { kind: 'done' };
export const againIn = (afterMs: number): ReconcileResult => ({ kind: 'again', afterMs });

/** Thrown by a reconcile for what no retry can cure. */
export class TerminalError extends Error {
  override readonly name = 'TerminalError';
}

export interface ReconcileLoopOptions {
  readonly name: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** Keys in hand at the same time. */
  readonly workers: number;
  reconcile(key: string, signal: AbortSignal): Promise<ReconcileResult>;
  /** Told of each failure, before the back-off begins. */
  failed?(error: unknown): void;
}

export class ReconcileLoop {
  readonly name: string;
  readonly counters = { reconciled: 0, failed: 0, terminal: 0 };
  readonly queue: RateLimitedQueue;
  private readonly options: ReconcileLoopOptions;
  private readonly ended: AbortController;
  private workers: Promise<void>[] = [];

  constructor(options: ReconcileLoopOptions) {
    this.options = options;
    this.name = options.name;
    this.queue = new RateLimitedQueue(options.clock);
    this.ended = new AbortController();
  }

  start(): void {
    this.workers = Array.from({ length: this.options.workers }, () => this.work());
  }

  /** From this call on no key is taken; resolves when those in hand are given back. */
  async stop(): Promise<void> {
    this.queue.close();
    this.ended.abort(new TerminalError(`${this.options.name} is stopping`));
    await Promise.all(this.workers);
  }

  private async work(): Promise<void> {
    for (;;) {
      const key = await this.queue.take();
      if (key === undefined) return;
      try {
        await this.reconcileOne(key);
      } finally {
        this.queue.done(key);
      }
    }
  }

  private async reconcileOne(key: string): Promise<void> {
    const { name, log } = this.options;
    try {
      const result = await this.options.reconcile(key, this.ended.signal);
      this.counters.reconciled += 1;
      this.queue.forget(key); // both ends below are successes
      if (result.kind === 'again') this.queue.addAfter(key, result.afterMs);
    } catch (error) {
      if (this.ended.signal.aborted) return; // whoever leads next begins anew
      if (error instanceof TerminalError) {
        this.counters.terminal += 1;
        this.queue.forget(key); // a change of the object begins with a fresh count
        log.warn({ controller: name, key, err: error.message }, 'reconcile gave up until the object changes');
        return;
      }
      this.counters.failed += 1;
      this.options.failed?.(error);
      const delayMs = this.queue.addRateLimited(key); // keeps the count
      log.warn({ controller: name, key, delayMs, err: messageOf(error) }, 'reconcile failed, trying again');
    }
  }
}
