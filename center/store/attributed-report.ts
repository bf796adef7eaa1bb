import type { RunReport } from '../../manifests/index.js';

/** A report and who it is about: the reporting agent, or the one that should have reported. */
export interface AttributedReport {
  readonly report: RunReport;
  readonly agent: string | null;
}
