import { mkdir } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import {
  acquireDirectoryLock,
  type Clock,
  type DirectoryLock,
  type Emitter,
  type Logger,
  messageOf,
  silentLogger,
  systemClock,
  type Timer,
} from '../../base/index.js';
import { Connection } from './connection.js';
import { Outbox } from './outbox.js';
import { ClientService, type ServerEvents } from './service.js';
import { ServerTime } from './sessions/server-time.js';
import { SessionTable } from './sessions/session-table.js';
import { Snapshots } from './snapshots.js';
import { StateMachine } from './state-machine.js';
import { Journal } from './store/journal.js';
import { type Recovered, recover } from './store/recover.js';

export interface EmbeddedServerOptions {
  /** Created when missing; used by one process at a time. */
  readonly dataDir: string;
  readonly host: string;
  /** 0 = any free port. */
  readonly port: number;
  /** Sessions expire at multiples of it, ms; their time-outs are 2 to 20 of it. */
  readonly tickMs: number;
  readonly clock?: Clock;
  readonly log?: Logger;
  /** For tests: a snapshot is due after so many bytes of journal. */
  readonly snapshotAfterBytes?: number;
}

export interface EmbeddedServer {
  readonly port: number;
  /** `host:port`. */
  readonly connectString: string;
  readonly events: Emitter<ServerEvents>;
  /** Living sessions. */
  readonly sessions: readonly bigint[];
  /** Fault injection: ends a session as if its time-out had passed. False when there is no such session. */
  expireSession(id: bigint): boolean;
  /** Fault injection: closes every connection; sessions live on. */
  dropConnections(): void;
  /** Fault injection: requests are carried out and made durable, but nothing is answered until the returned function
   * is called. Pings are answered. */
  pauseReplies(): () => void;
  /** Makes what was accepted durable, closes connections and files. Sessions are kept for the next start. */
  stop(): Promise<void>;
}

/** Above this much waiting for the disk, of transactions or of answers, sockets are not read until half of it has gone. */
const MAX_PENDING_BYTES = 32 << 20;
/** Each costs memory; a client that finds the server full tries again. */
const MAX_CONNECTIONS = 20_000;

/**
 * Starts a server that speaks ZooKeeper's protocol. Rejects with CT_LOCKED, or CT_COORDINATION_DATA when the data were
 * changed by something else. After a recovery every session has its full time-out.
 */
export async function startEmbeddedServer(options: EmbeddedServerOptions): Promise<EmbeddedServer> {
  await mkdir(options.dataDir, { recursive: true, mode: 0o700 });
  const lock = await acquireDirectoryLock(options.dataDir);
  try {
    const log = options.log ?? silentLogger;
    const recovered = await recover(options.dataDir, log);
    const server = new Running(options, recovered, lock);
    await server.start();
    return server;
  } catch (error) {
    await lock.release();
    throw error;
  }
}

class Running implements EmbeddedServer {
  readonly events: Emitter<ServerEvents>;
  private readonly options: EmbeddedServerOptions;
  private readonly clock: Clock;
  private readonly log: Logger;
  private readonly lock: DirectoryLock;
  private readonly machine: StateMachine;
  private readonly outbox: Outbox;
  private readonly service: ClientService;
  private readonly listener: Server;
  private readonly recovered: Recovered;
  private journal: Journal | undefined;
  private snapshots: Snapshots | undefined;
  private ticker: Timer | undefined;
  private readingPaused = false;
  private stopping: Promise<void> | undefined;
  private readonly waiters: { zxid: bigint; resolve(): void; reject(error: unknown): void }[] = [];
  private boundPort = 0;

  constructor(options: EmbeddedServerOptions, recovered: Recovered, lock: DirectoryLock) {
    this.options = options;
    this.recovered = recovered;
    this.lock = lock;
    this.clock = options.clock ?? systemClock;
    this.log = options.log ?? silentLogger;
    const { restoration } = recovered;
    const { tree, sessions } = restoration.finish();
    const time = new ServerTime(this.clock, options.tickMs);
    const table = new SessionTable(options.tickMs, firstSessionId(this.clock, restoration.highestSession));
    for (const session of sessions) table.add(session, time.now());
    this.machine = new StateMachine({
      tree,
      sessions: table,
      zxid: restoration.zxid,
      clock: this.clock,
      time,
      commit: (transaction) => this.journal!.append(transaction),
    });
    this.outbox = new Outbox(restoration.zxid);
    this.service = new ClientService(this.machine, this.outbox, this.log, () => this.relievePressure());
    this.events = this.service.events;
    this.listener = createServer({ noDelay: true }, (socket) => this.accept(socket));
  }

