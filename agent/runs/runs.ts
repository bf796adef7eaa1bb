// All open runs of this agent, from the claim to the report of their end.
import { type Instant, messageOf, newUid } from '../../base/index.js';
import type { CancelRequest, RunReason, RunReport, RunState } from '../../manifests/index.js';
import type { ClaimIntent, JournalEntry } from '../journal/journal.js';
import { abortLaunch } from '../runner/attempt-files.js';
import type { ExitRecord, LaunchOutcome } from '../runner/runner.js';
import { AttemptDirectories } from '../spool/attempt-directories.js';
import { Admission } from './admission.js';
import { BusyStretches } from './busy-stretches.js';
import { type AttemptEnd, decideEnd, decideRetry, PARTITION, PARTITION_MESSAGE } from './decide-end.js';
import { launchRequest } from './launch-request.js';
import { graceOf, intentOf, isUnused, NOT_SENT, type OpenRun, reportOf, setMode } from './open-run.js';
import { Places } from './places.js';
import { Recorder } from './recorder.js';
import { RunTable, takesRoom } from './run-table.js';
import type { RunsOptions } from './runs-options.js';
import { startFailure } from './start-error.js';

/** A runner that dies each time an attempt is handed over is a defect; the attempt then counts as failed. */
const RELAUNCHES_MAX = 3;

export class Runs {
  readonly table = new RunTable();
  readonly busy = new BusyStretches();
  readonly places: Places;
  private readonly options: RunsOptions;
  private unsubscribe: (() => void) | undefined;
  private ending = false;
  private readonly recorder: Recorder;
  private readonly admission: Admission;

  constructor(options: RunsOptions) {
    this.options = options;
    this.recorder = new Recorder(options);
    const isEnding = () => this.ending;
    this.places = new Places({
      ...{ ...options, isEnding },
      launch: (run) => this.launch(run),
      expire: (run) => this.finish(run, 'Missed', 'StartingDeadline'),
      recordWait: (run, state, reason) => this.recordWait(run, state, reason),
    });
    this.admission = new Admission({
      ...{ ...options, isEnding, table: this.table },
      launch: (run) => this.places.launch(run),
      wakeAt: (run, at) => this.wakeAt(run, at),
      cancel: (run, reason) => this.cancel(run.uid, reason),
      skip: (run, reason) => this.finish(run, 'Skipped', reason),
      recordWait: (run, state) => this.recordWait(run, state),
    });
  }

  start(): void {
    this.unsubscribe = this.options.runner.onExit((directory, exit) => this.exited(directory, exit));
  }

  stop(): void {
    this.unsubscribe?.();
  }

  /** The runner is about to be ended with everything it runs. A launch that does not come about now is left, claimed, to the
   * next start of the agent; what is killed is Cancelled because of this, not on anybody's request. */
  prepareEnd(): void {
    this.ending = true;
    for (const run of this.table.values()) run.cancelReason ??= 'AgentStopped';
  }

  /** Resolves when every end so far is on its way to the center. */
  settled(): Promise<void> {
    return this.recorder.settled();
  }

  /** The claim of the run's next attempt succeeded. Runs in order of their time points, for each slot. */
  claimed(run: OpenRun): void {
    if (typeof run.point === 'string') this.options.taken(run.uid);
    if (run.mode === 'ended') {
      this.recorder.forgetClaim(run); // cancelled while the claim was under way
      return;
    }
    this.table.add(run);
    run.since = this.options.clock.now();
    const { uid, task, slot, point, attempt } = run;
    this.options.events.emit('claimed', { runUid: uid, taskUid: task.uid, slot, point, attempt });
    if (run.cancelReason !== undefined) this.finish(run, 'Cancelled', run.cancelReason);
    else if (run.mode === 'waiting') this.places.launch(run);
    else this.wakeAt(run, run.startAt - this.places.handoverMs);
  }

  /** What the journal keeps of the claim of a run; `unrun`: what the same compare-and-set consumes without running it;
   * `count`: of runs, as it is to write it (maxRuns). */
  intentOf(run: OpenRun, unrun?: readonly RunReport[], count?: number): ClaimIntent {
    return intentOf(run, this.options.bootId, unrun, count);
  }

  /** Ends a run on request. False when there is no such run here. */
  cancel(runUid: string, reason: RunReason = 'Requested'): boolean {
    const run = this.table.get(runUid);
    if (run === undefined) return false;
    if (run.cancelReason !== undefined && run.cancelReason !== PARTITION) return true;
    run.cancelReason = reason;
    if (run.mode === 'running' || (run.mode === 'launching' && this.options.packages?.isWaiting(run) !== true)) {
      // While launching it may start at any moment; `launched` asks again then.
      this.options.runner.cancel(this.absolute(run), graceOf(run));
    } else this.finish(run, 'Cancelled', reason);
    return true;
  }

