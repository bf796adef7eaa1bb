import { mkdir } from 'node:fs/promises';
import {
  acquireDirectoryLock,
  type DirectoryLock,
  Emitter,
  messageOf,
  type Service,
  type Timer,
  within,
} from '../base/index.js';
import type { SessionIdentity } from '../coordination/index.js';
import type { AgentEventMap, AgentEvents } from './agent-events.js';
import type { AgentOptions } from './agent-options.js';
import { type AgentParts, buildAgent } from './agent-parts.js';
import { whileStarting } from './build-requests.js';
import { type Identity, openIdentity, saveIdentity } from './identity/identity.js';
import { CertificateRenewal } from './join/certificate-renewal.js';
import { platform } from './platform/index.js';

/** What has not been reported by then is reported by the next start. */
const FLUSH_MS = 3000;
/** Who cannot be told by then is not waited for: the registration outlives this process by one session time-out. */
const ANNOUNCE_MS = 2000;
/** The session's last zxid moves with every request; an old one on disk only costs a choice of servers. */
const SAVE_SESSION_MS = 30_000;

export interface Agent extends Service {
  readonly events: AgentEvents;
  /** It holds the registration of its name. While another agent does, this one gets no tasks. */
  readonly isRegistered: boolean;
  /** What is not finished: runs on this machine, reports the center has not acknowledged. */
  pending(): { readonly runs: number; readonly reports: number };
  /** Leaves for good: what it owns moves at once, the session is closed. Processes live on and are reported by the next
   * start on this data directory. */
  stop(): Promise<void>;
  /** For a restart (rule R6): the session is kept, nothing moves, processes live on. */
  detach(): Promise<void>;
  /** Leaves for good and takes all processes with it. */
  end(): Promise<void>;
}

/** Nothing happens before `start`. `start` rejects with CT_LOCKED, CT_CONFIG_INVALID, CT_JOURNAL or CT_RUNNER; it waits for
 * coordination as long as that takes, and while a center refuses the token, and reports meanwhile what earlier processes
 * left. */
export function createAgent(options: AgentOptions): Agent {
  return new AgentService(options);
}

/** Modes: built → starting → running → ended. Each way to end is taken once; the first one counts. */
class AgentService implements Agent {
  readonly name = 'agent';
  readonly events: AgentEvents = new Emitter<AgentEventMap>();
  private readonly options: AgentOptions;
  private readonly state: { claiming: boolean; holdUntil?: number } = { claiming: false };
  private readonly life = new AbortController();
  private lock: DirectoryLock | undefined;
  private identity: Identity | undefined;
  private parts: AgentParts | undefined;
  private renewal: CertificateRenewal | undefined;
  private saveTimer: Timer | undefined;
  private offs: (() => void)[] = [];
  private ending: Promise<void> | undefined;
  /** The part of `start` that makes things: directory, lock, journal, runner. An end waits for it to settle. */
  private building: Promise<AgentParts> | undefined;

  constructor(options: AgentOptions) {
    this.options = options;
  }

  async start(signal: AbortSignal): Promise<void> {
    const life = AbortSignal.any([signal, this.life.signal]);
    life.throwIfAborted();
    this.building = this.build(life);
    const parts = await this.building;
    life.throwIfAborted();
    this.follow(parts);
    const endEarly = whileStarting(parts.early, this.options.clock);
    try {
      await this.join(parts, life);
    } finally {
      await endEarly();
    }
    parts.requests.start();
  }

  /** With coordination and center: takes as long as these take. */
  private async join(parts: AgentParts, life: AbortSignal): Promise<void> {
    parts.fence.start();
    await parts.session.start(life);
    await parts.gate.start(life);
    await this.sampleServerTime(parts);
    life.throwIfAborted();
    await parts.heartbeat.admitted(life);
    // A restore is dealt with by center and agents together, so it must be known that this one is there.
    if (!parts.gate.isOpen) await parts.membership.start(life);
    await parts.gate.opened(life);
    await parts.recovery.decide(life);
    life.throwIfAborted();
    if (!parts.membership.isStarted) await parts.membership.start(life);
    this.state.claiming = true;
    this.offs.push(parts.watcher.events.on('changed', (entries) => parts.assignments.apply(entries)));
    await parts.watcher.start(life);
  }

