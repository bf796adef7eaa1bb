// Reports on their way to the center: at-least-once, in batches, one request at a time, in the order in which runs changed.
import { Backoff, type Clock, type Logger, messageOf, type Timer } from '../../base/index.js';
import { isFinal, type RunReport, type RunReportBatch, type RunReportReply, runRank } from '../../manifests/index.js';
import { type CenterClient, isPermanentRefusal } from '../center-client/center-client.js';
import { Pace } from '../center-client/pace.js';
import type { Journal, JournalEntry } from '../journal/journal.js';

const BATCH_MAX = 500;
/** A run that ends within this time is reported once, not twice. */
const RUNNING_HOLD_MS = 100;
/** Requests are this far apart while runs start and end. */
const GAP_MS = 100;
const RETRY_INITIAL_MS = 100;
const RETRY_MAX_MS = 5000;

/** Past this many unsent reports (about 100 MB) the schedule loop claims nothing more: its time points become Missed, which
 * is recorded later, instead of the agent running out of memory. */
export const REPORTS_WAITING_MAX = 100_000;

export class ReportSender {
  private readonly client: CenterClient;
  private readonly journal: Journal;
  private readonly clock: Clock;
  private readonly log: Logger;
  private readonly reported: (report: RunReport) => void;
  /** Latest unsent report per run, in the order of change. */
  private readonly waiting = new Map<string, RunReport>();
  /** Runs that have just started: most end before their report leaves. */
  private readonly held = new Map<string, RunReport>();
  private holdTimer: Timer | undefined;
  private readonly ended = new AbortController();
  private sending: Promise<void> | undefined;
  private idle: (() => void)[] = [];
  private batchMax = BATCH_MAX;
  private readonly pace: Pace;

  constructor(options: {
    client: CenterClient;
    journal: Journal;
    clock: Clock;
    log: Logger;
    /** See PaceOptions. */
    startsWait: () => boolean;
    /** Called for each report that the center has committed. */
    reported: (report: RunReport) => void;
  }) {
    this.client = options.client;
    this.journal = options.journal;
    this.clock = options.clock;
    this.log = options.log;
    this.reported = options.reported;
    this.pace = new Pace({ clock: options.clock, gapMs: GAP_MS, startsWait: options.startsWait });
  }

  /** Reports that the center has not acknowledged. */
  get pending(): number {
    return this.waiting.size + this.held.size;
  }

  /** The center has not acknowledged what was reported last of the run. */
  waits(runUid: string): boolean {
    return this.waiting.has(runUid) || this.held.has(runUid);
  }

  /** The earliest time point that a report waits for, ms; undefined when none does. */
  oldestTimePoint(): number | undefined {
    let oldest = Number.POSITIVE_INFINITY;
    for (const reports of [this.waiting, this.held]) {
      for (const { scheduledTime } of reports.values()) oldest = Math.min(oldest, scheduledTime ?? oldest);
    }
    return Number.isFinite(oldest) ? oldest : undefined;
  }

  /** The caller has put it into the journal when it must survive a crash. */
  put(report: RunReport): void {
    this.held.delete(report.uid);
    if (report.state === 'Running') {
      this.held.set(report.uid, report);
      this.holdTimer ??= this.clock.timerAfter(RUNNING_HOLD_MS, () => this.release());
      return;
    }
    this.enqueue(report);
    this.wake();
  }

