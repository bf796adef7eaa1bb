// What the leader knows of the registered agents: the children of <root>/agents and the data of each, kept current by
// watches. A heartbeat does not touch these nodes, so the informer is quiet while nothing changes.
import { type Clock, Emitter, type Logger, messageOf, type Service } from '../base/index.js';
import { type Coordinator, isCoordinationError } from './coordinator.js';
import type { Layout } from './layout.js';
import { inParallel } from './parallel.js';
import { ReadLoop } from './read-loop.js';
import { decodeRegistration, type Registration } from './registration.js';
import type { CoordinationSession } from './session.js';

/** Reads in flight at a time. */
const READS_IN_FLIGHT = 64;

export interface Member {
  readonly name: string;
  /** Session that owns the registration. */
  readonly sessionId: bigint;
  readonly registration: Registration;
}

export interface MembersChange {
  readonly joined: readonly Member[];
  /** As they were last seen. */
  readonly left: readonly Member[];
  /** Present before and after, with another session or another registration. */
  readonly changed: readonly Member[];
}

export class MembersInformer implements Service {
  readonly name = 'members-informer';
  readonly events = new Emitter<{ changed: MembersChange }>();
  private readonly layout: Layout;
  private readonly log: Logger;
  private readonly loop: ReadLoop;
  private known = new Map<string, Member>();
  /** Nodes whose data must be read again. */
  private readonly dirty = new Set<string>();

  constructor(options: { session: CoordinationSession; layout: Layout; clock: Clock; log: Logger; rereadMs?: number }) {
    this.layout = options.layout;
    this.log = options.log;
    this.loop = new ReadLoop({
      name: 'members',
      session: options.session,
      clock: options.clock,
      log: options.log,
      read: (coordinator, full) => this.read(coordinator, full),
      ...(options.rereadMs === undefined ? {} : { rereadMs: options.rereadMs }),
    });
  }

  /** Registered agents by name, as last read. Absent from here means: was absent when last read. */
  get members(): ReadonlyMap<string, Member> {
    return this.known;
  }

  /** Resolves when the members have been read once. */
  async start(signal: AbortSignal): Promise<void> {
    await this.loop.start(signal);
  }

  async stop(): Promise<void> {
    await this.loop.stop();
  }

  private async read(coordinator: Coordinator, full: boolean): Promise<void> {
    if (full) {
      await coordinator.ensurePath(this.layout.agents);
      await coordinator.sync(this.layout.agents); // a follower that lags must not make agents vanish
    }
    const { children } = await coordinator.getChildren(this.layout.agents, this.loop.watcher(coordinator, ''));
    const stale = children.filter((name) => full || this.dirty.has(name) || !this.known.has(name));
    for (const name of stale) this.dirty.delete(name);
    const next = new Map<string, Member>();
    for (const name of children) {
      const member = this.known.get(name);
      if (member !== undefined) next.set(name, member);
    }
    try {
      await inParallel(stale, READS_IN_FLIGHT, async (name) => {
        const member = await this.readMember(coordinator, name);
        if (member === undefined) next.delete(name);
        else next.set(name, member);
      });
    } catch (error) {
      for (const name of stale) this.dirty.add(name);
      throw error;
    }
    this.publish(next);
  }

  private async readMember(coordinator: Coordinator, name: string): Promise<Member | undefined> {
    const watcher = this.loop.watcher(coordinator, name, () => this.dirty.add(name));
    try {
      const { data, stat } = await coordinator.getData(this.layout.agent(name), watcher);
      return { name, sessionId: stat.ephemeralOwner, registration: decodeRegistration(data) };
    } catch (error) {
      if (isCoordinationError(error)) this.loop.unwatched(name);
      if (isCoordinationError(error, 'noNode')) return undefined; // gone since the list was read; its watch tells
      if (isCoordinationError(error)) throw error;
      this.log.warn({ agent: name, err: messageOf(error) }, 'registration is not readable');
      return undefined;
    }
  }

  private publish(next: Map<string, Member>): void {
    const before = this.known;
    this.known = next;
    const joined = [...next.values()].filter((member) => !before.has(member.name));
    const left = [...before.values()].filter((member) => !next.has(member.name));
    const changed = [...next.values()].filter((member) => {
      const was = before.get(member.name);
      return was !== undefined && !sameMember(was, member);
    });
    if (joined.length + left.length + changed.length > 0) this.events.emit('changed', { joined, left, changed });
  }
}

function sameMember(a: Member, b: Member): boolean {
  return a.sessionId === b.sessionId && JSON.stringify(a.registration) === JSON.stringify(b.registration);
}
