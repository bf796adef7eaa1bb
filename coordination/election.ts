// Leader election among centers: the ZooKeeper recipe with ephemeral sequential nodes.
//
// What it gives: at most one candidate at a time sees itself first in line, and a new one is found soon after the old
// one's session ended. What it does not give: the certainty that a candidate *still* leads. A paused leader believes in
// itself until it hears otherwise. Therefore every write of a leader carries the epoch that its election wrote (a multi
// that checks `<root>/epoch`, and the same number in the store) and is refused when a later election has raised it.
//
//   idle ── session established ──▶ candidate ── first in line, epoch written ──▶ leader
//     ▲                                │                                            │
//     └──── session lost, stop ────────┴──── own node gone, resign ◀────────────────┘ (joins again at the end)
import { randomUUID } from 'node:crypto';
import { type Clock, Emitter, type Logger, type Service } from '../base/index.js';
import { type Coordinator, isCoordinationError } from './coordinator.js';
import type { Layout } from './layout.js';
import { ReadLoop } from './read-loop.js';
import type { CoordinationSession } from './session.js';

export interface Elected {
  /** Data version of `<root>/epoch` as this election wrote it. Grows with every election. */
  readonly epoch: number;
  /** The session that leads. When it is lost, so is leadership. */
  readonly coordinator: Coordinator;
}

export interface ElectionOptions {
  readonly session: CoordinationSession;
  readonly layout: Layout;
  /** Name of the candidate, for people who read ZooKeeper. */
  readonly id: string;
  readonly clock: Clock;
  readonly log: Logger;
}

export class Election implements Service {
  readonly name = 'election';
  /** `deposed` is emitted synchronously when the session is lost, before anything else can happen with it. */
  readonly events = new Emitter<{ elected: Elected; deposed: { epoch: number } }>();
  private readonly options: ElectionOptions;
  private readonly loop: ReadLoop;
  /** Marks the nodes of one session, so that one whose create was not answered is found again, however late it appears. */
  private guid = '';
  private guidOf: Coordinator | undefined;
  /** A node of ours stands in line as far as we know. */
  private entered = false;
  private leading: Elected | undefined;

  constructor(options: ElectionOptions) {
    this.options = options;
    this.loop = new ReadLoop({
      name: 'election',
      session: options.session,
      clock: options.clock,
      log: options.log,
      read: (coordinator) => this.takePart(coordinator),
      lost: () => this.depose(),
    });
  }

  get elected(): Elected | undefined {
    return this.leading;
  }

  /** Resolves when the candidate stands in line (or leads). */
  async start(signal: AbortSignal): Promise<void> {
    await this.loop.start(signal);
  }

  /** Leaves the line, so that the next in line leads at once. */
  async stop(): Promise<void> {
    await this.loop.stop();
    this.depose();
    await this.leave();
  }

  /** Gives leadership up and goes to the end of the line: after a refused write, or when the leader cannot do its work. */
  async resign(): Promise<void> {
    this.depose();
    await this.leave();
    this.loop.poke();
  }

  /** Names of the candidates that stand in line, the leader's too. Throws CoordinationError. */
  async candidates(): Promise<string[]> {
    const coordinator = this.options.session.current;
    const names: string[] = [];
    for (const { name } of await this.line(coordinator)) {
      try {
        names.push((await coordinator.getData(`${this.options.layout.election}/${name}`)).data.toString('utf8'));
      } catch (error) {
        if (!isCoordinationError(error, 'noNode')) throw error; // gone since
      }
    }
    return names;
  }

  private depose(): void {
    const was = this.leading;
    this.leading = undefined;
    if (was !== undefined) this.events.emit('deposed', { epoch: was.epoch });
  }

  private async leave(): Promise<void> {
    const { guidOf: coordinator, guid } = this;
    this.entered = false;
    if (coordinator === undefined || coordinator.state !== 'connected') return; // the node ends with the session
    try {
      for (const node of await this.line(coordinator)) {
        if (node.name.startsWith(guid)) await coordinator.delete(`${this.options.layout.election}/${node.name}`, 0);
      }
    } catch (error) {
      if (!isCoordinationError(error)) throw error; // the node ends with the session at the latest
    }
  }

