import type { MessagePort, TransferListItem } from 'node:worker_threads';
import { failureOf } from './failure.js';
import type { WorkerCall, WorkerItem, WorkerReady, WorkerRequest } from './protocol.js';

/** What is served: a repository, what its errors mean, and how it ends. */
export interface Part {
  /** resourceVersion of all that happened before the first news. */
  readonly version: number;
  readonly methods: object;
  errorOf(error: unknown): Error | undefined;
  close(): Promise<void>;
}

type Method = (...args: readonly unknown[]) => Promise<unknown>;

/** The worker's end of the channel: runs calls as they come, each at once, and sends what is to be told in order. */
export class Host {
  private readonly port: MessagePort;
  private readonly running = new Set<Promise<void>>();
  private outgoing: WorkerItem[] = [];
  private transfers: TransferListItem[] = [];
  private time: number;
  /** Nothing is told before the first message, which says that the part is open. */
  private serving = false;

  constructor(port: MessagePort, now: number) {
    this.port = port;
    this.time = now;
  }

  /** Wall time of the latest message, ms. */
  readonly now = (): number => this.time;

  /** Tells something. What is told in one turn travels together, in the order it was told. */
  tell(item: WorkerItem): void {
    if (this.outgoing.push(item) === 1 && this.serving) process.nextTick(() => this.flush());
  }

  serve(part: Part): void {
    const ready: WorkerReady = { ready: true, version: part.version };
    this.port.postMessage(ready);
    this.serving = true;
    this.flush();
    this.port.on('message', (request: WorkerRequest) => {
      if (request === 'close') {
        void this.close(part);
        return;
      }
      this.time = request.now;
      for (const call of request.calls) {
        const answer = this.answer(part, call);
        this.running.add(answer);
        void answer.then(() => this.running.delete(answer));
      }
    });
  }

  /** Never rejects. */
  private async answer(part: Part, { id, method, args }: WorkerCall): Promise<void> {
    try {
      const list = typeof args === 'string' ? (JSON.parse(args) as unknown[]) : args;
      const value = await (part.methods as Record<string, Method>)[method]!(...list);
      const { bytes } = (value ?? {}) as { bytes?: unknown };
      if (bytes instanceof Uint8Array) this.transfers.push(bytes.buffer as ArrayBuffer);
      this.tell({ id, value });
    } catch (error) {
      this.tell({ id, failure: failureOf(part.errorOf(error) ?? error) });
    }
  }

  private async close(part: Part): Promise<void> {
    await Promise.all(this.running);
    await part.close();
    this.flush();
    this.port.close();
  }

  private flush(): void {
    const { outgoing, transfers } = this;
    if (outgoing.length === 0) return;
    this.outgoing = [];
    this.transfers = [];
    this.port.postMessage(outgoing, transfers);
  }
}
