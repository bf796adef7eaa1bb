// When a claimed run of a slot may start beside the others: at once, afterwards, instead of them, or not at all.
import type { Clock, Instant } from '../../base/index.js';
import type { RunReason, RunState } from '../../manifests/index.js';
import type { AttemptDirectories } from '../spool/attempt-directories.js';
import { decideConcurrency } from './decide-concurrency.js';
import { type OpenRun, setMode } from './open-run.js';
import type { RunTable } from './run-table.js';

export interface AdmissionPort {
  readonly clock: Clock;
  readonly table: RunTable;
  readonly directories: AttemptDirectories;
  /** Whether a run of a former owner is still open in the slot. */
  readonly stillBlocked: (slot: { taskUid: string; slot: string }) => Promise<boolean>;
  /** Nothing is started any more. */
  readonly isEnding: () => boolean;
  readonly launch: (run: OpenRun) => void;
  /** Admits the run again at that time. */
  readonly wakeAt: (run: OpenRun, at: Instant) => void;
  readonly cancel: (run: OpenRun, reason: RunReason) => void;
  readonly skip: (run: OpenRun, reason: RunReason) => void;
  readonly recordWait: (run: OpenRun, state: RunState) => void;
}

export class Admission {
  private readonly port: AdmissionPort;
  /** Due, and waiting for the word that no run of a former owner is open any more: what comes next must not pass them. */
  private readonly checking = new Set<OpenRun>();

  constructor(port: AdmissionPort) {
    this.port = port;
  }

  /** Decides as soon as the claim stands; a slot that is taken then is looked at again when due. */
  admit(run: OpenRun): void {
    if (run.mode !== 'claimed' || this.port.isEnding()) return;
    const others = this.port.table
      .ofSlot(run.slotKey)
      .filter((other) => other !== run && (other.mode !== 'claimed' || this.checking.has(other)));
    const { concurrencyPolicy: policy, runsAtOnce: limit } = run.task.policy;
    const admission = decideConcurrency({
      ...{ policy, limit },
      open: others.length,
      queued: others.filter((other) => other.mode === 'queued').length,
      blocked: run.blocked,
    });
    const now = this.port.clock.now();
    const upcoming = others.filter((other) => this.notYet(other, now)).length;
    const meetsUpcoming = upcoming > 0 && others.length - upcoming < limit;
    if (admission.kind === 'start') this.port.launch(run);
    else if (now < run.startAt) this.port.wakeAt(run, run.startAt);
    // A run on demand that only the next scheduled one, not started yet, leaves no room waits for it instead of being refused.
    else if (admission.kind === 'queue' || (typeof run.point === 'string' && meetsUpcoming)) this.enqueue(run);
    else if (admission.kind === 'skip' && run.blocked && !run.blockChecked) void this.checkBlock(run);
    else if (admission.kind === 'skip') this.port.skip(run, admission.reason);
    else this.replace(run, others);
  }

  private notYet(run: OpenRun, now: Instant): boolean {
    return this.checking.has(run) || (run.mode === 'launching' && run.startAt > now);
  }

  private async checkBlock(run: OpenRun): Promise<void> {
    this.checking.add(run);
    run.blocked = await this.port.stillBlocked({ taskUid: run.task.uid, slot: run.slot });
    this.checking.delete(run);
    run.blockChecked = true;
    this.admit(run);
  }

  private enqueue(run: OpenRun): void {
    setMode(run, 'queued');
    run.startBefore = undefined;
    run.waits = true;
    // The directory proves after a restart that the claim had succeeded: later claims overwrite its claimId.
    this.port.directories.make(run.directory);
    this.port.recordWait(run, 'Queued');
  }

  private replace(run: OpenRun, others: readonly OpenRun[]): void {
    setMode(run, 'replacing');
    run.startBefore = undefined;
    run.waits = true;
    this.port.directories.make(run.directory);
    this.port.recordWait(run, 'Pending');
    for (const other of others) {
      if (isUnstarted(other)) this.port.skip(other, 'Replaced');
      else this.port.cancel(other, 'Replaced');
    }
    this.startNext(run.slotKey);
  }

  /** Lets the run that waits in the slot start, once there is room for it. */
  startNext(slotKey: string): void {
    const open = this.port.table.ofSlot(slotKey).filter((run) => run.mode !== 'claimed');
    const next = open.find((run) => run.mode === 'queued' || run.mode === 'replacing');
    const before = open.filter((run) => run.mode !== 'queued' && run.mode !== 'replacing').length;
    if (next === undefined || before >= next.task.policy.runsAtOnce) return;
    next.startAt = this.port.clock.now();
    this.port.launch(next);
  }
}

function isUnstarted({ mode, attempts }: OpenRun): boolean {
  return mode === 'queued' || mode === 'replacing' || (mode === 'unplaced' && attempts.length === 0);
}
