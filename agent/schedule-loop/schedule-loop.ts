// Turns time points into claims: one heap, one timer, and for each slot one compare-and-set at a time.
import { Backoff, type Instant, messageOf } from '../../base/index.js';
import type { TriggerRecord, VersionedRecord } from '../../coordination/index.js';
import type { ManualRun, RunReport } from '../../manifests/index.js';
import type { ClaimOutcome } from '../claims/claim-writer.js';
import { judgeRequest, requestedRecord } from '../claims/next-record.js';
import type { ClaimIntent } from '../journal/journal.js';
import { consumedUpTo } from '../restore/consumed-points.js';
import type { OpenRun } from '../runs/open-run.js';
import { unrunReport } from '../runs/unrun-report.js';
import { type ClaimPlan, decideClaim } from './decide-claim.js';
import { decideLateClaim, type RunPlan } from './decide-due.js';
import type { LoadedTask } from './loaded-task.js';
import {
  manualRunOf,
  noteDue,
  type PlannedClaim,
  plannedRecord,
  runOf,
  unrunIntent,
  unrunOf,
} from './planned-claim.js';
import { recordUnrun } from './record-unrun.js';
import { countWithOneMore, takeMiscount } from './run-count.js';
import type { ScheduleLoopOptions } from './schedule-loop-options.js';
import type { InFlight, Slot } from './slot.js';
import { endWithoutWord, noteResumption, restOf } from './suspension.js';
import { isBehind, type SlotSteps } from './unclaimed-starts.js';

/** Time points of a suspended task are recorded together, at most this often. */
const SUSPENDED_BATCH_MS = 10_000;
/** A claim that the journal could not take is tried again after this. */
const JOURNAL_RETRY_MS = 1000;
/** Refusals of a record that nobody has changed (no rights, say) do not pass by asking at once. */
const REFUSED_INITIAL_MS = 100;
const REFUSED_MAX_MS = 5000;

/** How soon a retry that waits for a run of a former owner looks at the record again. */
const BLOCK_LOOK_MS = 1000;

const CLAIM_UNKNOWN = 'the attempt was claimed before, and nothing is known of it here';

export class ScheduleLoop {
  private readonly options: ScheduleLoopOptions;
  private readonly slots = new Map<string, Slot>();
  /** Slots that wanted to claim while nothing may be claimed. */
  private readonly parked = new Set<Slot>();
  /** Runs that want a claim in a slot that is not scheduled here (yet), by slot. */
  private readonly homeless = new Map<string, OpenRun[]>();
  /** Which slots are ours; undefined until the allocation is known in full. */
  private ours: ((slotKey: string) => boolean) | undefined;

  constructor(options: ScheduleLoopOptions) {
    this.options = options;
  }

  get(slotKey: string): Slot | undefined {
    return this.slots.get(slotKey);
  }

  /** Takes up a slot, or goes on with it after its task or record changed. */
  ready(slot: Slot, task: LoadedTask, known: VersionedRecord): void {
    if (slot.mode === 'dropped') return;
    slot.task = task;
    this.slots.set(slot.key, slot);
    const waiting = this.homeless.get(slot.key);
    if (waiting !== undefined) slot.requests.push(...waiting);
    this.homeless.delete(slot.key);
    if (slot.mode === 'claiming') return; // the outcome of the claim brings the record up to date
    slot.known = known;
    slot.mode = 'ready';
    this.pump(slot);
  }

  /** The tasks that are scheduled here. */
  *tasks(): Generator<LoadedTask> {
    for (const { task } of this.slots.values()) if (task !== undefined) yield task;
  }

  drop(slot: Slot): void {
    slot.mode = 'dropped';
    this.options.timers.cancel(slot.wake);
    this.options.timers.cancel(slot.lookAgain);
    slot.lookAgain = undefined;
    this.parked.delete(slot);
    this.options.runs.busy.forget(slot.key);
    if (this.slots.get(slot.key) === slot) this.slots.delete(slot.key);
    for (const run of slot.requests.splice(0)) this.request(run);
  }

  /** The next attempt of a run wants its claim. */
  request(run: OpenRun): void {
    const slot = this.slots.get(run.slotKey);
    if (slot !== undefined) {
      slot.requests.push(run);
      this.pump(slot);
      return;
    }
    // The slot may have moved while the retry waited: nothing would look at it again before the next change of the list.
    if (this.isForeign(run.slotKey)) {
      this.options.runs.abandon(run);
      return;
    }
    const waiting = this.homeless.get(run.slotKey);
    if (waiting === undefined) this.homeless.set(run.slotKey, [run]);
    else waiting.push(run);
  }

