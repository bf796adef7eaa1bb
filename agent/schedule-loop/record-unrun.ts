import { type Logger, messageOf } from '../../base/index.js';
import type { RunReport } from '../../manifests/index.js';
import type { Journal } from '../journal/journal.js';
import type { ReportSender } from '../reports/report-sender.js';

/** Tells of time points that are consumed without a run: the journal first, and then at any rate. `resolves`: the claim that is settled
 * with that. */
export function recordUnrun(
  { journal, log, reports }: { journal: Journal; log: Logger; reports: Pick<ReportSender, 'put'> },
  unrun: readonly RunReport[],
  resolves: string | undefined,
): void {
  if (unrun.length === 0 && resolves === undefined) return;
  const entries = unrun.map((report) => ({ type: 'report', report }) as const);
  journal
    .append(...entries, ...(resolves === undefined ? [] : [{ type: 'resolved', claimId: resolves } as const]))
    .catch((error: unknown) => {
      log.error({ err: messageOf(error) }, 'the journal could not take reports');
    })
    .then(() => {
      for (const report of unrun) reports.put(report);
    });
}