  /** The center asks, perhaps again with less patience; more changes nothing. False when there is no such run here. */
  cancelRequested({ runUid, gracePeriodMs: graceMs, reason }: CancelRequest): boolean {
    const run = this.table.get(runUid);
    if (run === undefined) return false;
    const again = run.cancelReason !== undefined && run.cancelReason !== PARTITION;
    if (graceMs !== undefined && (!again || graceMs < graceOf(run))) {
      run.cancelGraceMs = graceMs;
      if (again && takesRoom(run.mode)) this.options.runner.cancel(this.absolute(run), graceMs);
    }
    return this.cancel(runUid, reason);
  }

  /** The agent is cut off: what partitionPolicy Kill forbids to run beside a next owner ends now, or never starts. */
  endCutOff(graceMs: number): void {
    for (const run of [...this.table.values()]) {
      if (run.task.policy.partitionPolicy !== 'Kill') continue;
      if (run.mode === 'claimed' || run.mode === 'unplaced') this.notStarted(run);
      if (run.mode !== 'running' && run.mode !== 'launching') continue;
      run.cancelReason ??= PARTITION;
      // Also when it was asked to end before: that may have allowed it more time than there is.
      this.options.runner.cancel(this.absolute(run), Math.min(graceMs, graceOf(run)));
    }
  }

  /** The run can never be claimed: the slot belongs to another agent now. */
  abandon(run: OpenRun): void {
    if (run.mode === 'ended') return;
    if (typeof run.point === 'number' && run.mode === 'waiting') {
      this.giveAway(run);
      return;
    }
    const message = 'the slot moved to another agent before this agent could claim the attempt';
    const last = run.attempts.at(-1);
    if (last === undefined) this.finish(run, 'Missed', 'OwnerChanged', message);
    else this.finish(run, last.state === 'TimedOut' ? 'TimedOut' : 'Failed', last.reason, message);
  }

  /** The next attempt is the next owner's (rule R10): the center has the run as Pending, or will have it from the reports that
   * wait, and gives it on. Here nothing more is said of it. */
  giveAway(run: OpenRun): void {
    this.forget(run);
    this.recorder.forgetClaim(run);
    this.options.events.emit('givenAway', { runUid: run.uid, slotKey: run.slotKey, attempt: run.attempt });
    this.admission.startNext(run.slotKey);
    this.options.slotFreed(run.slotKey, false);
    this.places.fill();
  }

  /** Takes up an attempt that an earlier process of this agent launched: it runs, or has ended. */
  adopt(run: OpenRun, started: { pid?: number; startTime?: Instant }): void {
    this.table.add(run);
    this.places.hold(run);
    if (run.mode === 'claimed' || run.mode === 'waiting') setMode(run, 'launching');
    run.since = started.startTime ?? run.startAt;
    this.busy.begin(run, run.since);
    this.noteStart(run, started.pid, started.startTime ?? run.startAt, false);
    this.options.runner.watch(this.absolute(run));
  }

  /** Takes up a retry that waited when an earlier process ended. */
  adoptRetry(run: OpenRun, dueAt: Instant): void {
    this.table.add(run);
    run.wake = this.options.timers.add(dueAt, () => this.options.requestClaim(run));
  }

  private wakeAt(run: OpenRun, at: Instant): void {
    // Also when it is overdue: a herd is launched in slices, in the order of time.
    run.wake = this.options.timers.add(at, () => this.admission.admit(run));
  }

  private launch(run: OpenRun): void {
    setMode(run, 'launching');
    run.since = this.options.clock.now();
    if (run.task.policy.partitionPolicy === 'Kill' && this.options.isCutOff()) {
      this.notStarted(run);
      return;
    }
    this.busy.begin(run, Math.max(run.since, run.startAt));
    const fetched = this.options.packages?.waitFor(run);
    if (fetched === undefined) this.handOver(run);
    else void fetched.then((problem) => this.packageCame(run, problem));
  }

  /** The package is there, or (`problem`) cannot be in time. */
  private packageCame(run: OpenRun, problem: string | undefined): void {
    if (run.mode !== 'launching' || this.ending) return;
    if (run.cancelReason === PARTITION) this.notStarted(run);
    else if (problem !== undefined) this.startFailed(run, 'Package', problem);
    else this.handOver(run);
  }

