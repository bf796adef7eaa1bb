// Whether coordination may be believed (rule R13): nothing is claimed while this gate is shut.
//
//   shut ── connected, looked: nothing missing ──▶ open ── connection lost ──▶ shut
//     │ less is there than this agent has seen before: it doubts, says so in its registration, and waits for the leader
//     │ the leader deals with a restore (raising): this agent raises the cursors it knows of, says so, and waits
//     └ this agent was away for long: what it has not seen may be missing; it waits until a leader has looked
//
// What it remembers is the version of its own heartbeat node: it grows twice per session time-out, and goes back only with
// all the rest of coordination.
import { type Clock, Emitter, type Logger, newUid, type Service } from '../../base/index.js';
import {
  type CoordinationSession,
  type Coordinator,
  type Guard,
  type Layout,
  ReadLoop,
  type Registration,
  readCheckpoint,
  readGuard,
} from '../../coordination/index.js';
import type { Memory } from '../identity/identity.js';

/** An agent that was connected so many session time-outs ago would have seen what a backup made since then does not have:
 * nobody restores one that quickly. */
const FRESH_TIMEOUTS = 3;

export interface RestoreGateOptions {
  readonly session: CoordinationSession;
  readonly layout: Layout;
  readonly agent: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** What the earlier process remembered. */
  readonly memory: Memory | undefined;
  /** Keeps what is remembered on disk, if it can. */
  readonly keep: (memory: Memory) => Promise<void>;
  /** Raises the cursors that this agent knows of; returns how many were behind. */
  readonly raise: (coordinator: Coordinator) => Promise<number>;
  /** The registration has changed: see `word`. */
  readonly say: () => void;
}

export class RestoreGate implements Service {
  readonly name = 'restore-gate';
  readonly events = new Emitter<{ opened: { restored: boolean } }>();
  private readonly options: RestoreGateOptions;
  private readonly loop: ReadLoop;
  private known: Memory;
  private open = false;
  /** Counts losses of the connection: what was read before the latest one opens nothing. */
  private losses = 0;
  /** Name of the dealing with a restore for which cursors were raised. */
  private raisedFor: string | undefined;
  /** Version of the checkpoint from which on a leader must move it, after a long absence. */
  private movedBeyond: number | undefined;
  /** Tells the leader apart from before that somebody waits for it to look. */
  private asks: string | undefined;
  private offState: () => void = () => undefined;
  private unfollow: () => void = () => undefined;

  constructor(options: RestoreGateOptions) {
    this.options = options;
    this.known = options.memory ?? { beat: -1, checkpoint: 0, restores: 0, at: 0 };
    this.loop = new ReadLoop({
      ...{ name: 'guard', session: options.session, clock: options.clock, log: options.log },
      read: (coordinator) => this.look(coordinator),
      lost: () => this.shut(),
    });
  }

  get isOpen(): boolean {
    return this.open;
  }

  /** Restores that were dealt with, as far as is known. */
  get restores(): number {
    return this.known.restores;
  }

  get memory(): Memory {
    return this.known;
  }

  /** For the registration. */
  get word(): Pick<Registration, 'doubts' | 'remembers' | 'raised' | 'asks'> {
    const { doubts, checkpoint: remembers } = this.known;
    return {
      ...(doubts === undefined ? {} : { doubts, remembers }),
      ...(this.raisedFor === undefined ? {} : { raised: this.raisedFor }),
      ...(this.asks === undefined ? {} : { asks: this.asks }),
    };
  }

  /** Resolves after the first look, whatever it found. */
  async start(signal: AbortSignal): Promise<void> {
    this.unfollow = this.options.session.follow({
      established: (coordinator) => {
        this.offState();
        this.shut();
        this.offState = coordinator.onState((state) => {
          this.shut();
          if (state === 'connected') this.loop.poke();
        });
      },
      lost: () => this.shut(),
    });
    await this.loop.start(signal);
  }

  async stop(): Promise<void> {
    this.unfollow();
    this.offState();
    await this.loop.stop();
  }

  /** Resolves when the gate is open. */
  async opened(signal: AbortSignal): Promise<void> {
    if (!this.open) await this.events.next('opened', () => true, signal);
  }