  /** The allocation is known in full: what waits for a slot that is not ours waits in vain, now and later. */
  abandonHomeless(ours: (slotKey: string) => boolean): void {
    this.ours = ours;
    for (const [key, runs] of this.homeless) {
      if (ours(key)) continue;
      this.homeless.delete(key);
      for (const run of runs) this.options.runs.abandon(run);
    }
  }

  /** The allocation is known, and this slot is not in it. */
  isForeign(slotKey: string): boolean {
    return this.ours?.(slotKey) === false;
  }

  /** A run on demand. undefined when the slot is not scheduled here (yet). */
  startManual(manual: ManualRun, slotKey: string): OpenRun | undefined {
    const slot = this.slots.get(slotKey);
    if (slot?.task === undefined) return undefined;
    const run = manualRunOf(slot, slot.task, manual, this.options.clock.now());
    slot.requests.push(run);
    this.pump(slot);
    return run;
  }

  /** What kept the loop from claiming may be gone. */
  resume(): void {
    const now = this.options.clock.now();
    for (const slot of this.parked) {
      this.options.timers.cancel(slot.wake);
      slot.wake = this.options.timers.add(now, () => this.pump(slot)); // in slices
    }
    this.parked.clear();
  }

  /** Coordination has been out of reach for long: some slots go on without it, some of them in the middle of a claim. */
  cutOff(): void {
    const now = this.options.clock.now();
    for (const slot of this.slots.values()) {
      // Those that wait for a time of their own know already. In slices.
      if ((slot.wake?.index ?? -1) >= 0) continue;
      if (this.options.unclaimed.takes(slot)) slot.wake = this.options.timers.add(now, () => this.pump(slot));
      else this.lookAtEnd(slot);
    }
  }

  /** A run of the slot has ended. `unused`: a time point was given to it, and no process came of that. */
  freed(slotKey: string, unused: boolean): void {
    const slot = this.slots.get(slotKey);
    if (slot === undefined) return;
    if (unused) slot.unused += 1;
    this.pump(slot);
  }

  /** One step of a slot: claims, or sets the wake-up for when there is something to claim. */
  private pump(slot: Slot): void {
    const { task, known } = slot;
    if (task !== undefined && known !== undefined && this.options.unclaimed.takes(slot)) {
      this.options.unclaimed.step(slot, known, this.stepsOf(slot, task, known));
      return;
    }
    if (slot.mode !== 'ready' || task === undefined || known === undefined) return;
    this.options.timers.cancel(slot.wake);
    slot.wake = undefined;
    if (task.generation !== known.record.revision) {
      this.moved(slot);
      return;
    }
    if (!this.options.mayClaim()) {
      this.parked.add(slot);
      this.lookAtEnd(slot);
      return;
    }
    const requested = this.nextRequest(slot, known.record);
    if (requested !== undefined) this.claimRequested(slot, requested, known);
    else this.claimDue(slot, task, known);
  }

  /** Where it is gone on without claims, the end of a suspension is the one thing that nobody tells a parked slot. */
  private lookAtEnd(slot: Slot): void {
    const end = endWithoutWord(slot, this.options.clock.now());
    if (end !== undefined) slot.wake = this.options.timers.add(end, () => this.pump(slot));
  }

  private claimDue(slot: Slot, task: LoadedTask, known: VersionedRecord): void {
    const consumed = consumedUpTo(this.options.journal, this.options.runs.table, slot.key);
    const runs = takeMiscount(slot, known.record);
    const behind = isBehind(task, known, consumed);
    if (behind || runs !== undefined) {
      this.rewrite(slot, known, { ...(behind ? { cursor: consumed } : {}), ...(runs === undefined ? {} : { runs }) });
      return;
    }
    const plan = this.planOf(slot, task, known, Math.max(known.record.cursor, consumed), this.options.lead.ms);
    if (plan.kind === 'wait') slot.wake = this.options.timers.add(plan.until, () => this.pump(slot));
    else if (plan.kind === 'claim') this.claimPlanned(slot, plan, task, known, this.options.clock.now());
  }

