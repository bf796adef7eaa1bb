import { CloudTaskError } from '../../base/index.js';
import type { RunReport, RunReportReply } from '../../manifests/index.js';
import { mergeReports } from './run-reports.js';
import type { StateSchema } from './schema.js';
import type { WriteQueue } from './write-queue.js';

/** Reports merged in one go. More would let other writers wait too long. */
const REPORTS_PER_MERGE = 4000;
/** Callers that may wait. Reached only when the disk cannot follow; agents then keep their reports and come again. */
const WAITING_MAX = 10_000;

interface Waiting {
  readonly agent: string;
  readonly reports: readonly RunReport[];
  resolve(reply: RunReportReply): void;
  reject(error: unknown): void;
}

/**
 * Brings the reports of many agents together: those that wait while the store is busy are read, merged and written as one
 * batch. What cannot be written as a batch is written agent by agent, so that one agent's bad report hurts no other's.
 */
export class ReportQueue {
  private readonly queue: WriteQueue<StateSchema>;
  private readonly waiting: Waiting[] = [];
  private merging = false;

  constructor(queue: WriteQueue<StateSchema>) {
    this.queue = queue;
  }

  /** Resolves when the reports are committed. */
  accept(agent: string, reports: readonly RunReport[]): Promise<RunReportReply> {
    if (this.waiting.length >= WAITING_MAX) {
      return Promise.reject(new CloudTaskError('CT_UNAVAILABLE', 'the store is overloaded'));
    }
    return new Promise((resolve, reject) => {
      this.waiting.push({ agent, reports, resolve, reject });
      if (!this.merging) void this.mergeAll();
    });
  }

  private async mergeAll(): Promise<void> {
    this.merging = true;
    while (this.waiting.length > 0) {
      const calls = this.take();
      if (await this.merge(calls, calls.length === 1)) continue;
      for (const call of calls) await this.merge([call], true);
    }
    this.merging = false;
  }

  private take(): Waiting[] {
    let reports = 0;
    let count = 0;
    for (const call of this.waiting) {
      reports += call.reports.length;
      if (count > 0 && reports > REPORTS_PER_MERGE) break;
      count += 1;
    }
    return this.waiting.splice(0, count);
  }

  /** False when it failed and nobody has been told, because `tell` was not asked for. */
  private async merge(calls: readonly Waiting[], tell: boolean): Promise<boolean> {
    const batches = calls.map(({ agent, reports }) => reports.map((report) => ({ report, agent })));
    try {
      const replies = await this.queue.run((tx) => mergeReports(tx, batches));
      for (const [index, { accepted, refused }] of replies.entries()) calls[index]!.resolve({ accepted, refused });
      return true;
    } catch (error) {
      if (tell) for (const { reject } of calls) reject(error);
      return tell;
    }
  }
}
