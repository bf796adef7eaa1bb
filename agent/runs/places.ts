// How many attempts an agent has going at a time (`--max-running`), and which of those that wait for a place is next: the one of the
// highest priority, of these the one that was due first. A start may wait until its starting deadline and no longer.
import type { Clock, Instant } from '../../base/index.js';
import type { RunReason, RunState } from '../../manifests/index.js';
import type { TimerQueue } from '../schedule-loop/timer-queue.js';
import type { AttemptDirectories } from '../spool/attempt-directories.js';
import { type OpenRun, setMode } from './open-run.js';

/** With so many waiting nothing more is claimed: time points then are late or missed by their policies, instead of piling up here. */
export const PLACES_WAITING_MAX = 10_000;

/** A claimed attempt goes to the runner this long before its time, which is as far as claims run ahead: what the runner has starts
 * on time even if the agent is killed in between. A longer jitter is waited for here, where it can be cancelled. */
const HANDOVER_MS = 10_000;

export interface PlacesPort {
  readonly clock: Clock;
  readonly timers: TimerQueue;
  readonly directories: Pick<AttemptDirectories, 'make'>;
  /** Undefined: no limit. */
  readonly maxRunning?: number | undefined;
  /** Nothing is started any more. */
  readonly isEnding: () => boolean;
  readonly launch: (run: OpenRun) => void;
  /** Its starting deadline has passed. */
  readonly expire: (run: OpenRun) => void;
  readonly recordWait: (run: OpenRun, state: RunState, reason: RunReason) => void;
}

export class Places {
  private readonly port: PlacesPort;
  private readonly limit: number;
  /** Handed to the runner, or running. More than the limit after a restart with a lower one: then none starts until some have ended. */
  private readonly holders = new Set<OpenRun>();
  /** The next one last. */
  private readonly queue: OpenRun[] = [];
  private filling = false;

  constructor(port: PlacesPort) {
    this.port = port;
    this.limit = port.maxRunning ?? Number.POSITIVE_INFINITY;
  }

  get isCrowded(): boolean {
    return this.queue.length >= PLACES_WAITING_MAX;
  }

  /** How long before its time an attempt is handed to the runner: with a limit it must not hold a place while nothing runs. */
  get handoverMs(): number {
    return Number.isFinite(this.limit) ? 0 : HANDOVER_MS;
  }

  /** It runs already. */
  hold(run: OpenRun): void {
    this.holders.add(run);
  }

  /** Launches the attempt as soon as there is a place: now, or when others have ended. */
  launch(run: OpenRun): void {
    if (this.queue.length > 0 || this.holders.size >= this.limit) this.enqueue(run);
    else this.start(run);
    this.fill();
  }

  /** The attempt has ended, or will never start. `fill` is to be called when everything else about its end is done. */
  leave(run: OpenRun): void {
    this.holders.delete(run);
    const index = this.queue.indexOf(run);
    if (index < 0) return;
    this.queue.splice(index, 1);
    this.port.timers.cancel(run.wake);
  }

  /** Gives free places to those that wait. */
  fill(): void {
    if (this.filling) return; // what fails to start at once frees its place from within this loop
    this.filling = true;
    while (this.queue.length > 0 && this.holders.size < this.limit && !this.port.isEnding()) {
      const run = this.queue.pop()!;
      this.port.timers.cancel(run.wake);
      this.start(run);
    }
    this.filling = false;
  }

  private start(run: OpenRun): void {
    this.holders.add(run);
    this.port.launch(run);
  }

  private enqueue(run: OpenRun): void {
    setMode(run, 'unplaced');
    // The directory proves after a restart that the claim had succeeded: later claims overwrite its claimId.
    this.port.directories.make(run.directory);
    this.port.recordWait(run, 'Queued', 'AgentBusy');
    this.queue.splice(this.placeOf(run), 0, run);
    const deadline: Instant | undefined = run.startBefore;
    if (deadline !== undefined) run.wake = this.port.timers.add(deadline + 1, () => this.port.expire(run));
  }

  /** Where it belongs, by halving: behind (before, in the list) all that are due as early and weigh as much. */
  private placeOf(run: OpenRun): number {
    let low = 0;
    let high = this.queue.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (goesFirst(this.queue[middle]!, run)) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

/** `a` was there before `b`. */
function goesFirst(a: OpenRun, b: OpenRun): boolean {
  const weight = a.task.policy.priority - b.task.policy.priority;
  return weight === 0 ? a.startAt <= b.startAt : weight > 0;
}
