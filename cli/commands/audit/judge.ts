// Holds the time points that a task's schedules yield against its runs. Pure: nothing of how agents claim and leaders
// record is used here, only what the user declared and what the API shows.
import type { Instant } from '../../../base/index.js';
import { isFinal, type Run, type Task } from '../../../manifests/index.js';

/** A time point and when its run should start (jitter included). */
export interface Due {
  readonly time: Instant;
  readonly startTime: Instant;
}

export interface AuditInput {
  readonly task: Task & { readonly metadata: { readonly generation: number; readonly creationTimestamp: string } };
  /** All runs of the task that there are. */
  readonly runs: readonly Run[];
  /** All that are counted by its history limits; `runs` unless given. */
  readonly kept?: readonly Run[];
  readonly since: Instant;
  readonly now: Instant;
  /** The slot has ended there: later time points are none of its. */
  readonly until?: Instant;
  /** The time points of the schedules in force, in (after, upTo]. */
  readonly timePoints: (after: Instant, upTo: Instant) => readonly Due[];
  readonly startingDeadlineMs: number;
  readonly history: { readonly runs: number; readonly ageMs: number };
  /** Longest time after which a run of an agent that is silent is recorded as Lost. */
  readonly lostAfterMs: number;
  /** Up to here every time point had a record when the center looked. */
  readonly auditedUpTo?: Instant;
  /** From the trigger record; false: nobody is there to decide about further time points. */
  readonly owned?: boolean;
  readonly cursor?: Instant;
}

export interface TaskAudit {
  readonly namespace: string;
  readonly task: string;
  /** From here on every time point is judged. Before it there was another specification: its runs are counted, but what may
   * be missing among them cannot be told. Absent: the present one has no record yet. */
  readonly judgedSince?: string;
  readonly expected: number;
  readonly ran: number;
  readonly skipped: number;
  readonly missed: number;
  readonly lost: number;
  /** Not at their end, or too recent to be judged. */
  readonly pending: number;
  /** Had a record, which the history limits have removed since. */
  readonly pruned: number;
  /** Started later than the starting deadline allows. */
  readonly late: number;
  readonly latenessP99Ms?: number;
  readonly missing: readonly string[];
  readonly duplicate: readonly string[];
}

/** What reports and the leader's records may take beyond the time-outs of the task. */
const SLACK_MS = 60_000;

export function judge(input: AuditInput): TaskAudit {
  const { task, now, since } = input;
  const runs = input.runs.filter((run) => isOfTimePoint(run) && pointOf(run) > since && pointOf(run) <= now);
  const begin = judgedFrom(input);
  // Nobody vouches for a slot that ended before that, or of which it is not known when.
  const judgedSince = begin !== undefined && begin < (input.until ?? now) ? begin : undefined;
  const from = Math.max(since, judgedSince ?? now);
  const upTo = Math.min(now, input.until ?? now);
  const due = from < upTo ? input.timePoints(from, upTo) : [];
  const rows = new Map<Instant, Run[]>();
  for (const run of runs) rows.set(pointOf(run), [...(rows.get(pointOf(run)) ?? []), run]);
  const prunedBefore = oldestKept(input);
  const withoutRow = due
    .filter(({ time }) => !rows.has(time))
    .map(({ time }) => ({ time, kind: whyWithoutRow(time, prunedBefore, input) }));
  const latenesses = latenessOf(due, rows);
  const count = (...states: string[]) =>
    runs.filter(({ status }) => states.includes(status?.state ?? 'Pending')).length;
  const unknown = (kind: string) => withoutRow.filter((one) => one.kind === kind);
  return {
    namespace: task.metadata.namespace ?? 'default',
    task: task.metadata.name,
    ...(judgedSince === undefined ? {} : { judgedSince: iso(Math.max(since, judgedSince)) }),
    expected: rows.size + withoutRow.length,
    ran: count('Succeeded', 'Failed', 'TimedOut', 'Cancelled'),
    skipped: count('Skipped'),
    missed: count('Missed'),
    lost: count('Lost'),
    pending: runs.filter(({ status }) => !isFinal(status?.state ?? 'Pending')).length + unknown('pending').length,
    pruned: unknown('pruned').length,
    late: latenesses.filter((ms) => ms > input.startingDeadlineMs).length,
    ...(latenesses.length === 0 ? {} : { latenessP99Ms: p99(latenesses) }),
    missing: unknown('missing').map(({ time }) => iso(time)),
    duplicate: [...duplicates(rows), ...unexpected(rows, due, judgedSince, input)].map(iso),
  };
}

