// center/store/worker/start-worker for simulated centers: the repositories run in the process of a database server, which
// several centers share as they would share PostgreSQL, on one SQLite file behind it.
import { EventEmitter } from 'node:events';
import type { WorkerItem, WorkerOptions, WorkerReady, WorkerRequest } from '../../../center/store/worker/protocol.js';
import { kernel, type SimulatedProcess } from '../kernel.js';
import { type DatabaseServer, databaseServer } from '../world/database-server.js';
import { Channel } from '../world/network.js';

export function defaultWorkerUrl(): URL {
  return new URL('file:///simulated');
}

/** What the store's channel holds of its thread. */
class SimulatedWorker extends EventEmitter {
  private readonly requests: Channel;
  private readonly answers: Channel;
  private readonly owner: SimulatedProcess;
  private readonly options: WorkerOptions;
  private readonly server: DatabaseServer;
  private opened = false;

  constructor(options: WorkerOptions) {
    super();
    this.options = options;
    this.owner = kernel().current!;
    const server = databaseServer();
    this.server = server;
    this.requests = new Channel(this.owner, server.process);
    this.answers = new Channel(server.process, this.owner);
    server.connected(this);
    this.requests.send(() => server.attach(this, options));
  }

  get part(): WorkerOptions['part'] {
    return this.options.part;
  }

  postMessage(request: WorkerRequest): void {
    this.requests.send(() => this.server.take(this, request));
  }

  /** Called in the process of the database. */
  tell(message: WorkerReady | readonly WorkerItem[]): void {
    this.answers.send(() => {
      this.opened = true;
      this.emit('message', message);
    });
  }

  /** The connection to the database is gone. */
  broken(): void {
    kernel().schedule(1, this.owner, () => {
      if (!this.opened) this.emit('error', new Error('the database does not answer'));
      this.emit('exit');
    });
  }

  async terminate(): Promise<void> {
    this.server.detach(this);
  }
}

export type { SimulatedWorker };

export async function startWorker(_url: URL, options: WorkerOptions): Promise<SimulatedWorker> {
  return new SimulatedWorker(options);
}
