// One ZooKeeper session over many connections. Modes are those of SessionState:
//
//   connecting → connected ⇄ disconnected      connecting, connected, disconnected → expired | closed (final)
//
// Only the server's word makes a session expired; a lost connection only makes it disconnected. At most one connection
// exists at a time, each is a new object, and what is sent first on it (credentials, watches) is made when it opens:
// nothing of it can be left over from a connection that failed before (N5).
import { Backoff, type Clock, type Logger, type Timer } from '../../base/index.js';
import { CoordinationError, type SessionIdentity, type SessionState } from '../coordinator.js';
import type { CoordinationObserver } from '../observer.js';
import { callOut } from './call-out.js';
import { PAYLOAD_OFFSET, type ReplyHeader, ServerConnection } from './connection.js';
import { packet } from './packet.js';
import { fixedXid, opcode, watchEventTypes } from './protocol.js';
import { authRequest, type Hello, readWatchEvent, setWatchesRequest } from './records.js';
import { type Request, RequestBook } from './request-book.js';
import { parseConnectString, ServerRotation } from './server-list.js';
import { type Timings, timingsOf } from './timings.js';
import { WatchTable } from './watch-table.js';

export interface Credential {
  readonly scheme: string;
  readonly credential: Uint8Array;
}

export interface ZooKeeperSessionOptions {
  readonly connectString: string;
  readonly sessionTimeoutMs: number;
  readonly resume?: SessionIdentity;
  readonly auth?: readonly Credential[];
  readonly clock: Clock;
  readonly log: Logger;
  readonly observer?: CoordinationObserver;
  /** Returns a number in [0, 1). */
  readonly random?: () => number;
  /** First request number; tests begin near the end. */
  readonly firstXid?: number;
}

const REDIAL_FIRST_MS = 100;
/** A server refuses a client that has seen more than it knows, without a word. When every server has done so for as many
 * session time-outs, none of them lags behind: they were restored from a backup, and the client must hear that its session
 * is gone. Whoever relies on what he saw before finds out by versions (rule R13). */
const ZXID_KEPT_TIMEOUTS = 2;

interface AuthAttempt extends Credential {
  readonly settle: ((error?: CoordinationError) => void) | undefined;
}

export class ZooKeeperSession {
  readonly chroot: string;
  readonly watches = new WatchTable();
  state: SessionState = 'connecting';
  sessionTimeoutMs = 0;
  lastAcknowledged = Number.NEGATIVE_INFINITY;
  lastAcknowledgedWrite = Number.NEGATIVE_INFINITY;
  private readonly options: ZooKeeperSessionOptions;
  private readonly rotation: ServerRotation;
  private readonly backoff: Backoff;
  private readonly book: RequestBook;
  private readonly listeners = new Set<(state: SessionState) => void>();
  private timings: Timings;
  private identity: { id: bigint; password: Buffer; zxid: bigint };
  private credentials: AuthAttempt[];
  private authInFlight: AuthAttempt[] = [];
  private connection: ServerConnection | undefined;
  private redial: Timer | undefined;
  private closing: Promise<void> | undefined;
  private failures = 0;
  private startedAt = 0;
  private drainAwaited = false;

  constructor(options: ZooKeeperSessionOptions) {
    const { servers, chroot } = parseConnectString(options.connectString);
    const random = options.random ?? Math.random;
    this.options = options;
    this.chroot = chroot;
    this.rotation = new ServerRotation(servers, random);
    this.timings = timingsOf(options.sessionTimeoutMs, servers.length);
    this.backoff = new Backoff({ initialMs: REDIAL_FIRST_MS, maxMs: this.timings.redialMaxMs, random });
    this.book = new RequestBook(options.clock, this.timings.requestMs, options.firstXid);
    this.credentials = (options.auth ?? []).map((entry) => ({ ...entry, settle: undefined }));
    this.identity = {
      id: options.resume?.id ?? 0n,
      password: Buffer.from(options.resume?.password ?? Buffer.alloc(16)),
      zxid: options.resume?.zxid ?? 0n,
    };
  }

  start(): void {
    this.startedAt = this.options.clock.monotonic();
    this.dial();
  }

  /** The session as the server knows it, or as it was handed in to be resumed; undefined when there is none yet. */
  get session(): SessionIdentity | undefined {
    return this.identity.id === 0n ? undefined : { ...this.identity };
  }

  get ended(): boolean {
    return this.state === 'expired' || this.state === 'closed';
  }

  /** Why nothing more is taken, if so. */
  private get over(): 'expired' | 'closed' | undefined {
    if (this.state === 'expired') return 'expired';
    return this.state === 'closed' || this.closing !== undefined ? 'closed' : undefined;
  }

