// partitionPolicy: Continue. While ZooKeeper cannot be reached the agent that owned a slot last starts its time points without
// claims: whether the slot has another owner by now, nobody can tell it (guarantee 1 is what the user has given for this). What
// was started so is in the journal like a claim, so that this agent at least starts nothing twice; it is recorded as Unclaimed;
// and the cursor is brought forward before the first claim afterwards.
import { type Clock, type Logger, messageOf, newUid } from '../../base/index.js';
import {
  type CoordinationSession,
  encodeTriggerRecord,
  isCoordinationError,
  recordSuspensionEnd,
  type TriggerRecord,
  type VersionedRecord,
} from '../../coordination/index.js';
import type { RunReport } from '../../manifests/index.js';
import type { Journal, JournalEntry } from '../journal/journal.js';
import type { ReportSender } from '../reports/report-sender.js';
import { consumedUpTo } from '../restore/consumed-points.js';
import { type OpenRun, UNCLAIMED } from '../runs/open-run.js';
import type { Runs } from '../runs/runs.js';
import { AttemptDirectories } from '../spool/attempt-directories.js';
import type { ClaimPlan } from './decide-claim.js';
import type { LoadedTask } from './loaded-task.js';
import type { InFlight, Slot } from './slot.js';
import type { TimerQueue } from './timer-queue.js';

/** What the journal could not take is tried again after this. */
const RETRY_MS = 1000;

export interface UnclaimedStartsOptions {
  readonly agent: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly timers: TimerQueue;
  readonly session: CoordinationSession;
  readonly journal: Journal;
  readonly reports: Pick<ReportSender, 'put'>;
  readonly runs: Runs;
  /** Coordination has been out of reach for so long that it is gone on without it, and nothing else forbids to start. */
  readonly mayStart: () => boolean;
}

/** What the loop does for one slot. */
export interface SlotSteps {
  /** What is to be done with the slot now, its claims running ahead by `leadMs`, when time points up to `after` are consumed. */
  plan(after: number, leadMs: number): ClaimPlan;
  run(plan: Extract<ClaimPlan, { kind: 'claim' }>): OpenRun | undefined;
  unrun(plan: Extract<ClaimPlan, { kind: 'claim' }>): RunReport[];
  /** Looks at the slot again. */
  again(): void;
}

export class UnclaimedStarts {
  private readonly options: UnclaimedStartsOptions;

  constructor(options: UnclaimedStartsOptions) {
    this.options = options;
  }

  /** True when the slot goes on without claims for now. */
  takes({ task, known, mode }: Slot): boolean {
    if (task?.policy.partitionPolicy !== 'Continue' || known === undefined) return false;
    const { owner, revision } = known.record;
    const fires = recordSuspensionEnd(known.record) <= this.options.clock.now();
    const ours = owner === this.options.agent && revision === task.generation && fires;
    return ours && (mode === 'ready' || mode === 'claiming') && this.options.mayStart();
  }

  /** One step of such a slot: starts, records, or sets the wake-up. */
  step(slot: Slot, known: VersionedRecord, steps: SlotSteps): void {
    if (slot.noting) return;
    this.options.timers.cancel(slot.wake);
    slot.wake = undefined;
    const { inFlight } = slot;
    if (inFlight !== undefined && !inFlight.settledHere) {
      inFlight.settledHere = true;
      this.note(slot, inFlight.cursor, inFlight.run, inFlight.unrun, steps, inFlight);
      return;
    }
    const consumed = consumedUpTo(this.options.journal, this.options.runs.table, slot.key);
    const plan = steps.plan(Math.max(known.record.cursor, consumed), 0);
    if (plan.kind === 'wait') slot.wake = this.options.timers.add(plan.until, () => steps.again());
    if (plan.kind === 'claim') this.note(slot, plan.cursor, steps.run(plan), steps.unrun(plan), steps);
  }

  /** Corrects the record without a claim: brings forward the cursor, so that what was started without one is not started by the next
   * owner, or takes off the count of runs what came to nothing. undefined: the record is another one by now. */
  async rewrite(
    slot: Slot,
    known: VersionedRecord,
    change: Pick<Partial<TriggerRecord>, 'cursor' | 'runs'>,
  ): Promise<VersionedRecord | undefined> {
    const record = { ...known.record, ...change };
    try {
      const data = encodeTriggerRecord(record);
      const { version, mtime } = await this.options.session.current.setData(slot.path, data, known.version);
      return { record, version, mtime };
    } catch (error) {
      if (!isCoordinationError(error)) throw error;
      this.options.log.debug({ task: slot.entry.taskUid, err: messageOf(error) }, 'a record could not be corrected');
      return undefined;
    }
  }

  /** The journal first. `instead`: a claim under way whose outcome cannot be waited for; whatever it comes to, its time
   * point is dealt with here. */
  private note(
    slot: Slot,
    cursor: number,
    run: OpenRun | undefined,
    unrun: readonly RunReport[],
    steps: SlotSteps,
    instead?: InFlight,
  ): void {
    const { journal, log, reports, runs, timers, clock } = this.options;
    const before = run === undefined ? undefined : { ...run };
    const entries: JournalEntry[] = unrun.map((report) => ({ type: 'report', report }));
    if (run === undefined) entries.push({ type: 'consumed', slotKey: slot.key, point: cursor });
    else entries.push({ type: 'claim', claim: runs.intentOf(makeUnclaimed(run)) });
    if (instead !== undefined) entries.push({ type: 'resolved', claimId: instead.claimId, refused: true });
    slot.noting = true;
    journal.append(...entries).then(
      () => {
        slot.noting = false;
        for (const report of unrun) reports.put(report);
        if (run !== undefined) runs.claimed(run);
        steps.again();
      },
      (error: unknown) => {
        slot.noting = false;
        log.error({ task: slot.entry.taskUid, err: messageOf(error) }, 'the journal could not take an unclaimed start');
        if (instead !== undefined) {
          instead.settledHere = false;
          if (run !== undefined && before !== undefined) Object.assign(run, before);
        }
        slot.wake = timers.add(clock.now() + RETRY_MS, () => steps.again());
      },
    );
  }
}

/** In a directory of its own: what a restart finds in that of a claim belongs to the claim. */
function makeUnclaimed(run: OpenRun): OpenRun {
  run.unclaimed = true;
  run.claimId = newUid();
  run.recordVersion = UNCLAIMED;
  run.turn += 1;
  run.directory = AttemptDirectories.relative(run.uid, run.attempt, run.turn);
  return run;
}

/** Whether the record lacks time points that were started without it. */
export function isBehind(task: LoadedTask, known: VersionedRecord, consumed: number): boolean {
  return task.policy.partitionPolicy === 'Continue' && consumed > known.record.cursor;
}
