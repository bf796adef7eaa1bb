import { Emitter, type Logger } from '../../base/index.js';
import { ErrorNumber, OpCode, Xid } from '../jute/codes.js';
import { JuteError, JuteReader } from '../jute/reader.js';
import { readConnectRequest } from '../jute/records.js';
import { readAuth } from '../jute/requests.js';
import type { Connection, ConnectionListener } from './connection.js';
import { bindings, unsupported } from './messages/bindings.js';
import { connectPacket, eventPacket, replyPacket } from './messages/replies.js';
import type { Outbox } from './outbox.js';
import { shakeHands } from './sessions/handshake.js';
import type { StateMachine } from './state-machine.js';
import { digestIdentity } from './tree/acl.js';
import type { Notification } from './tree/watches.js';

export type ServerEvents = {
  'session:opened': { readonly session: bigint };
  'session:resumed': { readonly session: bigint };
  'session:expired': { readonly session: bigint };
  'session:closed': { readonly session: bigint };
  'snapshot:written': { readonly zxid: bigint };
  /** The disk refused: the server has stopped serving. */
  failed: { readonly error: unknown };
};

/** Connects clients with the state machine: what a packet means, and who gets which answer. */
export class ClientService implements ConnectionListener {
  readonly events = new Emitter<ServerEvents>();
  private readonly machine: StateMachine;
  private readonly outbox: Outbox;
  private readonly log: Logger;
  private readonly afterPacket: () => void;
  private readonly connections = new Set<Connection>();
  private readonly bySession = new Map<bigint, Connection>();

  constructor(machine: StateMachine, outbox: Outbox, log: Logger, afterPacket: () => void) {
    this.machine = machine;
    this.outbox = outbox;
    this.log = log;
    this.afterPacket = afterPacket;
  }

  get connectionCount(): number {
    return this.connections.size;
  }

  opened(connection: Connection): void {
    this.connections.add(connection);
  }

  closed(connection: Connection): void {
    this.connections.delete(connection);
    this.machine.watches.forget(connection);
    const id = connection.session?.id;
    if (id !== undefined && this.bySession.get(id) === connection) this.bySession.delete(id);
  }

  packet(connection: Connection, packet: Buffer): void {
    const reader = new JuteReader(packet);
    try {
      if (connection.session === undefined) this.connect(connection, reader);
      else this.request(connection, reader);
    } catch (error) {
      // What cannot be read at all is answered by closing the connection; anything else is a defect.
      if (!(error instanceof JuteError)) throw error;
      connection.destroy();
    }
    this.afterPacket();
  }

  /** Ends the session as if its time-out had passed. False when it does not live. */
  expire(id: bigint): boolean {
    if (this.machine.sessions.get(id) === undefined) return false;
    const { events, zxid } = this.machine.closeSession(id);
    this.publish(zxid, events);
    this.log.info({ session: id.toString(16) }, 'session expired');
    this.bySession.get(id)?.destroy();
    this.events.emit('session:expired', { session: id });
    return true;
  }

  /** Expires every session whose time has come. */
  expireDue(): void {
    for (const id of this.machine.sessions.expired(this.machine.time.now())) this.expire(id);
  }

  touchAll(): void {
    const now = this.machine.time.now();
    for (const { id } of this.machine.sessions.all()) this.machine.sessions.touch(id, now);
  }

  dropConnections(): void {
    for (const connection of [...this.connections]) connection.destroy();
  }

  pauseReading(paused: boolean): void {
    for (const connection of this.connections) paused ? connection.pause() : connection.resume();
  }

  private connect(connection: Connection, reader: JuteReader): void {
    const request = readConnectRequest(reader);
    const result = shakeHands(this.machine, request);
    const withReadOnly = request.readOnly !== undefined;
    switch (result.kind) {
      case 'refused':
        this.log.info({ remote: connection.remote, reason: result.reason }, 'refused a connection');
        connection.destroy();
        return;
      case 'gone':
        this.log.info({ session: request.sessionId.toString(16), reason: result.reason }, 'session is gone');
        this.outbox.put(this.machine.zxid, connection, connectPacket(undefined, withReadOnly), () => connection.end());
        return;
      case 'established': {
        const { session, resumed } = result;
        this.bySession.get(session.id)?.destroy();
        connection.session = session;
        this.bySession.set(session.id, connection);
        this.outbox.put(this.machine.zxid, connection, connectPacket(session, withReadOnly));
        this.events.emit(resumed ? 'session:resumed' : 'session:opened', { session: session.id });
      }
    }
  }

  private request(connection: Connection, reader: JuteReader): void {
    const xid = reader.int();
    const type = reader.int();
    if (type === OpCode.auth) {
      this.authenticate(connection, xid, reader);
      return;
    }
    const session = connection.session!;
    // A request of a session that has ended is dropped: its connection is being closed (submitRequestNow).
    if (!this.machine.sessions.touch(session.id, this.machine.time.now())) return;
    if (type === OpCode.ping) {
      // Not behind the replies that wait for the disk: a slow disk must not look like a dead server.
      connection.send([replyPacket({ xid: Xid.ping, zxid: this.outbox.durableZxid, error: 0 })]);
    } else if (type === OpCode.closeSession) this.closeSession(connection, xid);
    else this.operate(connection, xid, type, reader);
  }

  private operate(connection: Connection, xid: number, type: number, reader: JuteReader): void {
    const binding = bindings.get(type);
    if (binding === undefined) {
      this.refuseUnimplemented(connection, xid, type);
      return;
    }
    const caller = { session: connection.session!.id, identities: connection.identities, watcher: connection };
    const { outcome, writeBody } = binding(this.machine, caller, reader);
    this.publish(outcome.zxid, outcome.events);
    const { zxid, error } = outcome;
    this.outbox.put(zxid, connection, replyPacket({ xid, zxid, error }, writeBody));
  }

  private publish(zxid: bigint, events: readonly Notification[]): void {
    for (const event of events) this.outbox.put(zxid, event.watcher as Connection, eventPacket(event));
  }

  private closeSession(connection: Connection, xid: number): void {
    const { id } = connection.session!;
    const { zxid, events } = this.machine.closeSession(id);
    this.publish(zxid, events);
    this.outbox.put(zxid, connection, replyPacket({ xid, zxid, error: 0 }), () => connection.end());
    this.events.emit('session:closed', { session: id });
  }

  /** Answered at once, and it holds for every request that comes after it (ZooKeeperServer.processPacket). */
  private authenticate(connection: Connection, xid: number, reader: JuteReader): void {
    const { scheme, credential } = readAuth(reader);
    const known = scheme === 'digest';
    const error = known ? ErrorNumber.ok : ErrorNumber.authFailed;
    connection.send([replyPacket({ xid, zxid: 0n, error })]);
    if (!known) {
      connection.end();
      return;
    }
    const identity = digestIdentity(Buffer.from(credential ?? []).toString('utf8'));
    if (connection.identities.some(({ id }) => id === identity.id)) return;
    connection.identities = [...connection.identities, identity];
  }

  /** The connection stays open for an operation that ZooKeeper has and this server lacks; a number it does not know
   * either means a client that speaks something else, and is closed (UnimplementedRequestProcessor). */
  private refuseUnimplemented(connection: Connection, xid: number, type: number): void {
    const known = unsupported.has(type);
    this.log.warn({ opcode: type, session: connection.session!.id.toString(16) }, 'refused an unsupported operation');
    const header = { xid, zxid: known ? this.machine.zxid : -1n, error: ErrorNumber.unimplemented };
    this.outbox.put(this.machine.zxid, connection, replyPacket(header), known ? undefined : () => connection.end());
  }
}
