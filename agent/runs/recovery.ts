// What a restarted agent does with the claims of the process before it (rules R3, R5, R6). Every claim in the journal ends
// in exactly one of: adopted, started now, recorded.
import { statSync } from 'node:fs';
import { type Clock, type Instant, type Logger, messageOf } from '../../base/index.js';
import {
  type CoordinationSession,
  type Coordinator,
  isCoordinationError,
  type Layout,
  readTriggerRecord,
  type VersionedRecord,
} from '../../coordination/index.js';
import type { Attempt, RunReport } from '../../manifests/index.js';
import { isFinal } from '../../manifests/index.js';
import type { TaskCache } from '../assignments/task-cache.js';
import type { ClaimWriter } from '../claims/claim-writer.js';
import { requestedRecord } from '../claims/next-record.js';
import type { ClaimIntent, Journal } from '../journal/journal.js';
import { abortLaunch, readStarted } from '../runner/attempt-files.js';
import type { LoadedTask } from '../schedule-loop/loaded-task.js';
import type { ScheduleLoop } from '../schedule-loop/schedule-loop.js';
import { slotKey } from '../schedule-loop/slot.js';
import type { AttemptDirectories } from '../spool/attempt-directories.js';
import type { LogShipper } from '../spool/log-shipper.js';
import { NOT_SENT, type OpenRun, openRun, UNCLAIMED } from './open-run.js';
import { retryDelayMs } from './retry-delay.js';
import type { Runs } from './runs.js';

export interface RecoveryOptions {
  readonly agent: string;
  /** Names this boot of the machine. */
  readonly bootId: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly journal: Journal;
  readonly session: CoordinationSession;
  readonly layout: Layout;
  readonly tasks: TaskCache;
  readonly claims: ClaimWriter;
  readonly loop: ScheduleLoop;
  readonly runs: Runs;
  readonly shipper: LogShipper;
  readonly directories: AttemptDirectories;
  /** A run on demand is in the journal: it is not to be taken again. */
  readonly taken: (runUid: string) => void;
}

export class Recovery {
  private readonly options: RecoveryOptions;
  /** Claims whose fate only the trigger record can tell. */
  private undecided: ClaimIntent[] = [];

  constructor(options: RecoveryOptions) {
    this.options = options;
  }

  /** The part that needs neither coordination nor center: adopts what was started, continues retries, ships what is left. */
  async adopt(): Promise<void> {
    const claims = [...this.options.journal.state.claims.values()];
    const kept = new Set<string>();
    for (const claim of claims) {
      kept.add(this.options.directories.absolute(claim.directory));
      if (typeof claim.point === 'string') this.options.taken(claim.runUid);
      if (claim.recordVersion === NOT_SENT) await this.claimAgain(claim);
      else if (claim.directory !== '' && this.marker(claim) !== undefined) await this.adoptStarted(claim);
      else if (claim.recordVersion === UNCLAIMED) await this.endUnclaimed(claim);
      else this.undecided.push(claim);
    }
    for (const left of await this.options.directories.leftBehind()) {
      if (kept.has(left.directory)) continue;
      const started = readStarted(left.directory);
      if (started === undefined || started.aborted) {
        // Nothing ran here; the attempt may run in another directory, whose output must not be ended by this one.
        this.options.directories.remove(left.directory);
        continue;
      }
      // Its run has ended and is on record; of its output some may be missing at the center.
      this.options.shipper.add({ ...left, isNew: false });
      this.options.shipper.end(left.directory);
    }
    if (claims.length > 0) {
      this.options.log.info({ claims: claims.length, undecided: this.undecided.length }, 'took up earlier claims');
    }
  }

  /** Asks the trigger records about the rest. Before anything else is claimed: a later claim overwrites what they tell. */
  async decide(signal: AbortSignal): Promise<void> {
    const all = this.undecided;
    this.undecided = [];
    await Promise.all(all.map((claim) => this.decideOne(claim, all, signal)));
  }

