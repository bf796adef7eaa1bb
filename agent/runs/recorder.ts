// What becomes of runs, on its way into the journal and from there to the center.
import { type Clock, type Logger, messageOf } from '../../base/index.js';
import { isFinal, type RunReport } from '../../manifests/index.js';
import type { Journal, JournalEntry } from '../journal/journal.js';
import type { ReportSender } from '../reports/report-sender.js';
import { readStarted } from '../runner/attempt-files.js';
import type { TimerQueue } from '../schedule-loop/timer-queue.js';
import type { OpenRun } from './open-run.js';

/** What the journal refused is offered again after this. */
const RETRY_MS = 1000;

export interface RecorderOptions {
  readonly clock: Clock;
  readonly log: Logger;
  readonly timers: TimerQueue;
  readonly journal: Journal;
  readonly reports: Pick<ReportSender, 'put'>;
}

interface Unrecorded {
  readonly report: RunReport;
  readonly entries: readonly JournalEntry[];
  readonly done: () => void;
}

export class Recorder {
  private readonly options: RecorderOptions;
  /** Resolves when what was recorded last is in the journal and on its way, or refused; earlier ones then are, too. */
  private recorded: Promise<void> = Promise.resolve();
  /** What the journal refused, in order. Bounded by the open runs: without the journal nothing is claimed. */
  private readonly backlog: Unrecorded[] = [];

  constructor(options: RecorderOptions) {
    this.options = options;
  }

  settled(): Promise<void> {
    return this.recorded;
  }

  /** Into the journal first; then to the center; then `done`, which may give up what a restart would need without the
   * entries. `directory` is that of the attempt, absolute. */
  record(report: RunReport, entries: readonly JournalEntry[], directory: string, done: () => void): void {
    const unrecorded: Unrecorded = { report, entries: [{ type: 'report', report }, ...entries], done };
    if (this.backlog.length > 0) {
      this.refused(unrecorded, directory);
      return;
    }
    this.recorded = this.options.journal.append(...unrecorded.entries).then(
      () => this.isRecorded(unrecorded),
      (error: unknown) => {
        this.options.log.error({ run: report.name, err: messageOf(error) }, 'the journal could not take a report');
        this.refused(unrecorded, directory);
      },
    );
  }

  /** The claim authorises nothing any more; a restart has nothing to do with it. */
  forgetClaim(run: Pick<OpenRun, 'name' | 'claimId'>): void {
    this.options.journal.append({ type: 'resolved', claimId: run.claimId }).catch((error: unknown) => {
      this.options.log.debug({ run: run.name, err: messageOf(error) }, 'end of a claim could not be noted');
    });
  }

  private isRecorded({ report, done }: Unrecorded): void {
    this.options.reports.put(report);
    done();
  }

  /** A journal that fails must not keep the end of a run from being told, when a restart would read the same end from the
   * attempt's directory. An end that only the journal could keep is told when the journal has it. */
  private refused(unrecorded: Unrecorded, directory: string): void {
    if (this.backlog.push(unrecorded) === 1) this.retryLater();
    const { report } = unrecorded;
    const started = isFinal(report.state) ? readStarted(directory) : undefined;
    if (started !== undefined && !started.aborted) this.options.reports.put(report);
  }

  private retryLater(): void {
    this.options.timers.add(this.options.clock.now() + RETRY_MS, () => void this.retry());
  }

  /** All of them, in their order: the end of an attempt must not overtake its claim. */
  private async retry(): Promise<void> {
    const taken = [...this.backlog];
    try {
      await this.options.journal.append(...taken.flatMap(({ entries }) => entries));
    } catch (error) {
      this.options.log.debug({ waiting: this.backlog.length, err: messageOf(error) }, 'the journal still fails');
      this.retryLater();
      return;
    }
    this.backlog.splice(0, taken.length);
    for (const each of taken) this.isRecorded(each);
    if (this.backlog.length > 0) this.retryLater();
  }
}
