import { Backoff, type Clock, CloudTaskError, type Logger } from '../../base/index.js';
import { readStarted } from './attempt-files.js';
import type { FromRunner } from './messages.js';
import type { ExitRecord, LaunchOutcome, LaunchRequest, RunnerClient } from './runner.js';
import { openRunnerLink, type RunnerLink } from './runner-link.js';

export interface RunnerClientOptions {
  /** The agent's data directory, absolute. */
  readonly dataDir: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** argv that starts the runner process, e.g. [process.execPath, '/…/runner.js']. */
  readonly runnerEntry: readonly string[];
  /** Runner processes; more than one uses more than one core for forking. Default 1. */
  readonly runners?: number;
}

/** How long a launch waits for a runner that is being started again. */
const RECONNECT_WAIT_MS = 10_000;
/** How long `shutdown` with force waits beyond the grace periods of the processes. */
const SHUTDOWN_WAIT_MS = 30_000;

export function createRunnerClient(options: RunnerClientOptions): RunnerClient {
  return new Client(options);
}

interface PendingLaunch {
  readonly directory: string;
  readonly notBefore: number;
  readonly resolve: (outcome: LaunchOutcome) => void;
  readonly reject: (error: unknown) => void;
}

/** One runner process as the client sees it. Up while `link` is set; a runner that dies is started again. */
interface Slot {
  readonly index: number;
  link?: RunnerLink;
  readonly pending: Map<number, PendingLaunch>;
  /** Directories whose end is awaited from this runner. */
  readonly open: Set<string>;
  leaving?: (running: number) => void;
}

class Client implements RunnerClient {
  private readonly options: RunnerClientOptions;
  private readonly slots: Slot[];
  private readonly slotOf = new Map<string, Slot>();
  /** Grace periods of the cancels whose end has not been told: a runner that dies forgets what it was asked. */
  private readonly cancels = new Map<string, number>();
  private readonly listeners = new Set<(directory: string, exit: ExitRecord) => void>();
  private readonly life = new AbortController();
  private readonly waitingForLink = new Set<() => void>();
  private nextId = 1;

  constructor(options: RunnerClientOptions) {
    this.options = options;
    this.slots = Array.from({ length: options.runners ?? 1 }, (_, index) => ({
      index,
      pending: new Map(),
      open: new Set(),
    }));
  }

  async start(): Promise<void> {
    await Promise.all(this.slots.map((slot) => this.connect(slot)));
  }

  async launch(request: LaunchRequest): Promise<LaunchOutcome> {
    const slot = this.leastLoaded() ?? (await this.linkedSlot());
    return new Promise((resolve, reject) => {
      const id = this.nextId++;
      const { directory, notBefore = 0 } = request;
      slot.pending.set(id, { directory, notBefore, resolve, reject });
      slot.link?.send({ type: 'launch', id, request });
    });
  }

  overdue(): number {
    const now = this.options.clock.now();
    let count = 0;
    for (const { pending } of this.slots) {
      for (const { notBefore } of pending.values()) if (notBefore <= now) count += 1;
    }
    return count;
  }

  cancel(directory: string, gracePeriodMs: number): void {
    const slot = this.slotOf.get(directory);
    // Of what is neither open nor may be so in a dead runner no end would ever take it back out.
    if (slot !== undefined || this.slots.some(({ link }) => link === undefined)) {
      // Asked again, it may only end sooner.
      this.cancels.set(directory, Math.min(gracePeriodMs, this.cancels.get(directory) ?? gracePeriodMs));
    }
    for (const each of slot === undefined ? this.slots : [slot]) {
      each.link?.send({ type: 'cancel', directory, gracePeriodMs });
    }
  }

