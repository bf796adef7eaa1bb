import type { ChaosResult } from './chaos.js';
import type { Distribution } from './checker.js';
import { groupBy } from './group-by.js';

/** One line with the figures that are promised. */
export function verdictLine({ findings, figures, faults, unexpectedExits, audit }: ChaosResult): string {
  const kinds = [...groupBy(findings, ({ check }) => check)].map(([check, list]) => `${check} ${list.length}`);
  const text = [
    `verdict: ${findings.length === 0 && audit.code === 0 ? 'OK' : 'FAILED'}`,
    ...(kinds.length === 0 ? [] : [`findings: ${kinds.join(', ')};`]),
    `time points ${figures.timePoints}, started ${figures.ran}, duplicates ${figures.duplicates}, missing ${figures.missing};`,
    `not run and recorded: ${list(figures.notRun)};`,
    `late ms ${spread(figures.lateness)};`,
    `failover ms ${spread(figures.failover)};`,
    `records of time points that were not due ${figures.recordsOfNothing};`,
    `outputs compared ${figures.outputs};`,
    `allocation writes in stable time ${figures.allocationWritesInStableTime};`,
    `unexpected exits ${unexpectedExits.length};`,
    `ctask audit ends with ${audit.code};`,
    `faults: ${list(faults)}`,
  ];
  return text.join(' ');
}

function list(counts: Readonly<Record<string, number>>): string {
  const entries = Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.length === 0 ? 'none' : entries.map(([name, count]) => `${name} ${count}`).join(', ');
}

function spread({ count, p50, p99, max }: Distribution): string {
  return count === 0 ? 'none' : `p50 ${p50} p99 ${p99} max ${max} (${count})`;
}