  onState(listener: (state: SessionState) => void): () => void {
    const entry = (state: SessionState) => listener(state);
    this.listeners.add(entry);
    return () => void this.listeners.delete(entry);
  }

  submit(request: Request): void {
    const over = this.over;
    if (over !== undefined) {
      request.failed(over, over);
      return;
    }
    this.book.add(request);
    this.flush();
  }

  addAuth(scheme: string, credential: Uint8Array, settle: (error?: CoordinationError) => void): void {
    const over = this.over;
    if (over !== undefined) {
      settle(new CoordinationError(over, 'addAuth'));
      return;
    }
    const attempt = { scheme, credential: Buffer.from(credential), settle };
    this.credentials.push(attempt);
    if (this.connection?.open) this.sendAuth(attempt);
  }

  /** Ends the session on the server. Without a connection nobody can be told: the server will find out by itself. */
  close(): Promise<void> {
    if (this.closing !== undefined) return this.closing;
    if (this.ended) return Promise.resolve();
    this.book.failUnsent('closed', 'closed before it was sent');
    this.closing = new Promise((resolve) => {
      const finish = () => {
        timer.cancel();
        this.end('closed', 'closed');
        resolve();
      };
      const timer = this.options.clock.timerAfter(this.timings.closeMs, finish);
      if (this.connection?.open !== true) return finish();
      this.book.add({
        frame: packet(0, opcode.closeSession),
        write: true,
        answered: finish,
        failed: finish,
      });
      this.flush();
    });
    return this.closing;
  }

  /** Drops the connection; the session lives on at the server until its time-out. */
  detach(): void {
    if (!this.ended) this.end('closed', 'detached');
  }

  private dial(): void {
    this.redial = undefined;
    const silentMs = this.options.clock.monotonic() - Math.max(this.lastAcknowledged, this.startedAt);
    const keptMs = ZXID_KEPT_TIMEOUTS * Math.max(this.sessionTimeoutMs, this.options.sessionTimeoutMs);
    if (silentMs > keptMs && this.identity.zxid > 0n) {
      this.options.log.warn({ silentMs: Math.round(silentMs) }, 'asking ZooKeeper as if nothing had been seen before');
      this.identity.zxid = 0n;
    }
    const server = this.rotation.next();
    const connection = new ServerConnection({
      server,
      hello: { ...this.identity, sessionId: this.identity.id, timeoutMs: this.options.sessionTimeoutMs },
      connectMs: this.timings.connectMs,
      clock: this.options.clock,
      events: {
        greeted: (reply, sentAt) => this.onGreeted(connection, reply, sentAt),
        opened: () => this.onOpened(connection),
        reply: (header, frame) => this.onReply(connection, header, frame),
        notification: (frame) => this.onNotification(frame),
        ponged: (sentAt) => {
          this.acknowledge(sentAt, false);
          this.backoff.reset();
        },
        lost: (reason) => this.onLost(reason, `${server.host}:${server.port}`),
      },
    });
    this.connection = connection;
    connection.dial();
  }

  private onGreeted(connection: ServerConnection, reply: Omit<Hello, 'zxid'>, sentAt: number) {
    const wanted = this.identity.id;
    if (reply.timeoutMs <= 0) {
      connection.release();
      this.end('expired', 'the server says that the session has expired');
      return undefined;
    }
    if (wanted !== 0n && reply.sessionId !== wanted) {
      // A server that opens a new session instead of saying that ours is gone: our ephemeral nodes are lost (N9).
      this.options.log.error({ wanted, got: reply.sessionId }, 'server answered with another session');
      connection.farewell(packet(1, opcode.closeSession));
      this.end('expired', 'the server answered with another session');
      return undefined;
    }
    if (reply.timeoutMs !== this.options.sessionTimeoutMs && reply.timeoutMs !== this.sessionTimeoutMs) {
      const fields = { wantedMs: this.options.sessionTimeoutMs, grantedMs: reply.timeoutMs };
      this.options.log.warn(fields, 'server granted another session time-out than wanted');
    }
    this.identity = { id: reply.sessionId, password: reply.password, zxid: this.identity.zxid };
    this.sessionTimeoutMs = reply.timeoutMs;
    this.timings = timingsOf(reply.timeoutMs, this.rotation.size);
    this.failures = 0;
    this.acknowledge(sentAt, false);
    return this.timings;
  }

  /** The order matters: a read before the credentials is refused, a read before the watches could miss an event. */
  private onOpened(connection: ServerConnection): void {
    for (const attempt of [...this.credentials]) this.sendAuth(attempt);
    for (const paths of this.watches.parts()) {
      connection.send(packet(fixedXid.setWatches, opcode.setWatches, setWatchesRequest(this.identity.zxid, paths)));
    }
    this.become('connected');
    this.flush();
  }

