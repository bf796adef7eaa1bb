import type { Clock, Logger } from '../../base/index.js';
import type { ClaimWriter } from '../claims/claim-writer.js';
import type { Journal } from '../journal/journal.js';
import type { ReportSender } from '../reports/report-sender.js';
import type { Runs } from '../runs/runs.js';
import type { ClaimLead } from './claim-lead.js';
import type { Slot } from './slot.js';
import type { TimerQueue } from './timer-queue.js';
import type { UnclaimedStarts } from './unclaimed-starts.js';

export interface ScheduleLoopOptions {
  readonly agent: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly timers: TimerQueue;
  readonly lead: ClaimLead;
  readonly claims: Pick<ClaimWriter, 'claim'>;
  readonly journal: Journal;
  readonly reports: Pick<ReportSender, 'put'>;
  readonly runs: Runs;
  /** False while nothing may be claimed: not connected, clock suspect, too many unsent reports, stopping. */
  readonly mayClaim: () => boolean;
  /** Goes on where coordination cannot be reached. */
  readonly unclaimed: UnclaimedStarts;
  /** The record is not what the loop took it for: owner, revision or existence changed. */
  readonly recordMoved: (slot: Slot) => void;
}
