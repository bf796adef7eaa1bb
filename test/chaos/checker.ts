// Judges a history (reference: blind matching, attributed matching, reconciliation, allocation) and counts what there was.
import { allocationChecks } from './allocation-checks.js';
import { attributedMatching } from './attributed-matching.js';
import { blindMatching } from './blind-matching.js';
import { expectations } from './expectations.js';
import type { Finding } from './findings.js';
import { groupBy } from './group-by.js';
import type { History } from './history.js';
import { outputCheck } from './outputs.js';
import { reconciliation } from './reconciliation.js';

export interface Figures {
  readonly timePoints: number;
  readonly ran: number;
  /** `state(reason)` → records of time points that no process ran for. */
  readonly notRun: Readonly<Record<string, number>>;
  readonly lateness: Distribution;
  /** Fault of an agent to the write that gave its slot to another one, ms. */
  readonly failover: Distribution;
  readonly duplicates: number;
  readonly missing: number;
  /** Attempts whose output in the center was held against what their process says it wrote. */
  readonly outputs: number;
  readonly allocationWritesInStableTime: number;
  /** Records of time points that were never due: a false alarm, but no duplicate and nothing missing. */
  readonly recordsOfNothing: number;
}

/** ms; undefined when nothing was measured. */
export interface Distribution {
  readonly count: number;
  readonly p50?: number;
  readonly p99?: number;
  readonly max?: number;
}

export interface Verdict {
  readonly findings: readonly Finding[];
  readonly figures: Figures;
}

/** After this long a move is not a consequence of the fault any more. */
const FAILOVER_MAX_MS = 120_000;

export function check(history: History): Verdict {
  const findings = [
    ...blindMatching(history),
    ...attributedMatching(history),
    ...reconciliation(history),
    ...outputCheck(history),
    ...allocationChecks(history),
  ];
  return { findings, figures: figures(history, findings) };
}

const DUPLICATES = [
  'started-twice',
  'fired-without-time-point',
  'overlap',
  'unexpected-time-point',
  'too-many-attempts',
];

function figures(history: History, findings: readonly Finding[]): Figures {
  const { window, tasks, records } = history;
  const inWindow = (point: number | undefined) => point !== undefined && point > window.from && point <= window.to;
  const count = (...checks: string[]) => findings.filter(({ check }) => checks.includes(check)).length;
  const started = new Set(history.starts.map(({ task, point }) => `${task}@${point}`));
  const idOf = new Map(tasks.map(({ id, uid }) => [uid, id]));
  const notRun: Record<string, number> = {};
  for (const { taskUid, point, state, reason } of records) {
    if (!inWindow(point) || started.has(`${idOf.get(taskUid)}@${point}`)) continue;
    const key = `${state}(${reason ?? ''})`;
    notRun[key] = (notRun[key] ?? 0) + 1;
  }
  const due = tasks.map((task) => [...expectations(task, window).values()].filter((kind) => kind !== 'may').length);
  const first = history.starts.filter(({ attempt, point }) => attempt === 1 && inWindow(point));
  return {
    timePoints: due.reduce((a, b) => a + b, 0),
    ran: first.length,
    notRun,
    lateness: distribution(first.map(({ time, point }) => time - point)),
    failover: distribution(failovers(history)),
    duplicates: count(...DUPLICATES),
    missing: count('missing', 'unrecorded-run'),
    outputs: history.outputs.length,
    allocationWritesInStableTime: count('allocation-write-in-stable-time'),
    recordsOfNothing: recordsOfNothing(history),
  };
}

function recordsOfNothing({ tasks, records, window }: History): number {
  const recorded = groupBy(records, ({ taskUid }) => taskUid);
  const counts = tasks.map((task) => {
    const expected = expectations(task, { from: 0, to: window.to });
    const points = (recorded.get(task.uid) ?? []).map(({ point }) => point);
    return points.filter((point) => point !== undefined && point <= window.to && !expected.has(point)).length;
  });
  return counts.reduce((a, b) => a + b, 0);
}

function failovers({ versions, agentFaults }: History): number[] {
  const latencies: number[] = [];
  const ownerOf = new Map<string, string | null>();
  for (const { taskUid, owner, time } of [...versions].sort((a, b) => (a.zxid < b.zxid ? -1 : 1))) {
    const before = ownerOf.get(taskUid);
    ownerOf.set(taskUid, owner);
    if (before === undefined || before === null || before === owner || owner === null) continue;
    const fault = agentFaults.filter(({ agent, at }) => agent === before && at <= time).at(-1);
    if (fault !== undefined && time - fault.at <= FAILOVER_MAX_MS) latencies.push(time - fault.at);
  }
  return latencies;
}

export function distribution(values: readonly number[]): Distribution {
  if (values.length === 0) return { count: 0 };
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) => Math.round(sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)]!);
  return { count: sorted.length, p50: at(0.5), p99: at(0.99), max: at(1) };
}