  get isRegistered(): boolean {
    return this.parts?.membership.isRegistered ?? false;
  }

  pending(): { readonly runs: number; readonly reports: number } {
    return { runs: this.parts?.runs.table.size ?? 0, reports: this.parts?.reports.pending ?? 0 };
  }

  stop(): Promise<void> {
    return this.finish('leave');
  }

  detach(): Promise<void> {
    return this.finish('detach');
  }

  end(): Promise<void> {
    return this.finish('end');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  /** Looks at `life` wherever it has waited: what an end finds made it takes apart, and nothing is made after it. */
  private async build(life: AbortSignal): Promise<AgentParts> {
    const { dataDir, name, center, clock, log } = this.options;
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    life.throwIfAborted();
    this.lock = await acquireDirectoryLock(dataDir);
    this.identity = await openIdentity(dataDir, name, platform.bootId(), clock.now());
    life.throwIfAborted();
    const parts = buildAgent(this.options, this.identity, this.events, this.state);
    this.parts = parts;
    const { certificate } = center;
    if (certificate) this.renewal = new CertificateRenewal({ certificate, client: parts.client, clock, log });
    await this.startLocal(parts, life);
    this.renewal?.start();
    return parts;
  }

  /** What needs no coordination: earlier runs are adopted, reports and output flow, the center learns that we are here. */
  private async startLocal(parts: AgentParts, life: AbortSignal): Promise<void> {
    await parts.cache.open();
    await parts.shelf.open();
    await parts.secrets.open();
    const { reports } = await parts.journal.open();
    await parts.manual.open();
    life.throwIfAborted();
    // Before the attempts' directories are looked at: a runner that starts completes what a power cut took.
    await parts.runner.start();
    life.throwIfAborted();
    parts.runs.start();
    for (const report of reports.values()) parts.reports.put(report);
    await parts.recovery.adopt();
    parts.heartbeat.start();
  }

  /** Nothing is claimed before the clocks were compared (rule R11); membership does it later, every half time-out. */
  private async sampleServerTime({ session, layout, sample }: AgentParts): Promise<void> {
    const { clock, name, log } = this.options;
    const coordinator = session.current;
    try {
      const path = layout.heartbeat(name);
      await coordinator.ensurePath(path);
      const version = (await coordinator.exists(path))?.version ?? 0;
      const sentAt = clock.now();
      const { mtime } = await coordinator.setData(path, Buffer.alloc(0), version);
      sample({ serverTime: mtime, sentAt, receivedAt: clock.now() });
    } catch (error) {
      log.debug({ err: messageOf(error) }, 'clocks could not be compared yet');
    }
  }

  private follow(parts: AgentParts): void {
    const { session } = parts;
    this.offs.push(
      session.follow({
        established: (coordinator) => {
          void this.saveSession();
          this.offs.push(
            coordinator.onState((state) => {
              if (state === 'connected') parts.loop.resume();
            }),
          );
          parts.loop.resume();
        },
        lost: () => undefined, // rule R7: expiry moves ownership only; the records tell what is still ours
      }),
    );
    const save = () => {
      void this.saveSession();
      this.saveTimer = this.options.clock.timerAfter(SAVE_SESSION_MS, save);
    };
    this.saveTimer = this.options.clock.timerAfter(SAVE_SESSION_MS, save);
    this.offs.push(this.events.on('ended', () => parts.continued.retry()));
    // What waits for reports to be taken has nothing else to wake it.
    this.offs.push(this.events.on('reported', () => parts.loop.resume()));
  }

  private async saveSession(): Promise<void> {
    const { parts, identity } = this;
    if (parts === undefined || identity === undefined) return;
    try {
      await this.saveIdentity(parts, identity, parts.session.current.session);
    } catch (error) {
      this.options.log.warn({ err: messageOf(error) }, 'the session could not be kept on disk');
    }
  }

  private saveIdentity(parts: AgentParts, identity: Identity, session: SessionIdentity | undefined): Promise<void> {
    if (parts.gate.memory.at > 0) identity.memory = parts.gate.memory;
    return saveIdentity(this.options.dataDir, identity, session);
  }

  private finish(how: 'leave' | 'detach' | 'end'): Promise<void> {
    this.ending ??= this.finishOnce(how);
    return this.ending;
  }

  /** In this order: nothing new is claimed; others may take over; what has ended is told; files are closed. */
  private async finishOnce(how: 'leave' | 'detach' | 'end'): Promise<void> {
    this.state.claiming = false;
    this.life.abort(new Error('the agent is stopping'));
    // A runner that is being started is waited for (15 s at most): only one that answers can be told to leave.
    await attempt(this.building);
    const { parts } = this;
    this.saveTimer?.cancel();
    if (parts !== undefined) {
      parts.fence.stop();
      parts.claims.stop();
      parts.packages.stop();
      await attempt(parts.requests.stop(), parts.assignments.stop(), parts.watcher.stop(), parts.gate.stop());
      if (how === 'detach') {
        await this.announceHold(parts);
        await attempt(parts.membership.stop());
      } else await attempt(parts.membership.leave());
      if (how === 'end') {
        parts.runs.prepareEnd();
        await attempt(parts.runner.shutdown({ force: true }));
      }
      await this.flush(parts);
      await attempt(parts.packageCache.stop());
      parts.runs.stop();
      parts.timers.stop();
      await attempt(
        this.renewal?.stop(),
        parts.secrets.stop(),
        parts.heartbeat.stop(),
        parts.reports.stop(),
        parts.shipper.stop(),
      );
      await this.leaveRunner(parts, how);
      parts.directories.stop();
      await attempt(parts.journal.close(), parts.client.close());
      await this.leaveSession(parts, how);
      for (const off of this.offs.splice(0)) off();
    }
    await this.lock?.release();
    this.lock = undefined;
  }

  /** Says until when this agent will be back, in both places: the registration tells the leader at once, the center's store
   * remembers it when the registration has gone with its session. */
  private async announceHold(parts: AgentParts): Promise<void> {
    const { holdMs = 0, clock, log } = this.options;
    if (holdMs === 0) return;
    const until = clock.now() + holdMs;
    this.state.holdUntil = until;
    const said = await within(clock, ANNOUNCE_MS, (signal) =>
      Promise.allSettled([parts.membership.update(signal), parts.heartbeat.announceHold(until, signal)]),
    );
    for (const outcome of said) {
      if (outcome.status === 'rejected')
        log.warn({ err: messageOf(outcome.reason) }, 'the hold could not be announced');
    }
  }

  private async leaveRunner(parts: AgentParts, how: 'leave' | 'detach' | 'end'): Promise<void> {
    if (how === 'leave' && parts.runs.table.size === 0) await attempt(parts.runner.shutdown({ force: false }));
    else if (how !== 'end') await attempt(parts.runner.detach());
  }

  private async leaveSession(parts: AgentParts, how: 'leave' | 'detach' | 'end'): Promise<void> {
    const { identity } = this;
    if (how === 'detach') {
      await this.saveSession();
      await attempt(parts.session.detach());
      return;
    }
    await attempt(parts.session.stop());
    if (identity !== undefined) await attempt(this.saveIdentity(parts, identity, undefined));
  }

  private async flush(parts: AgentParts): Promise<void> {
    await within(this.options.clock, FLUSH_MS, async (signal) => {
      await attempt(parts.runs.settled());
      await parts.reports.drained(signal);
    });
  }
}

/** Ending goes on whatever fails on the way: each part has its own state on disk. */
async function attempt(...works: (Promise<unknown> | undefined)[]): Promise<void> {
  await Promise.allSettled(works);
}
