import { API_VERSION, isFinal, type Run, type RunReport, runRank } from '../../manifests/index.js';
import { iso } from './iso-time.js';
import type { RunsTable } from './schema.js';
import { TASK_LABEL } from './selectors.js';
import type { Stored } from './store.js';
import type { SqlValue } from './worker-protocol.js';

export type RunRow = Omit<RunsTable, 'id'>;

export function runOf(row: RunRow): Stored<Run> {
  const spec = JSON.parse(row.spec) as Run['spec'];
  return runFrom(row, spec, JSON.parse(row.status) as NonNullable<Run['status']>);
}

/** The object of a row whose spec and status are at hand already. */
export function runFrom(row: RunRow, spec: Run['spec'], status: NonNullable<Run['status']>): Stored<Run> {
  return {
    apiVersion: API_VERSION,
    kind: 'Run',
    metadata: {
      name: row.name,
      namespace: row.namespace,
      uid: row.uid,
      resourceVersion: String(row.resource_version),
      generation: 1,
      creationTimestamp: iso(row.created_time),
      labels: labelsOf(row, spec),
      ownerReferences: [
        { apiVersion: API_VERSION, kind: 'Task', name: spec.task, uid: spec.taskUid, controller: true },
      ],
    },
    spec,
    status,
  };
}

function labelsOf(row: RunRow, spec: Run['spec']): Record<string, string> {
  if (row.labels === null) return { [TASK_LABEL]: spec.task };
  return { [TASK_LABEL]: spec.task, ...(JSON.parse(row.labels) as Record<string, string>) };
}

// The next two are built by assignment: they run for every record of every batch, and spreads cost three times as much.

export function specOfReport(report: RunReport): Run['spec'] {
  const { task, taskUid, slot, revision, trigger, scheduledTime, schedule } = report;
  const spec: Run['spec'] = { task, taskUid, slot, revision, trigger };
  if (scheduledTime !== null) spec.scheduledTime = iso(scheduledTime);
  if (schedule !== null) spec.schedule = schedule;
  return spec;
}

export function statusOfReport(report: RunReport, agent: string | null): NonNullable<Run['status']> {
  const { state, reason, message, startTime, endTime, attempts } = report;
  const status: NonNullable<Run['status']> = { state };
  if (reason !== undefined) status.reason = reason;
  if (message !== undefined) status.message = message;
  if (agent !== null) status.agent = agent;
  if (startTime !== undefined) status.startTime = iso(startTime);
  if (endTime !== undefined) status.endTime = iso(endTime);
  const last = attempts.at(-1);
  if (last?.exitCode !== undefined) status.exitCode = last.exitCode;
  if (last?.signal !== undefined) status.signal = last.signal;
  if (attempts.length > 0) status.attempts = [...attempts];
  return status;
}

/** The columns that follow from a report, for a new or an existing row. */
export function progressOf(report: RunReport, now: number): Pick<RunRow, 'state' | 'rank' | 'final' | 'finish_time'> {
  const final = isFinal(report.state);
  return {
    state: report.state,
    rank: runRank(report.state, report.attempt),
    final: final ? 1 : 0,
    finish_time: final ? (report.endTime ?? report.scheduledTime ?? now) : null,
  };
}

const COLUMNS = [
  'uid',
  'namespace',
  'name',
  'task_uid',
  'slot',
  'scheduled_time',
  'created_time',
  'labels',
  'state',
  'rank',
  'final',
  'agent',
  'finish_time',
  'resource_version',
  'spec',
  'status',
] as const satisfies readonly (keyof RunRow)[];
const FIRST_MUTABLE = COLUMNS.indexOf('state');

/** In the order of `UPSERT_RUN`. */
export function runParameters(row: RunRow): SqlValue[] {
  return COLUMNS.map((column) => row[column]);
}

export const UPSERT_RUN = `insert into runs (${COLUMNS.join(', ')}) values (${COLUMNS.map(() => '?').join(', ')})
on conflict (uid) do update set ${COLUMNS.slice(FIRST_MUTABLE)
  .map((column) => `${column} = excluded.${column}`)
  .join(', ')}`;
