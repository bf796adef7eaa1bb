// The requests of one session that have no outcome yet: those not sent (they survive a change of connection) and those
// sent (they do not: whether the server did them is unknown once the connection is gone). Both are in order of issue.
import type { Clock, Timer } from '../../base/index.js';
import type { CoordinationErrorKind } from '../coordinator.js';
import { Fifo } from './fifo.js';
import { LAST_XID } from './protocol.js';

export interface Request {
  /** The whole packet, length and header included; the request number is written into it on sending. */
  readonly frame: Buffer;
  /** True when it changes something on the server. */
  readonly write: boolean;
  /** Called with the server's answer. Throws when the answer cannot be read. */
  answered(error: number, frame: Buffer): void;
  /** Called when there will be no answer; exclusive with `answered`. */
  failed(kind: CoordinationErrorKind, reason: string): void;
}

interface Entry {
  readonly request: Request;
  readonly deadline: number;
  xid: number;
  sentAt: number;
  /** Given up; its reply may still come and must be matched. */
  done: boolean;
}

/** A server that is away or slow lets requests pile up for a session time-out. Beyond these, requests are refused at
 * once: whoever asks more than that in a few seconds has lost count, and memory is worth more than his request. */
export const REQUESTS_MAX = 100_000;
export const REQUESTS_MAX_BYTES = 128 * 1024 * 1024;

export class RequestBook {
  private readonly unsent = new Fifo<Entry>();
  private readonly sent = new Fifo<Entry>();
  private readonly clock: Clock;
  private readonly limitMs: number;
  private timer: Timer | undefined;
  private xid: number;
  private bytes = 0;

  constructor(clock: Clock, limitMs: number, firstXid = 1) {
    this.clock = clock;
    this.limitMs = limitMs;
    this.xid = firstXid;
  }

  get size(): number {
    return this.unsent.length + this.sent.length;
  }

  get hasUnsent(): boolean {
    return this.unsent.length > 0;
  }

  add(request: Request): void {
    const bytes = this.bytes + request.frame.length;
    if (this.size >= REQUESTS_MAX || bytes > REQUESTS_MAX_BYTES) {
      request.failed('unknown', 'too many requests without an answer');
      return;
    }
    this.bytes = bytes;
    const deadline = this.clock.monotonic() + this.limitMs;
    this.unsent.push({ request, deadline, xid: 0, sentAt: 0, done: false });
    if (this.timer === undefined) this.arm(deadline);
  }

  /** The packet to send next; it counts as sent from now on. */
  takeForSending(): Buffer | undefined {
    const entry = this.unsent.shift();
    if (entry === undefined) return undefined;
    entry.xid = this.xid;
    entry.sentAt = this.clock.monotonic();
    entry.request.frame.writeInt32BE(entry.xid, 4);
    this.xid = this.xid >= LAST_XID ? 1 : this.xid + 1;
    this.sent.push(entry);
    return entry.request.frame;
  }

  /** Matches a reply; the server answers in order. Returns when the request was sent, and whether it was a write. Throws
   * when the reply is nobody's. */
  answer(xid: number, error: number, frame: Buffer): { sentAt: number; write: boolean } {
    // One that is nobody's takes nothing out: the connection ends, and each request fails with it.
    const entry = this.sent.peek();
    if (entry === undefined || entry.xid !== xid) throw new Error(`a reply to request ${xid}, which was not due`);
    this.sent.shift();
    this.bytes -= entry.request.frame.length;
    if (!entry.done) {
      try {
        entry.request.answered(error, frame);
      } catch (cause) {
        entry.request.failed('unknown', 'the reply cannot be read');
        throw cause;
      }
    }
    return { sentAt: entry.sentAt, write: entry.request.write };
  }

  failSent(kind: CoordinationErrorKind, reason: string): void {
    for (const entry of this.sent.drain()) {
      this.bytes -= entry.request.frame.length;
      if (!entry.done) entry.request.failed(kind, reason);
    }
  }

  failUnsent(kind: CoordinationErrorKind, reason: string): void {
    for (const entry of this.unsent.drain()) {
      this.bytes -= entry.request.frame.length;
      entry.request.failed(kind, reason);
    }
  }

  /** Ends the timer. Only after both lists were emptied. */
  close(): void {
    this.timer?.cancel();
    this.timer = undefined;
  }

  private arm(deadline: number): void {
    const delay = Math.max(1, deadline - this.clock.monotonic());
    // Replies that arrived while the loop was blocked are read first.
    this.timer = this.clock.timerAfter(delay, () => setImmediate(() => this.giveUpOverdue()));
  }

  private giveUpOverdue(): void {
    if (this.timer === undefined) return;
    this.timer = undefined;
    const now = this.clock.monotonic();
    let next: number | undefined;
    for (const entry of this.sent) {
      if (entry.done) continue;
      if (entry.deadline > now) {
        next = entry.deadline;
        break;
      }
      entry.done = true;
      entry.request.failed('unknown', 'no reply in time');
    }
    for (let entry = this.unsent.peek(); entry !== undefined; entry = this.unsent.peek()) {
      if (entry.deadline > now) {
        next = Math.min(next ?? entry.deadline, entry.deadline);
        break;
      }
      this.unsent.shift();
      this.bytes -= entry.request.frame.length;
      entry.request.failed('unknown', 'no server could be reached in time');
    }
    if (next !== undefined) this.arm(next);
  }
}