  onExit(listener: (directory: string, exit: ExitRecord) => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  watch(directory: string): void {
    if (this.slotOf.has(directory)) return;
    // Whoever started it knows most; anybody can adopt it.
    const runnerPid = readStarted(directory)?.runnerPid;
    const slot = this.slots.find(({ link }) => link !== undefined && link.pid === runnerPid) ?? this.slots[0]!;
    this.expect(directory, slot);
    this.sendWatch(slot, directory);
  }

  async detach(): Promise<void> {
    this.life.abort(new CloudTaskError('CT_RUNNER', 'the connection to the runner was closed'));
    for (const slot of this.slots) {
      slot.link?.end();
      this.dropLink(slot);
    }
  }

  async shutdown({ force }: { force: boolean }): Promise<void> {
    await Promise.all(this.slots.map((slot) => this.leave(slot, force)));
    await this.detach();
  }

  private leave(slot: Slot, force: boolean): Promise<void> {
    const { link } = slot;
    if (link === undefined) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = this.options.clock.timerAfter(SHUTDOWN_WAIT_MS, resolve);
      slot.leaving = (running) => {
        // A runner that leaves closes the connection when all is done (see closed); one that stays is left alone.
        if (link === slot.link && running === 0) return;
        timer.cancel();
        resolve();
      };
      link.send({ type: 'shutdown', force });
    });
  }

  private async connect(slot: Slot): Promise<void> {
    const { dataDir, runnerEntry, clock, log } = this.options;
    slot.link = await openRunnerLink(
      { dataDir, index: slot.index, runnerEntry, clock, log },
      { message: (message) => this.handle(slot, message), closed: () => this.closed(slot) },
      this.life.signal,
    );
    for (const directory of slot.open) this.sendWatch(slot, directory);
    for (const wake of this.waitingForLink) wake();
  }

  private sendWatch(slot: Slot, directory: string): void {
    slot.link?.send({ type: 'watch', directory });
    const gracePeriodMs = this.cancels.get(directory);
    if (gracePeriodMs !== undefined) slot.link?.send({ type: 'cancel', directory, gracePeriodMs });
  }

  private handle(slot: Slot, message: FromRunner): void {
    switch (message.type) {
      case 'hello':
        break;
      case 'launched':
        this.launched(slot, message.id, message.outcome);
        break;
      case 'refused': {
        const launch = slot.pending.get(message.id);
        slot.pending.delete(message.id);
        if (launch !== undefined) this.cancels.delete(launch.directory);
        launch?.reject(new CloudTaskError('CT_RUNNER', { subject: launch.directory, detail: message.message }));
        break;
      }
      case 'exit':
        if (!slot.open.delete(message.directory)) break;
        this.slotOf.delete(message.directory);
        this.cancels.delete(message.directory);
        for (const listener of this.listeners) listener(message.directory, message.exit);
        break;
      case 'leaving':
        slot.leaving?.(message.running);
        break;
    }
  }

  private launched(slot: Slot, id: number, outcome: LaunchOutcome): void {
    const launch = slot.pending.get(id);
    if (launch === undefined) return;
    slot.pending.delete(id);
    if (outcome.kind === 'started') this.expect(launch.directory, slot);
    else this.cancels.delete(launch.directory);
    launch.resolve(outcome);
  }

  private expect(directory: string, slot: Slot): void {
    slot.open.add(directory);
    this.slotOf.set(directory, slot);
  }

  /** The runner died or was told to leave. Its processes live on; the next runner adopts them. */
  private closed(slot: Slot): void {
    const left = slot.leaving !== undefined;
    this.dropLink(slot);
    slot.leaving?.(0);
    if (left || this.life.signal.aborted) return;
    this.options.log.warn({ runner: slot.index, open: slot.open.size }, 'runner is gone, starting it again');
    void this.reconnect(slot);
  }

  private dropLink(slot: Slot): void {
    delete slot.link;
    const pending = [...slot.pending.values()];
    slot.pending.clear();
    for (const { directory, reject } of pending) {
      this.cancels.delete(directory); // whoever hears of it asks again if anything runs
      reject(new CloudTaskError('CT_RUNNER', { subject: directory, detail: 'the runner ended during the launch' }));
    }
  }

  private async reconnect(slot: Slot): Promise<void> {
    const backoff = new Backoff({ initialMs: 20, maxMs: 5000 });
    while (!this.life.signal.aborted) {
      try {
        await this.connect(slot);
        return;
      } catch (error) {
        if (this.life.signal.aborted) return;
        this.options.log.error({ runner: slot.index, err: error }, 'runner could not be started');
        await this.options.clock.sleep(backoff.next(), this.life.signal).catch(() => undefined); // aborted: the loop ends
      }
    }
  }

  private leastLoaded(): Slot | undefined {
    let best: Slot | undefined;
    for (const slot of this.slots) {
      if (slot.link === undefined) continue;
      if (best === undefined || loadOf(slot) < loadOf(best)) best = slot;
    }
    return best;
  }

  /** Nothing was sent yet, so waiting is safe: the launch itself says until when it may happen. */
  private linkedSlot(): Promise<Slot> {
    return new Promise((resolve, reject) => {
      const settle = () => {
        const slot = this.leastLoaded();
        timer.cancel();
        this.waitingForLink.delete(settle);
        if (slot !== undefined) resolve(slot);
        else reject(new CloudTaskError('CT_RUNNER', 'no runner is up'));
      };
      const timer = this.options.clock.timerAfter(RECONNECT_WAIT_MS, settle);
      this.waitingForLink.add(settle);
      if (this.life.signal.aborted) settle();
    });
  }
}

function loadOf(slot: Slot): number {
  return slot.pending.size + slot.open.size;
}
