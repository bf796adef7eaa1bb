// The database behind the centers: hosts of the product's repositories, each shared by all centers that are connected.

import { EventEmitter } from 'node:events';
import { rmSync } from 'node:fs';
import type { MessagePort } from 'node:worker_threads';
import { Host } from '../../../center/store/worker/host.js';
import { openPart } from '../../../center/store/worker/open-part.js';
import type {
  WorkerCall,
  WorkerItem,
  WorkerOptions,
  WorkerReady,
  WorkerRequest,
} from '../../../center/store/worker/protocol.js';
import { InvariantError } from '../invariants.js';
import { kernel, type SimulatedProcess } from '../kernel.js';
import { closeAllFiles } from '../replaced/better-sqlite3.js';
import type { SimulatedWorker } from '../replaced/start-worker.js';

interface Origin {
  readonly client: SimulatedWorker;
  readonly id: number;
  /** The call is a leader's of an epoch that was over when it came (invariant X5). */
  readonly stale: string | undefined;
  /** The epoch that the call raises the store to. */
  readonly raises: number | undefined;
}

let present: DatabaseServer | undefined;

export function databaseServer(): DatabaseServer {
  if (present === undefined) throw new Error('no database is simulated');
  return present;
}

/** The port of a host, with several clients at its other end: calls get ids of their own, news goes to all. */
class SharedPort extends EventEmitter {
  readonly clients = new Set<SimulatedWorker>();
  /** What the host said first, with the version that later clients begin at. */
  ready: WorkerReady | undefined;
  private readonly origins = new Map<number, Origin>();
  private nextId = 1;
  /** The highest that the store has been raised to. */
  private epoch = 0;

  postMessage(message: WorkerReady | readonly WorkerItem[]): void {
    if (!Array.isArray(message)) {
      this.ready = message as WorkerReady;
      for (const client of this.clients) client.tell(this.ready);
      return;
    }
    const perClient = new Map([...this.clients].map((client) => [client, [] as WorkerItem[]]));
    for (const item of message as WorkerItem[]) {
      if (!('id' in item)) {
        if ('version' in item) this.ready = { ready: true, version: item.version };
        for (const items of perClient.values()) items.push(item);
        continue;
      }
      const origin = this.origins.get(item.id);
      this.origins.delete(item.id);
      if (origin !== undefined && 'value' in item) this.judge(origin);
      if (origin !== undefined) perClient.get(origin.client)?.push({ ...item, id: origin.id });
    }
    for (const [client, items] of perClient) if (items.length > 0) client.tell(items);
  }

  take(client: SimulatedWorker, { now, calls }: Exclude<WorkerRequest, 'close'>): void {
    const own = calls.map((call) => {
      const id = this.nextId++;
      this.origins.set(id, { client, id: call.id, ...this.epochsOf(call) });
      return { ...call, id };
    });
    this.emit('message', { now, calls: own });
  }

  close(): void {
    this.removeAllListeners();
  }

  private epochsOf({ method, args }: WorkerCall): Pick<Origin, 'stale' | 'raises'> {
    const text = typeof args === 'string' ? args : '';
    if (method === 'raiseEpoch') return { stale: undefined, raises: Number(text.slice(1, -1)) };
    const epoch = /\{"epoch":(\d+)\}/.exec(text)?.[1];
    const stale = epoch !== undefined && Number(epoch) < this.epoch ? `${method} of epoch ${epoch}` : undefined;
    return { stale, raises: undefined };
  }

  private judge({ stale, raises = 0 }: Origin): void {
    this.epoch = Math.max(this.epoch, raises);
    if (stale !== undefined) kernel().fail(new InvariantError(`X5: the store took ${stale} after ${this.epoch}`));
  }
}

interface Served {
  readonly port: SharedPort;
}

export class DatabaseServer {
  readonly process: SimulatedProcess;
  private readonly parts = new Map<WorkerOptions['part'], Served>();
  private readonly directory: string;
  private readonly connections = new Set<SimulatedWorker>();

  /** `directory` is a real one: SQLite writes there. */
  constructor(process: SimulatedProcess, directory: string) {
    this.process = process;
    this.directory = directory;
    present = this;
  }

  /** Of the store, for those who open it. */
  get path(): string {
    return `${this.directory}/store.db`;
  }

  /** From now on the client hears of the end of the server. */
  connected(client: SimulatedWorker): void {
    if (this.process.mode === 'dead') client.broken();
    else this.connections.add(client);
  }

  attach(client: SimulatedWorker, options: WorkerOptions): void {
    const known = this.parts.get(options.part);
    if (known !== undefined) {
      known.port.clients.add(client);
      if (known.port.ready !== undefined) client.tell(known.port.ready);
      return;
    }
    const served: Served = { port: new SharedPort() };
    served.port.clients.add(client);
    this.parts.set(options.part, served);
    void this.open(served, options);
  }

  take(client: SimulatedWorker, request: WorkerRequest): void {
    const served = this.parts.get(client.part);
    if (served === undefined || !served.port.clients.has(client)) return;
    if (request === 'close') {
      this.detach(client);
      client.broken();
    } else served.port.take(client, request);
  }

  detach(client: SimulatedWorker): void {
    this.connections.delete(client);
    for (const { port } of this.parts.values()) port.clients.delete(client);
  }

  /** kill -9: what was not committed is undone, every center loses its connection. The caller starts another one. */
  end(): void {
    kernel().kill(this.process);
    for (const client of this.connections) client.broken();
    this.connections.clear();
    this.parts.clear();
    closeAllFiles();
  }

  /** At the end of the simulation. */
  dispose(): void {
    closeAllFiles();
    rmSync(this.directory, { recursive: true, force: true });
  }

  private async open(served: Served, options: WorkerOptions): Promise<void> {
    const host = new Host(served.port as unknown as MessagePort, options.now);
    const { kind } = options.engine;
    const path = `${this.directory}/${options.part}.db`;
    const part = await openPart({ ...options, engine: { kind: 'sqlite', path, synchronous: 'NORMAL' } }, host);
    if (kind !== 'sqlite') throw new Error('simulated centers are on SQLite');
    host.serve(part);
  }
}