  async start(): Promise<void> {
    const { dataDir, host, port, snapshotAfterBytes } = this.options;
    this.journal = await Journal.open(dataDir, this.machine.zxid, {
      durable: (zxid) => this.onDurable(zxid),
      failed: (error) => this.onFailure(error),
    });
    const { machine, journal, log } = this;
    this.snapshots = new Snapshots(
      { directory: dataDir, machine, journal, log, ...(snapshotAfterBytes && { afterBytes: snapshotAfterBytes }) },
      this.recovered.journalBytes,
    );
    await new Promise<void>((resolve, reject) => {
      this.listener.once('error', reject);
      this.listener.listen(port, host, resolve);
    });
    this.boundPort = (this.listener.address() as AddressInfo).port;
    this.scheduleTick();
    const { transactions } = this.recovered;
    log.info({ port: this.port, transactions, nodes: machine.tree.size }, 'embedded coordination listens');
  }

  get port(): number {
    return this.boundPort;
  }

  get connectString(): string {
    return `${this.options.host}:${this.port}`;
  }

  get sessions(): readonly bigint[] {
    return [...this.machine.sessions.all()].map(({ id }) => id);
  }

  expireSession(id: bigint): boolean {
    return this.service.expire(id);
  }

  dropConnections(): void {
    this.service.dropConnections();
  }

  pauseReplies(): () => void {
    this.outbox.pause();
    return () => {
      this.outbox.resume();
      this.relievePressure();
    };
  }

  stop(): Promise<void> {
    this.stopping ??= this.end();
    return this.stopping;
  }

  private async end(): Promise<void> {
    this.ticker?.cancel();
    const closed = new Promise<void>((resolve) => this.listener.close(() => resolve()));
    // Replies that wait for the disk get their chance before the connections go.
    await this.snapshots?.settle();
    await this.journal?.close();
    this.service.dropConnections();
    await closed;
    await this.lock.release();
  }

  private accept(socket: Socket): void {
    if (this.stopping !== undefined || this.service.connectionCount >= MAX_CONNECTIONS) {
      socket.destroy();
      return;
    }
    const connection = new Connection(socket, this.service, this.clock);
    this.service.opened(connection);
    if (this.readingPaused) connection.pause();
  }

  private scheduleTick(): void {
    this.ticker = this.clock.timerAfter(this.options.tickMs, () => {
      if (!this.readingPaused) this.service.expireDue();
      this.scheduleTick();
    });
  }

  private relievePressure(): void {
    const waiting = Math.max(this.journal!.pendingBytes, this.outbox.heldBytes);
    if (!this.readingPaused && waiting > MAX_PENDING_BYTES) this.pauseReading(true);
    else if (this.readingPaused && waiting < MAX_PENDING_BYTES / 2) this.pauseReading(false);
  }

  /** Pings are not read meanwhile either: no session expires, and afterwards each has its full time-out. */
  private pauseReading(paused: boolean): void {
    this.log.warn({ paused }, 'the disk is slower than the clients');
    this.readingPaused = paused;
    if (!paused) this.service.touchAll();
    this.service.pauseReading(paused);
  }

  private onDurable(zxid: bigint): void {
    this.outbox.release(zxid);
    if (this.readingPaused) this.relievePressure();
    for (const waiter of [...this.waiters]) {
      if (waiter.zxid > zxid) continue;
      this.waiters.splice(this.waiters.indexOf(waiter), 1);
      waiter.resolve();
    }
    this.snapshots?.writeWhenDue(
      (awaited) => this.whenDurable(awaited),
      (written) => this.events.emit('snapshot:written', { zxid: written }),
    );
  }

  private whenDurable(zxid: bigint): Promise<void> {
    if (zxid <= this.outbox.durableZxid) return Promise.resolve();
    return new Promise((resolve, reject) => this.waiters.push({ zxid, resolve, reject }));
  }

  /** The memory is now ahead of the disk for good. Clients must not be served from it: all of it ends here. */
  private onFailure(error: unknown): void {
    this.log.error({ reason: messageOf(error) }, 'the journal cannot be written; embedded coordination stops');
    for (const waiter of this.waiters.splice(0)) waiter.reject(error);
    this.events.emit('failed', { error });
    void this.stop();
  }
}

/** Above every id of an earlier start as far as the disk tells, and, by the clock, above those of a lost directory. */
function firstSessionId(clock: Clock, highest: bigint): bigint {
  const byClock = BigInt(clock.now()) << 16n;
  return byClock > highest ? byClock : highest + 1n;
}
