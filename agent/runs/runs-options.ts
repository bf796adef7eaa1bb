import type { Clock, Logger } from '../../base/index.js';
import type { AgentEvents } from '../agent-events.js';
import type { Journal } from '../journal/journal.js';
import type { ReportSender } from '../reports/report-sender.js';
import type { RunnerClient } from '../runner/runner.js';
import type { TimerQueue } from '../schedule-loop/timer-queue.js';
import type { AttemptDirectories } from '../spool/attempt-directories.js';
import type { LogShipper } from '../spool/log-shipper.js';
import type { LaunchSettings } from './launch-request.js';
import type { OpenRun } from './open-run.js';
import type { RunPackages } from './run-packages.js';

/** What the runs of an agent need of its other parts. */
export interface RunsOptions {
  readonly agent: string;
  /** Names this boot of the machine. */
  readonly bootId: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly timers: TimerQueue;
  readonly journal: Journal;
  readonly runner: Pick<RunnerClient, 'launch' | 'cancel' | 'onExit' | 'watch'>;
  readonly reports: Pick<ReportSender, 'put'>;
  readonly shipper: Pick<LogShipper, 'add' | 'end'>;
  readonly directories: AttemptDirectories;
  readonly launch: LaunchSettings;
  /** Without it no run has a package. */
  readonly packages?: RunPackages;
  readonly events: AgentEvents;
  /** Attempts at a time; no limit unless given. */
  readonly maxRunning?: number | undefined;
  /** Asks the schedule loop to claim the next attempt of a run. */
  readonly requestClaim: (run: OpenRun) => void;
  /** A run on demand is claimed, or has ended. Called before it can start, and before its claim is forgotten. */
  readonly taken: (runUid: string) => void;
  /** Whether a run of a former owner is still open in the slot; asked when a start would be skipped because of it. */
  readonly stillBlocked: (slot: { taskUid: string; slot: string }) => Promise<boolean>;
  /** Another agent may own the slots by now, or soon, for all that is known here (partitionPolicy Kill). */
  readonly isCutOff: () => boolean;
  /** A run of the slot has ended: overdue time points may go on. `unused`: a time point was given to it, and no process came of
   * that. */
  readonly slotFreed: (slotKey: string, unused: boolean) => void;
}
