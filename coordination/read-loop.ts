// Keeps a reading of ZooKeeper current: the one loop behind every recipe that watches.
//
// A watch event means "read again", never "this happened" (STYLE 8). So there is one flag, `dirty`, and one reader: while
// it reads, further events only set the flag and it reads once more. A new session and a safety net, every minute or so,
// set it as well: a notification that is lost, merged or doubled changes nothing but latency.
import { Backoff, type Clock, type Logger, messageOf, type Service, type Timer } from '../base/index.js';
import { type Coordinator, isCoordinationError, type Watcher } from './coordinator.js';
import type { CoordinationSession } from './session.js';

/** What nobody else can cure. */
const REFUSED =
  'coordination refuses this process: its secret is not that of the installation; see --coordination-secret-file';
/** Safety net against a lost notification. Jitter keeps a thousand agents from reading at the same moment. */
const REREAD_MS = 60_000;
const REREAD_JITTER = 0.2;
const RETRY_INITIAL_MS = 50;
const RETRY_MAX_MS = 5_000;

export interface ReadLoopOptions {
  readonly name: string;
  readonly session: CoordinationSession;
  readonly clock: Clock;
  readonly log: Logger;
  readonly rereadMs?: number;
  /** Reads everything needed; sets its watches with the reads whose results it uses. `full` on a new session and by the
   * safety net: then nothing known from before may be trusted. Must not be left hanging: the coordinator bounds it. */
  read(coordinator: Coordinator, full: boolean): Promise<void>;
  /** The session expired: what was read with it may be wrong from now on. */
  lost?(): void;
}

export class ReadLoop implements Service {
  readonly name: string;
  private readonly options: ReadLoopOptions;
  private readonly backoff = new Backoff({ initialMs: RETRY_INITIAL_MS, maxMs: RETRY_MAX_MS });
  private coordinator: Coordinator | undefined;
  private dirty = false;
  private full = true;
  private reading: Promise<void> | undefined;
  private stopped = true;
  /** Keys with a live watch on the present session, so that a re-read does not add a second one. */
  private readonly watched = new Set<string>();
  private unfollow: (() => void) | undefined;
  private netTimer: Timer | undefined;
  private retryTimer: Timer | undefined;
  private firstRead: (() => void) | undefined;

  constructor(options: ReadLoopOptions) {
    this.name = options.name;
    this.options = options;
  }

  /** Resolves after the first successful read. */
  async start(signal: AbortSignal): Promise<void> {
    this.stopped = false;
    signal.throwIfAborted();
    const first = new Promise<void>((resolve, reject) => {
      const onAbort = () => reject(signal.reason);
      signal.addEventListener('abort', onAbort, { once: true });
      this.firstRead = () => {
        signal.removeEventListener('abort', onAbort);
        resolve();
      };
    });
    this.unfollow = this.options.session.follow({
      established: (coordinator) => {
        this.coordinator = coordinator;
        this.watched.clear();
        this.full = true;
        this.poke();
      },
      lost: () => {
        this.coordinator = undefined;
        this.options.lost?.();
      },
    });
    this.armNet();
    await first;
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.unfollow?.();
    this.netTimer?.cancel();
    this.retryTimer?.cancel();
    this.firstRead?.();
    await this.reading;
  }

  /** Asks for another read, soon. */
  poke(): void {
    this.dirty = true;
    if (this.stopped || this.reading !== undefined || this.coordinator === undefined) return;
    this.retryTimer?.cancel();
    this.reading = this.readWhileDirty().finally(() => {
      this.reading = undefined;
    });
  }

  /** The watcher to hand to the read of `key`: it makes the loop read again. undefined while such a watch is live. When
   * the read leaves no watch (it failed), say so with `unwatched`. */
  watcher(coordinator: Coordinator, key: string, fired?: () => void): Watcher | undefined {
    if (this.watched.has(key)) return undefined;
    this.watched.add(key);
    return () => {
      if (this.coordinator !== coordinator) return;
      this.watched.delete(key);
      fired?.();
      this.poke();
    };
  }

  unwatched(key: string): void {
    this.watched.delete(key);
  }

  private async readWhileDirty(): Promise<void> {
    while (this.dirty && !this.stopped && this.coordinator !== undefined) {
      const { coordinator, full } = this;
      this.dirty = false;
      this.full = false;
      try {
        await this.options.read(coordinator, full);
        this.backoff.reset();
        this.firstRead?.();
      } catch (error) {
        this.full ||= full;
        this.dirty = true;
        this.watched.clear(); // a failed read may have left no watch; a second one is the lesser evil
        if (this.stopped || isCoordinationError(error, 'expired', 'closed')) return; // the next session reads anew
        const delayMs = this.backoff.next();
        const fields = { reader: this.name, delayMs, err: messageOf(error) };
        if (isCoordinationError(error, 'noAuth')) this.options.log.error(fields, REFUSED);
        else if (isCoordinationError(error)) this.options.log.debug(fields, 'reading failed, trying again');
        else this.options.log.error(fields, 'reading failed, trying again');
        this.retryTimer = this.options.clock.timerAfter(delayMs, () => this.poke());
        return;
      }
    }
  }

  private armNet(): void {
    const base = this.options.rereadMs ?? REREAD_MS;
    const delayMs = base * (1 + REREAD_JITTER * (2 * Math.random() - 1));
    this.netTimer = this.options.clock.timerAfter(delayMs, () => {
      if (this.stopped) return;
      this.full = true;
      this.poke();
      this.armNet();
    });
  }
}
