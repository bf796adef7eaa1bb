// One TCP connection to one server, from dialling to its end; never used again. Modes:
//
//   dialling → greeting → open → gone         (any → gone)
//
// `lost` is called exactly once, when it is gone for whatever reason other than release(). Frames are handed on in the
// order of the wire, and a watch event is handed on only after the code that awaits earlier replies has run: ZooKeeper
// promises that a client sees the event before the new data, and callers rely on the reverse as well.
import { connect, type Socket } from 'node:net';
import type { Clock, Timer } from '../../base/index.js';
import { FrameReader } from './frame-reader.js';
import { fixedXid, opcode, REPLY_MAX_BYTES } from './protocol.js';
import { connectFrame, type Hello, readConnectReply } from './records.js';
import type { Server } from './server-list.js';

export interface ReplyHeader {
  readonly xid: number;
  readonly zxid: bigint;
  readonly error: number;
}

/** Where the payload begins in a reply. */
export const PAYLOAD_OFFSET = 16;

export interface ConnectionEvents {
  /** The server answered the first packet; a time-out of 0 says that the session has expired. Returns the ping and read
   * time-outs to go on with, or undefined when the connection was released. */
  greeted(reply: Omit<Hello, 'zxid'>, sentAt: number): { pingMs: number; readMs: number } | undefined;
  /** Right after `greeted`: frames can be sent. */
  opened(): void;
  /** A reply to anything but a ping. Throws when it makes no sense: the connection is then lost. */
  reply(header: ReplyHeader, frame: Buffer): void;
  notification(frame: Buffer): void;
  /** A ping that was sent at `sentAt` has been answered. */
  ponged(sentAt: number): void;
  lost(reason: string): void;
}

export interface ConnectionOptions {
  readonly server: Server;
  readonly hello: Hello;
  readonly connectMs: number;
  readonly clock: Clock;
  readonly events: ConnectionEvents;
}

/** Above this many bytes waiting in the socket, requests stay in the queue of the session. */
const SOCKET_BUFFER_MAX_BYTES = 1024 * 1024;
/** So much is sent without waiting for more of the same turn. */
const CORK_MAX_BYTES = 4 * 1024;

export class ServerConnection {
  private readonly options: ConnectionOptions;
  private readonly reader = new FrameReader(REPLY_MAX_BYTES);
  private mode: 'dialling' | 'greeting' | 'open' | 'gone' = 'dialling';
  private socket: Socket | undefined;
  private timer: Timer | undefined;
  private pingMs = 0;
  private readMs = 0;
  private greetedAt = 0;
  private lastSent = 0;
  private lastReply = 0;
  /** Frames sent and not answered yet; each gets exactly one reply. */
  private unanswered = 0;
  /** When `unanswered` left 0, or the last reply while it is above 0. */
  private waitingSince = 0;
  private pingSentAt: number | undefined;
  private repliesHandedOn = false;
  private paused = false;
  private corked = false;
  private corkedBytes = 0;
  private ended: string | undefined;

  constructor(options: ConnectionOptions) {
    this.options = options;
  }

  dial(): void {
    const { server, clock, connectMs } = this.options;
    this.timer = clock.timerAfter(connectMs, () =>
      this.judge(() => {
        if (this.mode !== 'open') this.drop(`no answer within ${connectMs} ms`);
      }),
    );
    const socket = connect({ host: server.host, port: server.port, noDelay: true });
    this.socket = socket;
    socket.on('connect', () => this.greet());
    socket.on('data', (chunk: Buffer) => this.onData(chunk));
    socket.on('end', () => this.onEnd('the server closed the connection'));
    socket.on('error', (error) => this.onEnd(error.message));
    socket.on('close', () => this.onEnd('the connection was closed'));
  }

  get open(): boolean {
    return this.mode === 'open';
  }

  /** False while the socket has more to write than it should hold; `onDrain` is then called once it has not. */
  get writable(): boolean {
    return this.mode === 'open' && this.socket!.writableLength < SOCKET_BUFFER_MAX_BYTES;
  }

  onDrain(listener: () => void): void {
    this.socket!.once('drain', listener);
  }

  /** Hands a frame that will be answered to the socket. Only while open. */
  send(frame: Buffer): void {
    const now = this.options.clock.monotonic();
    this.lastSent = now;
    if (this.unanswered === 0) this.waitingSince = now;
    this.unanswered += 1;
    this.write(frame);
  }

  /** Ends the connection and says so. */
  drop(reason: string): void {
    if (this.mode === 'gone') return;
    this.release();
    this.options.events.lost(reason);
  }

  /** Ends the connection silently. */
  release(): void {
    this.mode = 'gone';
    this.timer?.cancel();
    this.socket?.destroy();
  }

  /** Ends the connection silently after a last frame, whose answer nobody waits for. */
  farewell(frame: Buffer): void {
    this.mode = 'gone';
    this.timer?.cancel();
    this.socket?.end(frame, () => this.socket?.destroy());
  }

  private greet(): void {
    if (this.mode !== 'dialling') return;
    this.mode = 'greeting';
    this.greetedAt = this.options.clock.monotonic();
    this.write(connectFrame(this.options.hello));
  }

