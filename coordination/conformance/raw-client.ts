import { connect, type Socket } from 'node:net';
import { OpCode, Xid } from '../jute/codes.js';
import { PacketSplitter } from '../jute/packets.js';
import { JuteReader } from '../jute/reader.js';
import {
  type ConnectResponse,
  readConnectResponse,
  readReplyHeader,
  readWatcherEvent,
  writeConnectRequest,
} from '../jute/records.js';
import { writeAuth } from '../jute/requests.js';
import { JuteWriter } from '../jute/writer.js';
import type { RequestShape } from './shapes.js';

export interface Event {
  readonly type: number;
  readonly path: string;
}

export interface Reply<R = unknown> {
  readonly zxid: bigint;
  readonly error: number;
  readonly body: R | undefined;
  /** Events that came before this reply and after the one before it. */
  readonly events: readonly Event[];
}

export interface ConnectOptions {
  readonly timeoutMs?: number;
  readonly sessionId?: bigint;
  readonly password?: Buffer;
  readonly lastZxidSeen?: bigint;
  /** Leave the field out, as clients before 3.4 do. */
  readonly withoutReadOnly?: boolean;
}

const MAX_RESPONSE_BYTES = 64 << 20;
const NO_PASSWORD = Buffer.alloc(16);

interface Pending {
  readonly xid: number;
  resolve(reply: Reply): void;
  reject(error: Error): void;
  readonly read: (reader: JuteReader) => unknown;
}

/**
 * A client that hides nothing: each reply with its header, each event in its place. It has no timers, pings only when
 * told to, and never reconnects.
 */
export class RawClient {
  readonly response: ConnectResponse;
  /** Resolves when the server closed the connection or it broke. */
  readonly closed: Promise<void>;
  private readonly socket: Socket;
  private readonly pending: Pending[] = [];
  private readonly eventWaiters: (() => void)[] = [];
  private events: Event[] = [];
  private nextXid = 1;
  /** When set, packets leave in pieces of this length. */
  pieceBytes: number | undefined;
  private ended = false;

  private constructor(socket: Socket, splitter: PacketSplitter, response: ConnectResponse) {
    this.socket = socket;
    this.response = response;
    this.closed = new Promise((resolve) => {
      socket.on('close', () => {
        this.ended = true;
        for (const { reject } of this.pending.splice(0)) reject(new Error('connection closed'));
        resolve();
      });
    });
    socket.on('data', (chunk: Buffer) => {
      for (const packet of splitter.push(chunk)) this.receive(new JuteReader(packet));
    });
  }

  /** Resolves with undefined when the server closed the connection without an answer. */
  static connect(port: number, options: ConnectOptions = {}): Promise<RawClient | undefined> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    const splitter = new PacketSplitter(MAX_RESPONSE_BYTES);
    const writer = new JuteWriter();
    writeConnectRequest(writer, {
      protocolVersion: 0,
      lastZxidSeen: options.lastZxidSeen ?? 0n,
      timeoutMs: options.timeoutMs ?? 10_000,
      sessionId: options.sessionId ?? 0n,
      password: options.password ?? NO_PASSWORD,
      readOnly: options.withoutReadOnly ? undefined : false,
    });
    socket.write(writer.packet());
    return new Promise((resolve) => {
      const onData = (chunk: Buffer) => {
        const [packet] = splitter.push(chunk);
        if (packet === undefined) return;
        socket.off('data', onData);
        socket.off('close', onClose);
        resolve(new RawClient(socket, splitter, readConnectResponse(new JuteReader(packet))));
      };
      const onClose = () => resolve(undefined);
      socket.on('data', onData);
      socket.on('error', () => undefined); // 'close' follows
      socket.on('close', onClose);
    });
  }

  get sessionId(): bigint {
    return this.response.sessionId;
  }

  request<R>(shape: RequestShape<R>): Promise<Reply<R>> {
    const xid = this.nextXid++;
    return this.send(xid, shape.type, shape.write, shape.read) as Promise<Reply<R>>;
  }

  ping(): Promise<Reply> {
    return this.send(Xid.ping, OpCode.ping, () => undefined, noBody);
  }

  auth(scheme: string, credential: string): Promise<Reply> {
    const write = (writer: JuteWriter) => writeAuth(writer, { type: 0, scheme, credential: Buffer.from(credential) });
    return this.send(Xid.auth, OpCode.auth, write, noBody);
  }

  closeSession(): Promise<Reply> {
    return this.send(this.nextXid++, OpCode.closeSession, () => undefined, noBody);
  }

  /** Events that came since the last reply, waiting until there are `count`. */
  async takeEvents(count: number): Promise<Event[]> {
    while (this.events.length < count) await new Promise<void>((resolve) => this.eventWaiters.push(resolve));
    return this.events.splice(0);
  }

  sendBytes(bytes: Buffer): void {
    this.socket.write(bytes);
  }

  /** Drops the connection; the session lives on at the server. */
  async drop(): Promise<void> {
    this.socket.destroy();
    await this.closed;
  }

  get isClosed(): boolean {
    return this.ended;
  }

  private send(
    xid: number,
    type: number,
    write: (writer: JuteWriter) => void,
    read: (reader: JuteReader) => unknown,
  ): Promise<Reply> {
    if (this.ended) return Promise.reject(new Error('connection closed'));
    const writer = new JuteWriter().int(xid).int(type);
    write(writer);
    return new Promise((resolve, reject) => {
      this.pending.push({ xid, resolve, reject, read });
      this.writeInPieces(writer.packet());
    });
  }

  private writeInPieces(packet: Buffer): void {
    const step = this.pieceBytes ?? packet.length;
    for (let at = 0; at < packet.length; at += step) this.socket.write(packet.subarray(at, at + step));
  }

  private receive(reader: JuteReader): void {
    const { xid, zxid, error } = readReplyHeader(reader);
    if (xid === Xid.notification) {
      const { type, path } = readWatcherEvent(reader);
      this.events.push({ type, path });
      for (const wake of this.eventWaiters.splice(0)) wake();
      return;
    }
    // Pings and authentication may be answered out of turn; everything else comes in the order of the requests.
    const outOfTurn = xid === Xid.ping || xid === Xid.auth;
    const index = outOfTurn ? this.pending.findIndex((entry) => entry.xid === xid) : 0;
    const [entry] = this.pending.splice(index, 1);
    if (entry?.xid !== xid) throw new Error(`reply ${xid} where ${entry?.xid} was due`);
    const body = error === 0 && reader.remaining > 0 ? entry.read(reader) : undefined;
    entry.resolve({ zxid, error, body, events: this.events.splice(0) });
  }
}

const noBody = () => undefined;