  /** The heartbeat node was written. */
  noteBeat(version: number): void {
    if (!this.open) return;
    this.known = { ...this.known, beat: Math.max(version, this.known.beat), at: this.options.clock.now() };
  }

  private shut(): void {
    this.open = false;
    this.losses += 1;
    this.movedBeyond = undefined;
  }

  private async look(coordinator: Coordinator): Promise<void> {
    const { layout, agent, log, clock } = this.options;
    const { losses } = this;
    await coordinator.sync(layout.root === '' ? '/' : layout.root); // a follower that lags must not look like a backup
    const found = await readGuard(coordinator, layout, this.loop.watcher(coordinator, layout.guard));
    const guard: Guard = found?.value ?? { restores: 0, state: 'open', id: '' };
    const checkpoint = await readCheckpoint(coordinator, layout);
    const beat = (await coordinator.exists(layout.heartbeat(agent)))?.version ?? -1;
    const seen = { beat, checkpoint: checkpoint?.value.number ?? 0, restores: guard.restores };
    if (this.known.doubts === undefined && isBehind(seen, this.known)) {
      await this.doubt(guard, seen);
    }
    if (guard.state === 'raising') return this.raise(coordinator, guard.id);
    const { doubts } = this.known;
    if (doubts !== undefined && guard.restores <= doubts) {
      this.open = false;
      return;
    }
    const dealtWith = doubts !== undefined || guard.restores > this.known.restores;
    const fresh = dealtWith || clock.now() - this.known.at <= FRESH_TIMEOUTS * coordinator.sessionTimeoutMs;
    if (!fresh && checkpoint !== undefined && !(await this.leaderHasLooked(coordinator, checkpoint.version))) return;
    if (losses !== this.losses) return; // the look that follows decides
    this.known = { ...seen, at: clock.now() };
    await this.options.keep(this.known);
    this.raisedFor = undefined;
    if (dealtWith) log.warn({ restores: guard.restores }, 'coordination was restored, and may be believed again');
    if (doubts !== undefined || dealtWith) this.options.say();
    if (this.open || losses !== this.losses || coordinator.state !== 'connected') return;
    this.open = true;
    this.events.emit('opened', { restored: dealtWith });
  }

  /** Remembered at once: soon the beats of this process hide what was missing. */
  private async doubt(guard: Guard, seen: object): Promise<void> {
    this.known = { ...this.known, doubts: guard.restores };
    this.options.log.error(
      { seen, remembered: this.known },
      'coordination knows less than this agent has seen: it was restored from a backup. Nothing is claimed until a center has dealt with that',
    );
    await this.options.keep(this.known);
    this.open = false;
    this.options.say();
  }

  private async raise(coordinator: Coordinator, restore: string): Promise<void> {
    this.open = false;
    if (this.raisedFor === restore) return;
    const records = await this.options.raise(coordinator);
    this.raisedFor = restore;
    this.options.log.warn({ records }, 'cursors that were behind what this agent knows have been raised');
    this.options.say();
  }

  /** True once the checkpoint has been moved since this connection began. */
  private async leaderHasLooked(coordinator: Coordinator, version: number): Promise<boolean> {
    const first = this.movedBeyond === undefined;
    this.movedBeyond ??= version;
    if (version > this.movedBeyond) return true;
    const { layout, log } = this.options;
    if (this.options.memory === undefined)
      log.info({}, 'this agent is new here: it waits until a center has looked after coordination');
    else log.info({}, 'this agent was away for long: it waits until a center has looked after coordination');
    const watcher = this.loop.watcher(coordinator, layout.checkpoint);
    const again = watcher && (await readCheckpoint(coordinator, layout, watcher));
    if (again !== undefined && again.version > this.movedBeyond) return true;
    if (first) this.asks = newUid();
    if (first) this.options.say();
    return false;
  }
}

/** What was missing before a restore that was dealt with since is no news. */
function isBehind(seen: { beat: number; checkpoint: number; restores: number }, known: Memory): boolean {
  if (seen.restores !== known.restores) return seen.restores < known.restores;
  return seen.beat < known.beat || seen.checkpoint < known.checkpoint;
}