  /** One look at the line. Called again whenever a watch fires, so it must be right from any state. */
  private async takePart(coordinator: Coordinator): Promise<void> {
    if (this.guidOf !== coordinator) {
      this.guid = randomUUID();
      this.guidOf = coordinator;
      this.entered = false;
      await coordinator.ensurePath(this.options.layout.election);
      await coordinator.ensurePath(this.options.layout.epoch);
    }
    if (!this.entered) await this.enterLine(coordinator);
    const line = await this.line(coordinator);
    const place = line.findIndex((node) => node.name.startsWith(this.guid));
    const own = line[place];
    if (own === undefined) {
      // Somebody deleted our node. Leadership without a node would be leadership that nobody can see.
      this.depose();
      this.entered = false;
      this.loop.poke();
      return;
    }
    // A second node of ours can only come from a create that was carried out although its reply was lost.
    for (const extra of line.slice(place + 1).filter((node) => node.name.startsWith(this.guid))) {
      await coordinator.delete(`${this.options.layout.election}/${extra.name}`, 0);
    }
    // Only the one before us is watched, so that a death wakes one candidate and not all; the leader watches itself.
    const watched = line[place - 1] ?? own;
    const path = `${this.options.layout.election}/${watched.name}`;
    const stat = await coordinator.exists(path, this.loop.watcher(coordinator, path));
    if (stat === undefined) this.loop.poke();
    else if (place === 0) await this.lead(coordinator);
  }

  private async enterLine(coordinator: Coordinator): Promise<void> {
    const prefix = `${this.options.layout.election}/${this.guid}-n_`;
    try {
      await coordinator.create(prefix, Buffer.from(this.options.id), 'ephemeralSequential');
      this.entered = true;
    } catch (error) {
      if (!isCoordinationError(error, 'unknown')) throw error;
      // It may have been created. A follower that lags must not make us create a second one.
      await coordinator.connected();
      await coordinator.sync(this.options.layout.election);
      const line = await this.line(coordinator);
      this.entered = line.some((node) => node.name.startsWith(this.guid));
      if (!this.entered) throw error;
    }
  }

  private async line(coordinator: Coordinator): Promise<{ name: string; sequence: number }[]> {
    const { children } = await coordinator.getChildren(this.options.layout.election);
    return children
      .map((name) => ({ name, sequence: Number(name.slice(name.lastIndexOf('n_') + 2)) }))
      .filter((node) => Number.isFinite(node.sequence))
      .sort((a, b) => a.sequence - b.sequence);
  }

  private async lead(coordinator: Coordinator): Promise<void> {
    if (this.leading?.coordinator === coordinator) return;
    const epoch = await this.raiseEpoch(coordinator);
    // The session may have ended while the reply travelled: then `lost` came before, or will come, and deposes.
    if (coordinator.state === 'expired' || coordinator.state === 'closed' || !this.entered) return;
    this.leading = { epoch, coordinator };
    this.options.log.info({ center: this.options.id, epoch }, 'center leads');
    this.events.emit('elected', this.leading);
  }

  /** Compare-and-set with recognisable content: a lost reply is resolved by reading (rule R3). */
  private async raiseEpoch(coordinator: Coordinator): Promise<number> {
    const { layout, id } = this.options;
    const election = randomUUID();
    const data = Buffer.from(JSON.stringify({ leader: id, election }));
    const { stat } = await coordinator.getData(layout.epoch);
    try {
      return (await coordinator.setData(layout.epoch, data, stat.version)).version;
    } catch (error) {
      if (!isCoordinationError(error, 'unknown')) throw error;
      await coordinator.connected();
      await coordinator.sync(layout.epoch);
      const now = await coordinator.getData(layout.epoch);
      if (!now.data.equals(data)) throw error;
      return now.stat.version;
    }
  }
}
