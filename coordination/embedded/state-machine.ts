import type { Clock } from '../../base/index.js';
import { ErrorNumber } from '../jute/codes.js';
import { JuteError } from '../jute/reader.js';
import type { MultiRequestItem } from '../jute/requests.js';
import type { MultiResponseItem } from '../jute/responses.js';
import { performMulti } from './operations/multi.js';
import type { Caller, ReadOperation, WriteOperation } from './operations/operation.js';
import type { ServerTime } from './sessions/server-time.js';
import type { Session, SessionTable } from './sessions/session-table.js';
import type { Applied, DataTree } from './tree/data-tree.js';
import { OperationError } from './tree/errors.js';
import type { Change, Transaction } from './tree/transaction.js';
import { type Notification, Watches } from './tree/watches.js';

/** What came of a request. The events happened before the reply: a client must see them first. */
export interface Outcome<R> {
  readonly zxid: bigint;
  /** ErrorNumber; when it is not 0 there is no body. */
  readonly error: number;
  readonly body: R | undefined;
  readonly events: readonly Notification[];
}

export interface StateMachineOptions {
  readonly tree: DataTree;
  readonly sessions: SessionTable;
  /** The last zxid given out so far. */
  readonly zxid: bigint;
  readonly clock: Clock;
  readonly time: ServerTime;
  /** Called with every transaction, in order, before the outcome is returned. */
  readonly commit: (transaction: Transaction) => void;
}

/**
 * Everything a ZooKeeper server decides, without sockets and disk: nodes, sessions, watches and the order of zxids. Runs
 * on one thread and never waits, so each call sees the effect of all calls before it. The state is ahead of the disk by
 * what `commit` has not written yet: nothing of an outcome may leave the process before its zxid is durable.
 */
export class StateMachine {
  readonly tree: DataTree;
  readonly sessions: SessionTable;
  readonly watches = new Watches();
  readonly time: ServerTime;
  private readonly clock: Clock;
  private readonly commit: (transaction: Transaction) => void;
  private lastZxid: bigint;

  constructor(options: StateMachineOptions) {
    this.tree = options.tree;
    this.sessions = options.sessions;
    this.clock = options.clock;
    this.time = options.time;
    this.commit = options.commit;
    this.lastZxid = options.zxid;
  }

  get zxid(): bigint {
    return this.lastZxid;
  }

  /** `decode` is part of the request: a write that cannot be decoded takes a zxid too, as in ZooKeeper. */
  write<Q, R>(caller: Caller, operation: WriteOperation<Q, R>, decode: () => Q): Outcome<R> {
    const at = this.nextTransaction();
    try {
      const { change, result } = operation.plan(this.tree, caller, decode());
      if (change === undefined) return this.conclude(at, [], result());
      const applied = this.tree.apply(change, at.zxid, at.time);
      return this.conclude(at, [applied], result());
    } catch (error) {
      return { ...this.conclude(at, [], undefined), error: errorNumberOf(error) };
    }
  }

  multi(caller: Caller, decode: () => readonly MultiRequestItem[]): Outcome<readonly MultiResponseItem[]> {
    const at = this.nextTransaction();
    try {
      const { applied, results } = performMulti(this.tree, caller, decode(), at.zxid, at.time);
      return this.conclude(at, applied, results);
    } catch (error) {
      return { ...this.conclude(at, [], undefined), error: errorNumberOf(error) };
    }
  }

  read<Q, R>(caller: Caller, operation: ReadOperation<Q, R>, decode: () => Q): Outcome<R> {
    const events: Notification[] = [];
    const notify = (event: Omit<Notification, 'watcher'>) => void events.push({ watcher: caller.watcher, ...event });
    try {
      const body = operation.answer({ tree: this.tree, watches: this.watches, caller, notify }, decode());
      return { zxid: this.lastZxid, error: ErrorNumber.ok, body, events };
    } catch (error) {
      return { zxid: this.lastZxid, error: errorNumberOf(error), body: undefined, events };
    }
  }

  openSession(timeoutMs: number): Session {
    const session: Session = { ...this.sessions.newIdentity(), timeoutMs };
    this.sessions.add(session, this.time.now());
    const { id, password } = session;
    this.commit({ ...this.nextTransaction(), changes: [{ kind: 'openSession', session: id, timeoutMs, password }] });
    return session;
  }

  /** The time-out of a resumed session may have changed; it is kept, so that a recovery gives the session all of it. */
  renegotiate(session: Session, timeoutMs: number): void {
    if (session.timeoutMs === timeoutMs) return;
    session.timeoutMs = timeoutMs;
    // Takes no zxid, because it takes none in ZooKeeper.
    const change: Change = { kind: 'sessionTimeout', session: session.id, timeoutMs };
    this.commit({ zxid: this.lastZxid, time: this.clock.now(), changes: [change] });
  }

  /** Ends a session at its client's wish or because it expired; its ephemeral nodes go in the same transaction. */
  closeSession(id: bigint): Outcome<undefined> {
    const at = this.nextTransaction();
    const applied = this.tree
      .ephemeralsOf(id)
      .map((path) => this.tree.apply({ kind: 'delete', path }, at.zxid, at.time));
    this.sessions.remove(id);
    return this.conclude(at, applied, undefined, [{ kind: 'closeSession', session: id }]);
  }

  private nextTransaction(): { zxid: bigint; time: number } {
    this.lastZxid += 1n;
    return { zxid: this.lastZxid, time: this.clock.now() };
  }

  private conclude<R>(
    at: { zxid: bigint; time: number },
    applied: readonly Applied[],
    body: R,
    further: readonly Change[] = [],
  ): Outcome<R> {
    this.commit({ ...at, changes: [...applied.map(({ change }) => change), ...further] });
    const events = applied.flatMap((one) => this.watches.trigger(one));
    return { zxid: at.zxid, error: ErrorNumber.ok, body, events };
  }
}

/** Anything but a refusal or an unreadable request is a defect and must not look like an answer. */
function errorNumberOf(error: unknown): number {
  if (error instanceof OperationError) return error.number;
  if (error instanceof JuteError) return ErrorNumber.marshallingError;
  throw error;
}