  private planOf(slot: Slot, task: LoadedTask, known: VersionedRecord, after: Instant, leadMs: number): ClaimPlan {
    return decideClaim(
      {
        after,
        ...restOf(slot, known.record, this.options.clock.now()),
        aheadUntil: slot.aheadUntil,
        nextBatchAt: slot.nextBatchAt,
        leadMs,
        policy: task.policy,
        limit: task.policy.runsAtOnce,
        active: this.options.runs.table.active(slot.key),
        busy: this.options.runs.busy.of(slot.key),
      },
      task.schedules,
      this.options.clock.now(),
    );
  }

  private stepsOf(slot: Slot, task: LoadedTask, known: VersionedRecord): SlotSteps {
    return {
      plan: (after, leadMs) => this.planOf(slot, task, known, after, leadMs),
      run: (plan) => plan.run && runOf(slot, task, plan.run, known, this.options.clock),
      unrun: (plan) => unrunOf(slot, task, plan, this.options.clock.now()),
      again: () => this.pump(slot),
    };
  }

  private rewrite(slot: Slot, known: VersionedRecord, change: Partial<TriggerRecord>): void {
    slot.mode = 'claiming';
    void this.options.unclaimed.rewrite(slot, known, change).then((written) => {
      if ((slot.mode as Slot['mode']) === 'dropped') return;
      slot.mode = 'ready';
      if (written !== undefined) slot.known = written;
      if (written === undefined) this.moved(slot);
      else this.pump(slot);
    });
  }

  /** The first that may be claimed now. Others stay: the end of a run, or what the leader writes, brings the next look. */
  private nextRequest(slot: Slot, record: TriggerRecord): OpenRun | undefined {
    for (const run of [...slot.requests]) {
      const overlap = run.task.policy.runsAtOnce === Number.POSITIVE_INFINITY;
      const verdict = run.mode === 'ended' ? 'void' : judgeRequest(record, { ...run, overlap });
      if (verdict === 'wait') this.lookAgainSoon(slot);
      if (verdict === 'wait' || (verdict === 'claim' && !this.options.runs.table.hasRoom(run))) continue;
      slot.requests.splice(slot.requests.indexOf(run), 1);
      if (verdict === 'claim') return run;
      if (run.mode !== 'ended') this.options.runs.finish(run, 'Lost', 'ClaimUnknown', CLAIM_UNKNOWN);
    }
    return undefined;
  }

  /** A block that the leader lifts changes the record only; a slot that claims nothing by schedule would not see it. */
  private lookAgainSoon(slot: Slot): void {
    slot.lookAgain ??= this.options.timers.add(this.options.clock.now() + BLOCK_LOOK_MS, () => {
      slot.lookAgain = undefined;
      if (slot.mode === 'ready' && slot.requests.length > 0) this.moved(slot);
    });
  }

  private claimRequested(slot: Slot, run: OpenRun, known: VersionedRecord): void {
    run.recordVersion = known.version;
    run.blocked = known.record.blockedBy !== null;
    run.ownerEpoch = known.record.ownerEpoch;
    noteDue(run, this.options.clock);
    const next = requestedRecord(known.record, run);
    const startAt = run.startAt;
    this.send(slot, known, next, this.options.runs.intentOf(run), startAt, (outcome) => {
      if (outcome.kind === 'claimed') this.options.runs.claimed(run);
      else if (outcome.kind !== 'stopped') slot.requests.unshift(run); // same claimId, on the record as it is then
    });
  }

  private claimPlanned(slot: Slot, plan: PlannedClaim, task: LoadedTask, known: VersionedRecord, now: Instant): void {
    const unrun = unrunOf(slot, task, plan, this.options.clock.now());
    const run = plan.run && runOf(slot, task, plan.run, known, this.options.clock);
    const runs = run && countWithOneMore(slot, known.record);
    const intent = run === undefined ? unrunIntent(slot, unrun, known) : this.options.runs.intentOf(run, unrun, runs);
    const next = plannedRecord(known.record, plan, intent);
    const { unused } = slot;
    const dueAt = plan.run?.point.startTime ?? now;
    if (restOf(slot, known.record, now).suspendedUntil > now) slot.nextBatchAt = now + SUSPENDED_BATCH_MS;
    const inFlight: InFlight = { claimId: intent.claimId, cursor: plan.cursor, run, unrun, settledHere: false };
    slot.inFlight = inFlight;
    this.send(slot, known, next, intent, dueAt, (outcome) => {
      slot.inFlight = undefined;
      if (outcome.kind !== 'claimed' || inFlight.settledHere) return;
      if (runs !== undefined) slot.unused -= unused; // the record is without them now
      recordUnrun(this.options, unrun, run === undefined ? intent.claimId : undefined);
      if (run !== undefined && plan.run !== undefined) this.admitClaimed(slot, task, run, plan.run);
    });
  }

