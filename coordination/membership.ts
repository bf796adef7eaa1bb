// An agent's membership: its registration (ephemeral) and its heartbeat.
//
// The registration is ours only while the *present* session owns the node. One that another session owns is never
// trusted, because it goes away with that session: it is replaced at once when an earlier process of this very agent made
// it (the data directory's lock proves that process dead), else its end is awaited.
//
//   absent ── established ──▶ registering ── created, or ours already ──▶ registered ── lost, node gone ──▶ absent
//                                │ owned by another                            │ leave
//                                └──▶ blocked ── it is gone ──▶ registering    └──▶ absent
import { type Clock, Emitter, type Logger, messageOf, type Service, type Timer } from '../base/index.js';
import { type Coordinator, isCoordinationError } from './coordinator.js';
import type { Layout } from './layout.js';
import { ReadLoop } from './read-loop.js';
import { decodeRegistration, encodeRegistration, type Registration } from './registration.js';
import type { CoordinationSession } from './session.js';

/** The server's wall clock as one write showed it (rule R11). The server read its clock between sending and reply. */
export interface ServerTimeSample {
  /** Stat.mtime of the write: wall clock of the server, ms. */
  readonly serverTime: number;
  readonly sentAt: number;
  readonly receivedAt: number;
  readonly sentMonotonic: number;
  readonly receivedMonotonic: number;
  /** Of the heartbeat node: grows with each beat, as long as coordination is not restored from a backup (rule R13). */
  readonly version: number;
}

export interface MembershipOptions {
  readonly session: CoordinationSession;
  readonly layout: Layout;
  readonly agent: string;
  /** What to register; asked anew for each registration. */
  readonly registration: () => Registration;
  readonly clock: Clock;
  readonly log: Logger;
  /** Time between heartbeat writes, ms: half the session time-out. */
  readonly heartbeatMs: number;
  /** Incarnations of earlier processes on this data directory, whose exclusive lock this process holds. */
  readonly earlierIncarnations?: readonly string[];
}

export class Membership implements Service {
  readonly name = 'membership';
  readonly events = new Emitter<{
    registered: { sessionId: bigint };
    unregistered: undefined;
    /** Another live session holds the name: two agents are configured alike. */
    blocked: { incarnation: string };
    sample: ServerTimeSample;
  }>();
  private readonly options: MembershipOptions;
  private readonly loop: ReadLoop;
  private registeredBy: Coordinator | undefined;
  private registered: Buffer | undefined;
  private leaving = false;
  private started = false;
  private beatTimer: Timer | undefined;
  private beatVersion: number | undefined;
  private beating = false;

  constructor(options: MembershipOptions) {
    this.options = options;
    this.loop = new ReadLoop({
      name: 'membership',
      session: options.session,
      clock: options.clock,
      log: options.log,
      read: (coordinator) => this.register(coordinator),
      lost: () => this.unregister(),
    });
  }

  /** Started, and not stopped since. */
  get isStarted(): boolean {
    return this.started;
  }

  get isRegistered(): boolean {
    return this.registeredBy !== undefined;
  }

  /** Resolves after the first try to register (which may have found the name taken: see `blocked`). */
  async start(signal: AbortSignal): Promise<void> {
    this.leaving = false;
    this.started = true;
    this.armBeat();
    await this.loop.start(signal);
  }

  /** Stops looking after the registration, and leaves it: it ends with the session (rule R6). */
  async stop(): Promise<void> {
    this.started = false;
    this.beatTimer?.cancel();
    await this.loop.stop();
  }

  /** Writes the registration again, e.g. because `holdUntil` or labels changed. Resolves when it is written. */
  async update(signal?: AbortSignal): Promise<void> {
    this.registered = undefined;
    const written = this.events.next('registered', () => true, signal);
    this.loop.poke();
    await written;
  }

  /** Takes the registration away: the leader moves this agent's slots at once. */
  async leave(): Promise<void> {
    this.leaving = true;
    const coordinator = this.registeredBy;
    await this.stop();
    if (coordinator === undefined) return;
    const { layout, agent } = this.options;
    const found = await coordinator.exists(layout.agent(agent));
    if (found?.ephemeralOwner === coordinator.session?.id) {
      if (found !== undefined) await coordinator.delete(layout.agent(agent), found.version);
    }
    this.unregister();
  }