  private handOver(run: OpenRun): void {
    const { clock, launch, packages } = this.options;
    let launched: Promise<LaunchOutcome>;
    try {
      const directory = this.options.directories.make(run.directory);
      this.table.setDirectory(run, directory);
      const request = launchRequest(run, directory, launch, clock.monotonic(), packages?.directoryOf(run));
      launched = this.options.runner.launch(request);
    } catch (error) {
      // The disk refuses the attempt's directory or script: known, before anything could start.
      this.startFailed(run, (error as NodeJS.ErrnoException).code ?? 'Error', messageOf(error));
      return;
    }
    launched.then(
      (outcome) => this.launched(run, outcome),
      (error: unknown) => this.launchUnknown(run, error),
    );
  }

  private launched(run: OpenRun, outcome: LaunchOutcome): void {
    if (run.mode !== 'launching') return;
    if (this.ending && outcome.kind === 'aborted') return;
    if (outcome.kind === 'started') this.noteStart(run, outcome.pid, outcome.startTime, true);
    else if (outcome.kind === 'failed') this.startFailed(run, outcome.code, outcome.message);
    else if (outcome.kind === 'tooLate') this.finish(run, 'Missed', 'StartingDeadline');
    else if (run.cancelReason === PARTITION) this.notStarted(run);
    else if (run.cancelReason !== undefined) this.finish(run, 'Cancelled', run.cancelReason);
    else this.finish(run, 'Lost', 'Aborted', 'the launch was aborted before anything started');
  }

  /** The runner died with the launch. Whoever makes the marker decides (rule R5): with it in our hands nothing was started
   * and nothing will be, so another runner may get the attempt, in another directory. */
  private launchUnknown(run: OpenRun, error: unknown): void {
    if (run.mode !== 'launching' || this.ending) return;
    const directory = this.absolute(run);
    this.options.log.warn({ run: run.name, err: messageOf(error) }, 'the runner died during a launch');
    if (abortLaunch(directory) === 'taken') {
      this.noteStart(run, undefined, this.options.clock.now(), true);
      this.options.runner.watch(directory);
      return;
    }
    if (run.turn >= RELAUNCHES_MAX) this.startFailed(run, 'RunnerDied', 'the runner died again and again');
    else void this.relaunch(run).finally(() => this.options.directories.remove(directory));
  }

  /** Gives the attempt another directory. The journal learns it before anything can start there: otherwise a restart would
   * look at the old one, find that nothing was started, and start it again. */
  async relaunch(run: OpenRun): Promise<void> {
    run.turn += 1;
    run.directory = AttemptDirectories.relative(run.uid, run.attempt, run.turn);
    try {
      await this.options.journal.append({ type: 'claim', claim: this.intentOf(run) });
    } catch (error) {
      this.startFailed(run, 'Journal', messageOf(error));
      return;
    }
    if (run.mode === 'launching') this.launch(run);
    else this.claimed(run);
  }

  private noteStart(run: OpenRun, pid: number | undefined, startTime: Instant, isNew: boolean): void {
    setMode(run, 'running');
    const directory = this.absolute(run);
    this.table.setDirectory(run, directory);
    run.attempts.push({
      number: run.attempt,
      state: 'Running',
      agent: this.options.agent,
      startTime: new Date(startTime).toISOString(),
      ...(pid === undefined ? {} : { pid }),
    });
    this.options.shipper.add({ runUid: run.uid, taskUid: run.task.uid, attempt: run.attempt, directory, isNew });
    this.options.reports.put(reportOf(run, 'Running'));
    this.options.events.emit('started', {
      runUid: run.uid,
      taskUid: run.task.uid,
      attempt: run.attempt,
      pid: pid ?? 0,
      startTime,
      startAt: run.startAt,
    });
    if (run.cancelReason !== undefined) this.options.runner.cancel(directory, graceOf(run));
    if (run.earlyExit !== undefined) this.exited(directory, run.earlyExit);
  }

  private notStarted(run: OpenRun): void {
    run.cancelReason = undefined;
    if (run.attempt === 1) this.finish(run, 'Missed', PARTITION, PARTITION_MESSAGE);
    else this.startFailed(run, PARTITION, PARTITION_MESSAGE);
  }

  /** An attempt that is handed over ahead of its time fails at its time all the same: the next one follows that by its
   * backoff, and so never comes before the time point. */
  private startFailed(run: OpenRun, code: string, message: string): void {
    const endTime = Math.max(this.options.clock.now(), run.startAt);
    const time = new Date(endTime).toISOString();
    const { agent } = this.options;
    run.attempts.push({ number: run.attempt, state: 'Failed', agent, startTime: time, endTime: time });
    // The empty log has an end too, for those who follow it.
    const directory = this.absolute(run);
    this.options.shipper.add({ runUid: run.uid, taskUid: run.task.uid, attempt: run.attempt, directory, isNew: true });
    this.attemptEnded(run, startFailure(run, code, message), endTime);
  }