  /** Resolves when nothing waits any more, or when the signal aborts. */
  async drained(signal: AbortSignal): Promise<void> {
    this.release();
    if (this.waiting.size === 0 || signal.aborted) return;
    await new Promise<void>((resolve) => {
      this.idle.push(resolve);
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
  }

  async stop(): Promise<void> {
    this.holdTimer?.cancel();
    this.ended.abort();
    await this.sending;
  }

  private release(): void {
    this.holdTimer?.cancel();
    this.holdTimer = undefined;
    for (const report of this.held.values()) this.enqueue(report);
    this.held.clear();
    this.wake();
  }

  private enqueue(report: RunReport): void {
    const known = this.waiting.get(report.uid);
    if (known !== undefined && rankOf(known) > rankOf(report)) return;
    this.waiting.delete(report.uid); // so that the order stays that of changes
    this.waiting.set(report.uid, report);
  }

  private wake(): void {
    if (this.waiting.size === 0 || this.ended.signal.aborted) return;
    this.sending ??= this.send().finally(() => {
      this.sending = undefined;
      this.wake();
    });
  }

  private async send(): Promise<void> {
    const backoff = new Backoff({ initialMs: RETRY_INITIAL_MS, maxMs: RETRY_MAX_MS });
    const { signal } = this.ended;
    while (this.waiting.size > 0 && !signal.aborted) {
      await this.pace.turn(signal);
      if (signal.aborted) return;
      const batch = this.take();
      try {
        const body: RunReportBatch = { reports: batch };
        this.settle(batch, await this.client.sendJson<RunReportReply>('POST', 'reports', body, signal));
        backoff.reset();
        this.batchMax = Math.min(BATCH_MAX, this.batchMax * 2);
      } catch (error) {
        if (signal.aborted) return;
        if (isPermanentRefusal(error) && this.isolate(batch, error)) continue;
        this.log.warn({ waiting: this.pending, err: messageOf(error) }, 'reports could not be sent, trying again');
        await this.clock.sleep(backoff.next(), signal).catch(() => undefined); // aborted: the loop ends
      }
    }
    for (const resolve of this.idle.splice(0)) if (this.waiting.size === 0) resolve();
  }

  private take(): RunReport[] {
    const batch: RunReport[] = [];
    for (const report of this.waiting.values()) {
      batch.push(report);
      if (batch.length >= this.batchMax) break;
    }
    return batch;
  }

  private settle(batch: readonly RunReport[], reply: RunReportReply): void {
    const accepted = new Set(reply.accepted);
    const refused = new Map(reply.refused.map(({ uid, reason }) => [uid, reason]));
    const entries: JournalEntry[] = [];
    for (const report of batch) {
      const reason = refused.get(report.uid);
      if (reason === undefined && !accepted.has(report.uid)) continue; // neither: it stays and is sent again
      if (reason !== undefined) this.log.warn({ run: report.name, reason }, 'the center refused a report');
      this.forget(report, entries);
    }
    this.acknowledge(entries);
  }

  private forget(report: RunReport, entries: JournalEntry[]): void {
    if (this.waiting.get(report.uid) === report) this.waiting.delete(report.uid);
    // Running is never in the journal: the claim and the attempt's directory tell it.
    if (report.state !== 'Running') {
      entries.push({ type: 'acknowledged', runUid: report.uid, rank: rankOf(report) });
    }
    this.reported(report);
  }

  private acknowledge(entries: readonly JournalEntry[]): void {
    if (entries.length === 0) return;
    // Not awaited: an acknowledgement that a crash takes back only means that the report is sent once more.
    this.journal.append(...entries).catch((error: unknown) => {
      this.log.debug({ err: messageOf(error) }, 'acknowledgement could not be noted');
    });
  }

  /** One bad report must not hold up the others: the batch is made smaller until the bad one stands alone. */
  private isolate(batch: readonly RunReport[], error: unknown): boolean {
    if (batch.length > 1) {
      this.batchMax = Math.max(1, batch.length >> 1);
      return true;
    }
    const [report] = batch;
    if (report === undefined) return false;
    this.log.error({ run: report.name, err: messageOf(error) }, 'the center cannot take a report, dropping it');
    const entries: JournalEntry[] = [];
    this.forget(report, entries);
    this.acknowledge(entries);
    return true;
  }
}

function rankOf(report: RunReport): number {
  return runRank(report.state, report.attempt);
}

/** True when the report must be in the journal before it is sent: no other file would tell it after a crash. */
export function mustSurvive(report: RunReport): boolean {
  return isFinal(report.state) || report.state === 'Pending' || report.state === 'Queued';
}