  /** Small writes of one turn of the event loop leave in one system call; what is already worth one leaves at once, so
   * that the server works while the rest is being made. */
  private write(frame: Buffer): void {
    const socket = this.socket!;
    if (!this.corked) {
      this.corked = true;
      socket.cork();
      process.nextTick(() => {
        this.corked = false;
        this.corkedBytes = 0;
        socket.uncork();
      });
    }
    socket.write(frame);
    this.corkedBytes += frame.length;
    if (this.corkedBytes < CORK_MAX_BYTES) return;
    this.corkedBytes = 0;
    socket.uncork();
    socket.cork();
  }

  private onData(chunk: Buffer): void {
    if (this.mode === 'gone') return;
    this.reader.push(chunk);
    if (!this.paused) this.handOn();
  }

  private onEnd(reason: string): void {
    // The last replies may still wait for their turn; they happened before the end.
    if (this.paused) this.ended ??= reason;
    else this.drop(reason);
  }

  private handOn(): void {
    try {
      for (;;) {
        if (this.mode === 'gone') return;
        const frame = this.reader.next();
        if (frame === undefined) break;
        if (!this.take(frame)) return;
      }
    } catch (error) {
      this.drop(`the server sent something that cannot be read: ${error instanceof Error ? error.message : error}`);
    }
    this.repliesHandedOn = false;
    if (this.ended !== undefined) this.drop(this.ended);
  }

  /** Returns false when the frame must wait until code that awaits earlier replies has run. */
  private take(frame: Buffer): boolean {
    if (this.mode === 'greeting') {
      this.onGreeting(frame);
      return true;
    }
    const header = { xid: frame.readInt32BE(0), zxid: frame.readBigInt64BE(4), error: frame.readInt32BE(12) };
    if (header.xid === fixedXid.notification) {
      if (this.repliesHandedOn) {
        this.pause(frame);
        return false;
      }
      this.options.events.notification(frame);
      return true;
    }
    this.answered();
    if (header.xid === fixedXid.ping) {
      const sentAt = this.pingSentAt;
      this.pingSentAt = undefined;
      if (sentAt !== undefined) this.options.events.ponged(sentAt);
    } else {
      this.repliesHandedOn = true;
      this.options.events.reply(header, frame);
    }
    return true;
  }

  private pause(notification: Buffer): void {
    this.paused = true;
    setImmediate(() => {
      this.paused = false;
      this.repliesHandedOn = false;
      if (this.mode === 'gone') return;
      try {
        this.options.events.notification(notification);
      } catch (error) {
        this.drop(`the server sent an event that cannot be read: ${error instanceof Error ? error.message : error}`);
      }
      this.handOn();
    });
  }

  private onGreeting(frame: Buffer): void {
    const timings = this.options.events.greeted(readConnectReply(frame), this.greetedAt);
    if (timings === undefined || this.isGone()) return;
    this.mode = 'open';
    this.timer?.cancel();
    this.pingMs = timings.pingMs;
    this.readMs = timings.readMs;
    this.lastReply = this.options.clock.monotonic();
    this.lastSent = this.lastReply;
    this.arm();
    this.options.events.opened();
  }

  private isGone(): boolean {
    return this.mode === 'gone';
  }

  private answered(): void {
    this.lastReply = this.options.clock.monotonic();
    this.waitingSince = this.lastReply;
    if (this.unanswered > 0) this.unanswered -= 1;
  }

  /** Pings depend on what was sent, not on what was received (N12): only what we send keeps the session alive. */
  private arm(): void {
    const now = this.options.clock.monotonic();
    const due = this.unanswered > 0 ? Math.min(this.deadAt(), this.pingAt()) : this.pingAt();
    this.timer = this.options.clock.timerAfter(Math.max(1, due - now), () => this.judge(() => this.look()));
  }

  private pingAt(): number {
    return this.pingSentAt === undefined ? this.lastSent + this.pingMs : Number.POSITIVE_INFINITY;
  }

  /** Two thirds of T after the last reply, but never less than the last third after something was sent: a process that
   * was stopped, or whose loop was blocked, must not blame the server for a question it did not ask. */
  private deadAt(): number {
    return Math.max(this.lastReply + this.readMs, this.waitingSince + this.readMs - this.pingMs);
  }

  private look(): void {
    const now = this.options.clock.monotonic();
    if (this.unanswered > 0 && now >= this.deadAt()) {
      this.drop(`the server answered nothing for ${Math.round(now - this.lastReply)} ms`);
      return;
    }
    if (now >= this.pingAt()) {
      this.pingSentAt = now;
      this.send(pingFrame);
    }
    this.arm();
  }

  /** Timers run before sockets are read: replies that arrived while the loop was blocked are read first. */
  private judge(verdict: () => void): void {
    setImmediate(() => {
      if (this.mode !== 'gone') verdict();
    });
  }
}

const pingFrame = Buffer.alloc(12);
pingFrame.writeInt32BE(8, 0);
pingFrame.writeInt32BE(fixedXid.ping, 4);
pingFrame.writeInt32BE(opcode.ping, 8);