  private async decideOne(claim: ClaimIntent, all: readonly ClaimIntent[], signal: AbortSignal): Promise<void> {
    const path = this.options.layout.trigger(claim.taskUid, claim.slot);
    const record = await this.read(path, signal);
    const later = all.some(
      (other) =>
        other.taskUid === claim.taskUid && other.slot === claim.slot && other.recordVersion > claim.recordVersion,
    );
    const directoryMade = claim.directory !== '' && this.exists(claim.directory);
    if (record?.record.claimId === claim.claimId || later || directoryMade) return this.resume(claim, record);
    if (record === undefined || record.version !== claim.recordVersion) return this.notApplied(claim);
    // Not applied so far; but the write may still be under way. Only the same conditional write settles it (rule R3).
    const cursor = typeof claim.point === 'number' && claim.attempt <= 1 ? claim.point : record.record.cursor;
    const { ownerEpoch, runs = record.record.runs } = claim;
    const next = { ...requestedRecord(record.record, { ...claim, ownerEpoch }), cursor, runs };
    const outcome = await this.options.claims.claim({ path, known: record, next, intent: claim, dueAt: 0 });
    if (outcome.kind === 'claimed') await this.resume(claim, outcome.record);
    else if (outcome.kind === 'refused') await this.notApplied(claim);
  }

  /** Somebody else moved the record: the claim never held, so nothing was consumed and nothing started. */
  private async notApplied(claim: ClaimIntent): Promise<void> {
    if (claim.attempt <= 1 && typeof claim.point === 'number') this.drop(claim);
    else await this.claimAgain(claim);
  }

  private drop(claim: ClaimIntent): void {
    this.options.journal.append({ type: 'resolved', claimId: claim.claimId, refused: true }).catch((error: unknown) => {
      this.options.log.debug({ err: messageOf(error) }, 'end of a claim could not be noted');
    });
  }

  /** The claim stands and nothing was started so far. */
  private async resume(claim: ClaimIntent, record: VersionedRecord | undefined): Promise<void> {
    if (isFinal(claim.report.state)) {
      return this.options.loop.tell([...(claim.unrun ?? []), claim.report], claim.claimId);
    }
    // Before anything else: a runner that was given it starts it at its time unless the marker is ours, whatever becomes of
    // the run here.
    const directory = this.options.directories.absolute(claim.directory);
    if (this.exists(claim.directory) && abortLaunch(directory) === 'taken') return this.adoptStarted(claim);
    this.options.loop.tell(claim.unrun ?? []);
    const run = await this.rebuild(claim);
    if (run === undefined) return this.options.directories.remove(directory);
    // As it is now: the leader lifts it when the former owner's run has ended.
    if (record !== undefined) run.blocked = record.record.blockedBy !== null;
    const { runs } = this.options;
    if (claim.bootId !== this.options.bootId) {
      runs.table.add(run);
      return runs.finish(run, 'Lost', 'HostRestarted', 'the machine restarted after the claim');
    }
    this.options.directories.remove(directory);
    if (run.startBefore !== undefined && this.options.clock.now() > run.startBefore) {
      runs.table.add(run);
      return runs.finish(run, 'Missed', 'StartingDeadline');
    }
    await runs.relaunch(run);
  }

  /** A start without a claim that did not come about: no record knows of it, and nothing authorises to make up for it. */
  private async endUnclaimed(claim: ClaimIntent): Promise<void> {
    const directory = this.options.directories.absolute(claim.directory);
    if (this.exists(claim.directory) && abortLaunch(directory) === 'taken') return this.adoptStarted(claim);
    this.options.directories.remove(directory);
    const end = { state: 'Missed', reason: 'AgentRestarted', endTime: this.options.clock.now(), attempt: 1 } as const;
    this.options.loop.tell([{ ...claim.report, ...end }], claim.claimId);
  }

  private async adoptStarted(claim: ClaimIntent): Promise<void> {
    this.options.loop.tell(claim.unrun ?? []);
    const run = await this.rebuild(claim);
    if (run !== undefined) this.adoptRun(run, this.options.directories.absolute(claim.directory));
  }

  private adoptRun(run: OpenRun, directory: string): void {
    const started = readStarted(directory) ?? {};
    this.options.runs.adopt(run, {
      ...(started.pid === undefined ? {} : { pid: started.pid }),
      ...(started.startTime === undefined ? {} : { startTime: started.startTime }),
    });
  }

  /** A retry or a run on demand goes on to ask for its claim, with the same claimId. */
  private async claimAgain(claim: ClaimIntent): Promise<void> {
    const run = await this.rebuild(claim);
    if (run === undefined) return;
    if (run.attempt === 1) return this.options.runs.adoptRetry(run, run.startAt);
    const last = run.attempts.at(-1);
    const ended = last?.endTime === undefined ? this.options.clock.now() : Date.parse(last.endTime);
    run.startAt = ended + retryDelayMs(run.uid, run.attempt - 1, run.task.policy.retry);
    this.options.runs.adoptRetry(run, run.startAt);
  }

