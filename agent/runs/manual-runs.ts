// Runs on demand, from the requests stream. The center repeats what is still open whenever the stream is opened, so each
// one must be recognised: here until its claim stands, by a file from then on. The file is made before the run can start or
// its claim can be forgotten; until then the journal knows the run, or nobody does and the center's repetition is wanted.
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { readdir, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, type Logger, messageOf } from '../../base/index.js';
import type { AgentRequest, CancelReason, CancelRequest, ManualRun, RunReport } from '../../manifests/index.js';
import { type Slot, slotKey } from '../schedule-loop/slot.js';
import type { OpenRun } from './open-run.js';

/** A run on demand that was taken is remembered this long; the center has long stopped to repeat it by then. */
const REMEMBER_MS = 24 * 3600_000;
/** Requests that wait for their slot to be scheduled here. The center repeats what is refused. */
const WAITING_MAX = 10_000;

export interface ManualRunsOptions {
  readonly dataDir: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** undefined when the slot is not scheduled here yet; 'ended' when the run is told as one that never will be. */
  readonly start: (run: ManualRun, key: string) => OpenRun | 'ended' | undefined;
  /** False when there is no such open run. */
  readonly cancel: (request: CancelRequest) => boolean;
  /** Cancels a run whose claim is not certain yet. */
  readonly withdraw: (run: OpenRun, reason: CancelReason) => void;
  readonly report: (report: RunReport) => void;
}

export class ManualRuns {
  private readonly options: ManualRunsOptions;
  private readonly directory: string;
  private readonly waiting = new Map<string, ManualRun>();
  /** Handed to the schedule loop; their claims are on their way. */
  private readonly handed = new Map<string, OpenRun>();

  constructor(options: ManualRunsOptions) {
    this.options = options;
    this.directory = join(options.dataDir, 'manual');
  }

  async open(): Promise<void> {
    mkdirSync(this.directory, { recursive: true, mode: 0o700 });
    const old = this.options.clock.now() - REMEMBER_MS;
    for (const name of await readdir(this.directory)) {
      const path = join(this.directory, name);
      if ((await stat(path)).mtimeMs < old) await unlink(path);
    }
  }

  receive(request: AgentRequest): void {
    if (request.type === 'Start') this.start(request.run);
    else if (request.type === 'Cancel') this.cancel(request);
  }

  /** A slot has become schedulable: what waited for it goes on. */
  slotReady(slot: Pick<Slot, 'key'>): void {
    for (const run of this.waiting.values()) {
      if (slotKey(run.taskUid, run.slot) !== slot.key) continue;
      this.waiting.delete(run.uid);
      this.start(run);
    }
  }

  get hasWaiting(): boolean {
    return this.waiting.size > 0;
  }

  /** The slots of all runs that wait. */
  retry(): void {
    for (const run of [...this.waiting.values()]) {
      this.waiting.delete(run.uid);
      this.start(run);
    }
  }

  /** The claim of the run stands, or the run has ended: it is never taken again. */
  taken(runUid: string): void {
    this.noted(runUid, true);
    this.handed.delete(runUid);
  }

  private start(run: ManualRun): void {
    if (this.waiting.has(run.uid) || this.handed.has(run.uid) || this.noted(run.uid, false)) return;
    const started = this.options.start({ ...run }, slotKey(run.taskUid, run.slot));
    if (started === 'ended') this.taken(run.uid);
    else if (started !== undefined) this.handed.set(run.uid, started);
    else if (this.waiting.size < WAITING_MAX) this.waiting.set(run.uid, run);
    else this.options.log.warn({ run: run.name }, 'too many runs on demand wait for their slot');
  }

  private cancel(request: CancelRequest): void {
    const { runUid, reason = 'Requested' } = request;
    const run = this.waiting.get(runUid);
    if (run === undefined) {
      const handed = this.handed.get(runUid);
      if (!this.options.cancel(request) && handed !== undefined) this.options.withdraw(handed, reason);
      return;
    }
    this.waiting.delete(runUid);
    this.taken(runUid);
    this.options.report(cancelledReport(run, reason, this.options.clock.now()));
  }

  /** True when the run was taken before. With `take`, takes it. */
  private noted(uid: string, take: boolean): boolean {
    const path = join(this.directory, uid);
    try {
      closeSync(openSync(path, take ? 'wx' : 'r', 0o600));
      return !take;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EEXIST') return true;
      if (code === 'ENOENT' && !take) return false;
      this.options.log.error({ run: uid, err: messageOf(error) }, 'a run on demand could not be noted');
      return false;
    }
  }
}

function cancelledReport(run: ManualRun, reason: CancelReason, now: number): RunReport {
  const { uid, name, namespace, task, taskUid, slot, revision, trigger } = run;
  return {
    ...{ uid, name, namespace, task, taskUid, slot, revision, trigger },
    scheduledTime: null,
    schedule: null,
    state: 'Cancelled',
    reason,
    endTime: now,
    attempts: [],
    attempt: 0,
  };
}