  private sendAuth(attempt: AuthAttempt): void {
    this.authInFlight.push(attempt);
    const payload = authRequest(attempt.scheme, Buffer.from(attempt.credential));
    this.connection?.send(packet(fixedXid.auth, opcode.auth, payload));
  }

  private flush(): void {
    const connection = this.connection;
    if (connection?.open !== true) return;
    while (this.book.hasUnsent) {
      if (!connection.writable) {
        this.flushOnDrain(connection);
        return;
      }
      const frame = this.book.takeForSending();
      if (frame !== undefined) connection.send(frame);
    }
  }

  private flushOnDrain(connection: ServerConnection): void {
    if (this.drainAwaited) return;
    this.drainAwaited = true;
    connection.onDrain(() => {
      this.drainAwaited = false;
      this.flush();
    });
  }

  private onReply(connection: ServerConnection, header: ReplyHeader, frame: Buffer): void {
    if (header.xid === fixedXid.auth) {
      this.onAuthReply(header.error);
      return;
    }
    if (header.xid === fixedXid.setWatches) {
      if (header.error !== 0) connection.drop(`the server refused the watches with error ${header.error}`);
      return;
    }
    if (header.zxid > 0n) this.identity.zxid = header.zxid;
    const { sentAt, write } = this.book.answer(header.xid, header.error, frame);
    this.acknowledge(sentAt, write && header.error === 0);
    this.options.observer?.answered(write, this.options.clock.monotonic() - sentAt);
    // The server does its work: the next failure starts with a short wait again. A greeting alone, or an answer to
    // credentials and watches, may come before a failure that repeats itself.
    this.backoff.reset();
  }

  private onAuthReply(error: number): void {
    const attempt = this.authInFlight.shift();
    if (attempt === undefined) throw new Error('a reply to credentials that were not sent');
    const { settle } = attempt;
    const at = this.credentials.indexOf(attempt);
    if (error === 0) {
      if (at >= 0) this.credentials[at] = { ...attempt, settle: undefined };
      settle?.();
      return;
    }
    // The server now closes the connection. Sent again, the credential would end each following one as well.
    this.credentials.splice(at, at < 0 ? 0 : 1);
    this.options.log.error({ scheme: attempt.scheme, serverCode: error }, 'server refused a credential');
    settle?.(new CoordinationError('noAuth', 'addAuth', undefined, { serverCode: error }));
  }

  private onNotification(frame: Buffer): void {
    const event = readWatchEvent(frame, PAYLOAD_OFFSET);
    const type = watchEventTypes.get(event.type);
    if (type === undefined) return; // events of the session itself: the connection tells the same
    const path = this.chroot === '' ? event.path : event.path.slice(this.chroot.length) || '/';
    this.watches.fire(event.path, { type, path });
  }

  private acknowledge(sentAt: number, write: boolean): void {
    this.lastAcknowledged = Math.max(this.lastAcknowledged, sentAt);
    if (write) this.lastAcknowledgedWrite = Math.max(this.lastAcknowledgedWrite, sentAt);
  }

  private onLost(reason: string, server: string): void {
    this.connection = undefined;
    this.drainAwaited = false;
    this.authInFlight = [];
    this.failures += 1;
    const wait = this.backoff.next();
    const fields = { server, reason, failures: this.failures, redialMs: Math.round(wait) };
    // Not each failed dial of a long absence is worth a line.
    if (this.state === 'connected' || Number.isInteger(Math.log2(this.failures)))
      this.options.log.warn(fields, 'no connection to ZooKeeper');
    this.book.failSent('unknown', reason);
    if (this.closing !== undefined) {
      this.end('closed', 'closed');
      return;
    }
    this.redial = this.options.clock.timerAfter(wait, () => this.dial());
    if (this.state === 'connected') this.become('disconnected');
  }

  private end(state: 'expired' | 'closed', reason: string): void {
    if (this.ended) return;
    this.redial?.cancel();
    this.connection?.release();
    this.connection = undefined;
    this.state = state;
    this.book.failSent(state === 'expired' ? 'expired' : 'unknown', reason);
    this.book.failUnsent(state, reason);
    this.book.close();
    for (const { settle } of this.credentials) settle?.(new CoordinationError(state, 'addAuth'));
    this.credentials = [];
    this.watches.clear();
    this.tell(state);
  }

  private become(state: SessionState): void {
    if (this.state === state || this.ended) return;
    this.state = state;
    this.tell(state);
  }

  private tell(state: SessionState): void {
    for (const listener of [...this.listeners]) callOut(() => listener(state));
  }
}