  /** The run as the earlier process knew it. Without its task (which is cached with the claim's generation, unless the
   * disk lost it) the run can only be recorded. */
  private async rebuild(claim: ClaimIntent): Promise<OpenRun | undefined> {
    const task = await this.options.tasks.get(claim.taskUid);
    if (task === undefined) {
      this.options.loop.tell([this.lostReport(claim)], claim.claimId);
      return undefined;
    }
    const { report } = claim;
    const run = openRun({
      task: { ...task, generation: claim.revision },
      slot: claim.slot,
      slotKey: slotKey(claim.taskUid, claim.slot),
      point: claim.point,
      schedule: report.schedule,
      trigger: report.trigger,
      ...startWindow(claim, task),
      claimId: claim.claimId,
      ...(claim.ownerEpoch === undefined ? {} : { ownerEpoch: claim.ownerEpoch }),
      uid: claim.runUid,
      name: report.name,
      ...(claim.args === undefined ? {} : { args: claim.args }),
      ...(claim.env === undefined ? {} : { env: claim.env }),
      ...(claim.parameters === undefined ? {} : { parameters: claim.parameters }),
      toldTime: claim.toldTime,
    });
    run.attempt = claim.attempt;
    run.recordVersion = claim.recordVersion;
    run.blocked = claim.blocked ?? false;
    run.recovered = true;
    run.unclaimed = claim.recordVersion === UNCLAIMED;
    run.waits = claim.waits ?? false;
    if (run.waits) run.startBefore = undefined;
    run.directory = claim.directory;
    run.turn = Number(claim.directory.split('.')[2] ?? 0);
    run.attempts = report.attempts.map((attempt): Attempt => ({ ...attempt }));
    if (claim.attempt > 1) run.mode = 'waiting';
    return run;
  }

  /** Of a run whose task the disk has lost, most likely with the power. Nothing is started for it any more. */
  private lostReport(claim: ClaimIntent): RunReport {
    const started = claim.directory === '' ? undefined : this.marker(claim);
    const agent = this.options.agent;
    const attempts = [...claim.report.attempts];
    if (started?.startTime !== undefined) {
      const startTime = new Date(started.startTime).toISOString();
      attempts.push({ number: claim.attempt, state: 'Lost', agent, startTime });
    }
    const reason = claim.bootId === this.options.bootId ? 'TaskUnknown' : 'HostRestarted';
    return {
      ...claim.report,
      ...{ state: 'Lost', reason, attempts, attempt: claim.attempt, endTime: this.options.clock.now() },
    };
  }

  private async read(path: string, signal: AbortSignal): Promise<VersionedRecord | undefined> {
    for (;;) {
      signal.throwIfAborted();
      const coordinator: Coordinator = this.options.session.current;
      try {
        await coordinator.connected(signal);
        await coordinator.sync(path);
        return await readTriggerRecord(coordinator, path);
      } catch (error) {
        if (!isCoordinationError(error, 'unknown', 'expired', 'closed')) throw error;
        await this.options.clock.sleep(100, signal);
      }
    }
  }

  private marker(claim: ClaimIntent) {
    const started = readStarted(this.options.directories.absolute(claim.directory));
    // An aborted marker says that nothing ran: the claim itself is still to be decided.
    return started?.aborted ? undefined : started;
  }

  private exists(directory: string): boolean {
    return statSync(this.options.directories.absolute(directory), { throwIfNoEntry: false }) !== undefined;
  }
}

/** When the attempt was to start, and until when it may. */
function startWindow(claim: ClaimIntent, task: LoadedTask): { startAt: Instant; startBefore: Instant | undefined } {
  if (typeof claim.point !== 'number') return { startAt: 0, startBefore: undefined };
  const [point] = task.schedules.between(claim.point - 1, claim.point, 1);
  const startAt = point?.startTime ?? claim.point;
  if (claim.attempt > 1) return { startAt: 0, startBefore: undefined };
  const { catchUpWindowMs, startingDeadlineMs } = task.policy;
  const startBefore = claim.report.trigger === 'CatchUp' ? claim.point + catchUpWindowMs : startAt + startingDeadlineMs;
  return { startAt, startBefore };
}