/** Runs on demand and the like are nobody's time point. */
function isOfTimePoint({ spec }: Run): boolean {
  return spec.scheduledTime !== undefined && (spec.trigger === 'Schedule' || spec.trigger === 'CatchUp');
}

/** Since when (exclusive) the present specification decides alone. Of an edit only its first record tells when it came into
 * force. */
function judgedFrom({ task, runs }: AuditInput): Instant | undefined {
  const { generation, creationTimestamp } = task.metadata;
  // An agent's slot of an EveryAgent task begins when the agent gets it: its first record tells.
  if (generation === 1 && task.spec.placement?.mode !== 'EveryAgent') return Date.parse(creationTimestamp);
  // What the leader recorded in place of an agent bears the generation of that moment, not the one that was due.
  const own = runs.filter((run) => run.spec.revision === generation && run.status?.agent !== undefined);
  const points = own.filter(isOfTimePoint).map(pointOf);
  return points.length === 0 ? undefined : points.reduce((a, b) => Math.min(a, b)) - 1;
}

/** @param prunedBefore older rows may be gone */
function whyWithoutRow(time: Instant, prunedBefore: Instant, input: AuditInput): 'pending' | 'pruned' | 'missing' {
  const { now, startingDeadlineMs, lostAfterMs, auditedUpTo, cursor, owned } = input;
  if (auditedUpTo !== undefined && time <= auditedUpTo && time < prunedBefore) return 'pruned';
  if (time > now - startingDeadlineMs - lostAfterMs - SLACK_MS) return 'pending';
  // Nobody has consumed it, because there is nobody: it is decided when an agent is there.
  if (cursor !== undefined && time > cursor && owned === false) return 'pending';
  return 'missing';
}

/** Runs that ran and records of time points that did not have the same limit, each for itself; the oldest go first. */
function oldestKept({ runs: own, kept: all = own, history, now }: AuditInput): Instant {
  const isUnrun = ({ status }: Run) => status?.state === 'Skipped' || status?.state === 'Missed';
  const kept = all.filter((run) => isFinal(run.status?.state ?? 'Pending'));
  const limits = [kept.filter(isUnrun), kept.filter((run) => !isUnrun(run))].map((list) => {
    if (list.length < history.runs) return Number.NEGATIVE_INFINITY;
    const points = list.filter(isOfTimePoint).map(pointOf);
    return points.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  });
  return Math.max(now - history.ageMs, ...limits);
}

function latenessOf(due: readonly Due[], rows: ReadonlyMap<Instant, readonly Run[]>): number[] {
  return due.flatMap(({ time, startTime }) => {
    const [run] = rows.get(time) ?? [];
    const started = run?.status?.attempts?.[0]?.startTime;
    // What was caught up is late by its nature.
    if (started === undefined || run?.spec.trigger !== 'Schedule') return [];
    return [Math.max(0, Date.parse(started) - startTime)];
  });
}

/** Two rows for one time point and slot, or an attempt that was made twice. */
function duplicates(rows: ReadonlyMap<Instant, readonly Run[]>): Instant[] {
  return [...rows].flatMap(([time, list]) => {
    const slots = list.map(({ spec }) => spec.slot);
    const twice = list.some(({ status }) => {
      const numbers = (status?.attempts ?? []).map(({ number }) => number);
      return new Set(numbers).size < numbers.length;
    });
    return new Set(slots).size < slots.length || twice ? [time] : [];
  });
}

/** A start that the schedules do not explain is one too many. */
function unexpected(
  rows: ReadonlyMap<Instant, readonly Run[]>,
  due: readonly Due[],
  judgedSince: Instant | undefined,
  { task }: AuditInput,
): Instant[] {
  if (judgedSince === undefined) return [];
  const expected = new Set(due.map(({ time }) => time));
  return [...rows].flatMap(([time, list]) => {
    const present = list.some(({ spec, status }) => {
      return spec.revision === task.metadata.generation && status?.agent !== undefined;
    });
    return present && time > judgedSince && !expected.has(time) ? [time] : [];
  });
}

function pointOf({ spec }: Run): Instant {
  return Date.parse(spec.scheduledTime ?? '');
}

function p99(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * 0.99) - 1]!;
}

function iso(time: Instant): string {
  return new Date(time).toISOString();
}