  private exited(directory: string, exit: ExitRecord): void {
    const run = this.table.atDirectory(directory);
    if (run === undefined) return;
    if (run.mode === 'launching') {
      run.earlyExit = exit;
      return;
    }
    if (run.mode !== 'running') return;
    if (exit.neverStarted) {
      const { code, message } = exit.startError ?? { code: 'Aborted', message: 'nothing was started' };
      this.attemptEnded(run, startFailure(run, code, message), exit.endTime);
    } else {
      const end = decideEnd(exit, run.cancelReason);
      if (run.cancelReason === PARTITION) run.cancelReason = undefined; // the next attempt is another matter
      this.attemptEnded(run, end, exit.endTime);
    }
  }

  private attemptEnded(run: OpenRun, end: AttemptEnd, endTime = this.options.clock.now()): void {
    const last = run.attempts.at(-1)!;
    Object.assign(last, end, { endTime: new Date(endTime).toISOString() });
    const retryMs =
      run.cancelReason === undefined ? decideRetry(end, run.uid, run.attempt, run.task.policy.retry) : undefined;
    if (retryMs === undefined) this.finish(run, end.state, end.reason, end.message, endTime);
    else this.waitForRetry(run, endTime + retryMs);
  }

  /** The next attempt's claim goes into the journal unsent, so that a restart continues the retry. */
  private waitForRetry(run: OpenRun, dueAt: Instant): void {
    const directory = this.absolute(run);
    const resolved = run.claimId;
    setMode(run, 'waiting');
    this.places.leave(run);
    run.attempt += 1;
    run.turn = 0;
    run.unclaimed = false;
    run.claimId = newUid();
    run.recordVersion = NOT_SENT;
    run.directory = AttemptDirectories.relative(run.uid, run.attempt);
    run.startAt = dueAt;
    run.startBefore = undefined;
    run.earlyExit = undefined;
    this.table.setDirectory(run, undefined);
    const report = reportOf(run, 'Pending', { reason: 'Retry' });
    const claim: JournalEntry = { type: 'claim', claim: { ...this.intentOf(run), report } };
    this.recorder.record(report, [claim, { type: 'resolved', claimId: resolved }], directory, () => {
      this.options.shipper.end(directory);
      // Not before: with the earlier claim still in the journal a restart would continue from there and start the next
      // attempt a second time.
      if (run.mode === 'waiting') this.adoptRetry(run, dueAt);
    });
    const othersWait = this.table.ofSlot(run.slotKey).some((other) => other !== run && other.mode === 'waiting');
    if (othersWait) this.options.slotFreed(run.slotKey, false);
    this.places.fill();
  }

  /** Brings the run to its final state. */
  finish(
    run: OpenRun,
    state: RunState,
    reason?: RunReason,
    message?: string,
    endTime = this.options.clock.now(),
  ): void {
    if (typeof run.point === 'string') this.options.taken(run.uid);
    const directory = this.absolute(run);
    const wasStarted = run.attempts.length > 0 && run.attempts.at(-1)?.number === run.attempt;
    const wasMade = run.mode !== 'claimed' && run.mode !== 'waiting';
    this.forget(run);
    const report = reportOf(run, state, { reason, message, endTime });
    this.recorder.record(report, [{ type: 'resolved', claimId: run.claimId }], directory, () => {
      if (wasStarted) this.options.shipper.end(directory);
      else if (wasMade) this.options.directories.remove(directory);
      this.options.events.emit('ended', report);
    });
    this.admission.startNext(run.slotKey);
    this.options.slotFreed(run.slotKey, isUnused(run, state));
    this.places.fill();
  }

  private forget(run: OpenRun): void {
    setMode(run, 'ended');
    this.places.leave(run);
    this.busy.end(run, this.options.clock.now());
    this.options.packages?.forget(run);
    this.options.timers.cancel(run.wake);
    this.table.remove(run);
  }

  private recordWait(run: OpenRun, state: RunState, reason?: RunReason): void {
    const claim: JournalEntry = { type: 'claim', claim: this.intentOf(run) };
    this.recorder.record(reportOf(run, state, { reason }), [claim], this.absolute(run), () => undefined);
  }

  private absolute(run: OpenRun): string {
    return this.options.directories.absolute(run.directory);
  }
}
