// Runs whose next attempt the center gives to this agent, as the present owner of their slot (rule R10, onLost: Rerun). The
// center repeats what is still open whenever the requests stream is opened, and it cannot know what is claimed meanwhile:
// the trigger record decides (claims/next-record.ts), so taking such a request twice, or too late, starts nothing twice.
import { type Clock, type Instant, type Logger, newUid } from '../../base/index.js';
import { latestClaimedAttempt } from '../../coordination/index.js';
import type { ContinuedRun } from '../../manifests/index.js';
import type { LoadedTask } from '../schedule-loop/loaded-task.js';
import type { ScheduleLoop } from '../schedule-loop/schedule-loop.js';
import { type Slot, slotKey } from '../schedule-loop/slot.js';
import { type OpenRun, openRun } from './open-run.js';
import { retryDelayMs } from './retry-delay.js';
import type { Runs } from './runs.js';

/** Requests that wait for their slot to be scheduled here, or for an earlier attempt to end. The center repeats others. */
const WAITING_MAX = 10_000;

/** How long a request waits for a slot that is not this agent's. */
const PATIENCE_MS = 60_000;

export class ContinuedRuns {
  private readonly clock: Clock;
  private readonly log: Logger;
  private readonly loop: ScheduleLoop;
  private readonly runs: Runs;
  private readonly waiting = new Map<string, { readonly run: ContinuedRun; readonly since: Instant }>();

  constructor(options: { clock: Clock; log: Logger; loop: ScheduleLoop; runs: Runs }) {
    this.clock = options.clock;
    this.log = options.log;
    this.loop = options.loop;
    this.runs = options.runs;
  }

  receive(run: ContinuedRun): void {
    const { uid, name } = run.report;
    if (this.waiting.size >= WAITING_MAX && !this.waiting.has(uid)) {
      this.log.warn({ run: name }, 'too many runs of former owners wait for their slot');
      return;
    }
    const since = this.clock.now();
    this.waiting.set(uid, { run, since });
    this.offer(run, since);
  }

  /** Slots have come, or runs have ended. */
  retry(): void {
    for (const { run, since } of [...this.waiting.values()]) this.offer(run, since);
  }

  private offer(continued: ContinuedRun, since: Instant): void {
    const { report } = continued;
    const key = slotKey(report.taskUid, report.slot);
    const slot = this.loop.get(key);
    if (slot?.task === undefined || slot.known === undefined) {
      // The list that names the slot may come after the request; if none does, the leader has given the run on.
      if (this.loop.isForeign(key) && this.clock.now() - since > PATIENCE_MS) this.waiting.delete(report.uid);
      return;
    }
    const open = this.runs.table.get(report.uid);
    if (open !== undefined && open.attempt < report.attempt) {
      if (open.mode !== 'waiting') return; // it was called Lost and lives: one attempt after the other
      this.runs.giveAway(open); // of an ownership that has ended
    } else if (open !== undefined) {
      this.waiting.delete(report.uid);
      return;
    }
    this.waiting.delete(report.uid);
    const claimed = latestClaimedAttempt(slot.known.record, report.scheduledTime);
    if (claimed === undefined || claimed >= report.attempt) {
      this.log.info({ run: report.name, attempt: report.attempt }, 'a run to continue has been continued before');
      this.giveUp(continued);
      return;
    }
    const run = continuedRun(continued, slot, slot.task);
    this.runs.adoptRetry(run, this.dueAt(continued, slot.task));
  }

  /** The attempt was claimed, or the record does not know any more whether it was (it remembers a few time points): nobody
   * makes it, and the run is ours by now, so nobody else may end it. Whoever made it has told its end, or will: that
   * outranks this. */
  private giveUp({ report }: ContinuedRun): void {
    const message = `attempt ${report.attempt} was claimed before, or may have been, and its end was not reported`;
    this.loop.tell([{ ...report, state: 'Lost', reason: 'NeverReported', message, endTime: this.clock.now() }]);
  }

  /** A retry keeps its backoff; a run that was Lost has waited for long enough. */
  private dueAt({ report }: ContinuedRun, task: LoadedTask): number {
    const now = this.clock.now();
    const ended = report.attempts.at(-1)?.endTime;
    if (report.reason === 'Rerun' || ended === undefined) return now;
    return Math.max(now, Date.parse(ended) + retryDelayMs(report.uid, report.attempt - 1, task.policy.retry));
  }
}

function continuedRun({ report }: ContinuedRun, slot: Slot, task: LoadedTask): OpenRun {
  const run = openRun({
    task,
    slot: report.slot,
    slotKey: slot.key,
    point: report.scheduledTime,
    schedule: report.schedule,
    trigger: report.trigger,
    startAt: 0,
    startBefore: undefined,
    claimId: newUid(),
    name: report.name,
    attempt: report.attempt,
  });
  run.mode = 'waiting';
  run.attempts = report.attempts.map((attempt) => ({ ...attempt }));
  return run;
}
