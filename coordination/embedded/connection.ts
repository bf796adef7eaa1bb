import type { Socket } from 'node:net';
import type { Clock, Timer } from '../../base/index.js';
import { PacketSplitter } from '../jute/packets.js';
import type { Destination } from './outbox.js';
import type { Session } from './sessions/session-table.js';
import type { Identity } from './tree/acl.js';

/** A client that connected has this long to send its connect request, ms. */
const HANDSHAKE_MS = 10_000;
/** A client that does not read is cut off when this much waits for it: it would otherwise fill the memory. */
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
  private ended = false;

  constructor(socket: Socket, listener: ConnectionListener, clock: Clock) {
    this.socket = socket;
    this.listener = listener;
    this.handshakeTimer = clock.timerAfter(HANDSHAKE_MS, () => {
      if (this.session === undefined) this.destroy();
    });
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.receive(chunk));
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
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
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
    for (const packet of packets) {
      if (this.ended) return;
      this.listener.packet(this, packet);
    }
  }
}