  private unregister(): void {
    const was = this.registeredBy;
    this.registeredBy = undefined;
    this.registered = undefined;
    if (was !== undefined) this.events.emit('unregistered', undefined);
  }

  /** One look at our node. Right from any state; ends with a watch on whatever must change for the next step. */
  private async register(coordinator: Coordinator): Promise<void> {
    if (this.leaving) return;
    const { layout, agent } = this.options;
    const path = layout.agent(agent);
    const data = encodeRegistration(this.options.registration());
    const stat = await coordinator.exists(path, this.loop.watcher(coordinator, path));
    if (stat === undefined) {
      this.unregister();
      await coordinator.ensurePath(layout.agents);
      // A create whose reply is lost is found on the next look: then the node is ours by its owner.
      await coordinator.create(path, data, 'ephemeral');
      this.done(coordinator, data);
      return;
    }
    if (stat.ephemeralOwner === coordinator.session?.id) {
      if (this.registeredBy === coordinator && this.registered?.equals(data)) return;
      const present = await coordinator.getData(path);
      if (!present.data.equals(data)) await coordinator.setData(path, data, present.stat.version);
      this.done(coordinator, data);
      return;
    }
    this.unregister();
    await this.replaceOrWait(coordinator, path, data);
  }

  private async replaceOrWait(coordinator: Coordinator, path: string, data: Buffer): Promise<void> {
    const found = await coordinator.getData(path);
    let incarnation = 'unreadable';
    try {
      incarnation = decodeRegistration(found.data).incarnation;
    } catch (error) {
      this.options.log.warn({ agent: this.options.agent, err: messageOf(error) }, 'registration is not readable');
    }
    const own = [this.options.registration().incarnation, ...(this.options.earlierIncarnations ?? [])];
    if (!own.includes(incarnation)) {
      this.options.log.warn(
        { agent: this.options.agent, incarnation },
        'another agent is registered under this name: this one gets no tasks while that one is there',
      );
      this.events.emit('blocked', { incarnation });
      return; // the watch of `exists` tells when it is gone
    }
    // In one transaction, so that nobody sees the agent absent.
    await coordinator.multi([
      { op: 'delete', path, version: found.stat.version },
      { op: 'create', path, data, mode: 'ephemeral' },
    ]);
    this.done(coordinator, data);
  }

  private done(coordinator: Coordinator, data: Buffer): void {
    this.registeredBy = coordinator;
    this.registered = data;
    const sessionId = coordinator.session?.id ?? 0n;
    this.options.log.info({ agent: this.options.agent, session: sessionId.toString(16) }, 'agent registered');
    this.events.emit('registered', { sessionId });
  }

  private armBeat(): void {
    this.beatTimer = this.options.clock.timerAfter(this.options.heartbeatMs, () => {
      this.armBeat();
      void this.beat();
    });
  }

  /** A beat that fails says nothing; the next one follows. One at a time: on a slow server they must not pile up. */
  private async beat(): Promise<void> {
    const coordinator = this.registeredBy;
    if (this.beating || coordinator === undefined || coordinator.state !== 'connected') return;
    this.beating = true;
    const { clock, layout, agent } = this.options;
    const path = layout.heartbeat(agent);
    try {
      if (this.beatVersion === undefined) {
        await coordinator.ensurePath(path);
        this.beatVersion = (await coordinator.exists(path))?.version ?? 0;
      }
      const sentAt = clock.now();
      const sentMonotonic = clock.monotonic();
      const stat = await coordinator.setData(path, Buffer.alloc(0), this.beatVersion);
      this.beatVersion = stat.version;
      this.events.emit('sample', {
        serverTime: stat.mtime,
        sentAt,
        receivedAt: clock.now(),
        sentMonotonic,
        receivedMonotonic: clock.monotonic(),
        version: stat.version,
      });
    } catch (error) {
      this.beatVersion = undefined; // read again before the next beat
      if (!isCoordinationError(error)) throw error;
      this.options.log.debug({ agent, err: error.message }, 'heartbeat write failed');
    } finally {
      this.beating = false;
    }
  }
}
