import type { Socket } from 'node:net';
import type { Clock, Timer } from '../../base/index.js';
import { PacketSplitter } from '../jute/packets.js';
import type { Destination } from './outbox.js';
import type { Session } from './sessions/session-table.js';
import type { Identity } from './tree/acl.js';

/** A client that connected has this long to send its connect request, ms. */
const HANDSHAKE_MS = 10_000;
/** While this much of its answers waits for a client to read it, its requests are not looked at. */
const CONGESTED_BYTES = 8 << 20;
/** A client that does not read its events either is cut off when this much waits for it: it would otherwise fill the memory. */
const MAX_UNSENT_BYTES = 64 << 20;

export interface ConnectionListener {
  /** `connection.session` is undefined until the handshake is done. */
  packet(connection: Connection, packet: Buffer): void;
  closed(connection: Connection): void;
}

/** One client's socket, cut into packets. Knows nothing of their meaning. */
export class Connection implements Destination {
  session: Session | undefined;
  identities: readonly Identity[] = [];
  private readonly socket: Socket;
  private readonly listener: ConnectionListener;
  private readonly splitter = new PacketSplitter();
  private readonly handshakeTimer: Timer;
  /** Packets that came while the connection was paused: those of one chunk at most. */
  private inbox: Buffer[] = [];
  private paused = false;
  private ended = false;

  constructor(socket: Socket, listener: ConnectionListener, clock: Clock) {
    this.socket = socket;
    this.listener = listener;
    this.handshakeTimer = clock.timerAfter(HANDSHAKE_MS, () => {
      if (this.session === undefined) this.destroy();
    });
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.receive(chunk));
    socket.on('drain', () => this.work());
    socket.on('error', () => undefined); // 'close' follows and says the same
    socket.on('close', () => {
      this.ended = true;
      this.handshakeTimer.cancel();
      listener.closed(this);
    });
  }

  get remote(): string {
    return `${this.socket.remoteAddress}:${this.socket.remotePort}`;
  }

  send(packets: readonly Buffer[]): void {
    if (this.ended) return;
    this.socket.write(packets.length === 1 ? packets[0]! : Buffer.concat(packets));
    if (this.socket.writableLength > MAX_UNSENT_BYTES) this.destroy();
  }

  pause(): void {
    this.paused = true;
    this.socket.pause();
  }

  resume(): void {
    this.paused = false;
    this.work();
  }

  /** Closes after what was sent has left. */
  end(): void {
    if (this.ended) return;
    this.ended = true;
    this.socket.end();
  }

  destroy(): void {
    this.ended = true;
    this.socket.destroy();
  }

  private receive(chunk: Buffer): void {
    if (this.ended) return;
    let packets: Buffer[];
    try {
      packets = this.splitter.push(chunk);
    } catch {
      // The length of a packet is negative or too large. ZooKeeper closes the connection without an answer.
      this.destroy();
      return;
    }
    this.inbox = this.inbox.length === 0 ? packets : [...this.inbox, ...packets];
    this.work();
  }

  private get mayWork(): boolean {
    return !this.ended && !this.paused && this.socket.writableLength < CONGESTED_BYTES;
  }

  /** Hands on what has come, and reads more only when all of it was taken. */
  private work(): void {
    let taken = 0;
    while (taken < this.inbox.length && this.mayWork) this.listener.packet(this, this.inbox[taken++]!);
    this.inbox = this.inbox.slice(taken);
    if (this.inbox.length === 0 && this.mayWork) this.socket.resume();
    else if (!this.ended) this.socket.pause();
  }
}