  /** The run is authorised; unless the claim took so long that its deadline has passed. */
  private admitClaimed(slot: Slot, task: LoadedTask, run: OpenRun, plan: RunPlan): void {
    slot.aheadUntil = plan.point.startTime;
    const now = this.options.clock.now();
    if (plan.point.startTime > now - this.options.lead.ms) this.options.lead.observe(plan.point.startTime - now);
    const laterDue = (task.schedules.next(plan.point.time)?.time ?? Number.POSITIVE_INFINITY) <= now;
    const decided = decideLateClaim(plan, laterDue, now, task.policy);
    if ('state' in decided) {
      if (task.policy.maxRuns !== undefined) slot.unused += 1;
      recordUnrun(this.options, [unrunReport(task, run.slot, decided, now)], run.claimId);
      return;
    }
    run.startBefore = decided.startBefore;
    this.options.runs.claimed(run);
  }

  private send(
    slot: Slot,
    known: VersionedRecord,
    next: TriggerRecord,
    intent: ClaimIntent,
    dueAt: Instant,
    settled: (outcome: ClaimOutcome) => void,
  ): void {
    slot.mode = 'claiming';
    const { path } = slot;
    void this.options.claims.claim({ path, known, next, intent, dueAt }).then((outcome) => {
      const dropped = (slot.mode as Slot['mode']) === 'dropped';
      if (!dropped) slot.mode = 'ready';
      // What the leader wrote after the claim may have been read before the claim's reply came.
      const newer = outcome.kind === 'claimed' && outcome.record.version > (slot.known?.version ?? -1);
      if (newer) slot.known = outcome.record;
      // First what the claim authorises, then the next step, which must see it.
      settled(outcome);
      if (dropped) return this.drop(slot);
      if (outcome.kind === 'claimed') this.goOn(slot, outcome.record);
      else if (outcome.kind === 'refused') this.refused(slot, outcome.record);
      else if (outcome.kind === 'notWritten') this.notWritten(slot, outcome.error);
    });
  }

  /** A claim whose reply was lost may have been followed by a change of owner before it was looked for. */
  private goOn(slot: Slot, current: VersionedRecord): void {
    slot.refusals = undefined;
    if (current.record.owner === this.options.agent) this.pump(slot);
    else this.moved(slot);
  }

  private refused(slot: Slot, current: VersionedRecord | undefined): void {
    if (current === undefined || current.record.owner !== this.options.agent) {
      this.moved(slot);
      return;
    }
    const changed = slot.known?.version !== current.version;
    this.adopt(slot, current);
    if (changed) {
      slot.refusals = undefined;
      this.pump(slot);
      return;
    }
    slot.refusals ??= new Backoff({ initialMs: REFUSED_INITIAL_MS, maxMs: REFUSED_MAX_MS });
    const delayMs = slot.refusals.next();
    this.options.log.warn({ task: slot.entry.taskUid, delayMs }, 'a claim was refused though its record is unchanged');
    this.pauseFor(slot, delayMs);
  }

  private moved(slot: Slot): void {
    slot.mode = 'loading';
    this.options.recordMoved(slot);
  }

  private notWritten(slot: Slot, error: unknown): void {
    this.options.log.error({ task: slot.entry.taskUid, err: messageOf(error) }, 'the journal could not take a claim');
    this.pauseFor(slot, JOURNAL_RETRY_MS);
  }

  private pauseFor(slot: Slot, delayMs: number): void {
    slot.wake = this.options.timers.add(this.options.clock.now() + delayMs, () => this.pump(slot));
  }

  /**
   * Notes what somebody else wrote into the record. What an edit or a resumption makes of earlier time points is the
   * leader's word: it moves the cursor and records what it passes over. What it left over of a suspension is skipped here.
   */
  adopt(slot: Slot, current: VersionedRecord): void {
    noteResumption(slot, current);
    slot.known = current;
  }

  /** Reports of time points that still have to be told, by recovery. `claimId`: the claim that is settled with them. */
  tell(reports: readonly RunReport[], claimId?: string): void {
    recordUnrun(this.options, reports, claimId);
  }
}
