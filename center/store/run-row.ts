import { API_VERSION, isFinal, type Run, type RunReport, runGroup, runRank } from '../../manifests/index.js';
import type { SqlValue, Upsert } from './database.js';
import { iso } from './iso-time.js';
import type { ObjectText } from './repository-types.js';
import { runConditionsText } from './run-conditions.js';
import type { RunsTable } from './schema.js';
import { TASK_LABEL } from './selectors.js';

export type RunRow = Omit<RunsTable, 'id'>;

/** The text of every run's object but for what is in the row: the task's name is looked for in the text of the spec, where it
 * stands first. */
export function runText(row: RunRow): ObjectText {
  return `${head(row)}${row.status.slice(0, -1)},"conditions":${runConditionsText(row)}}}`;
}

/** The run before a change, for selectors: nobody reads its conditions, and thousands of these are kept. */
export function runTextBefore(row: RunRow): ObjectText {
  return `${head(row)}${row.status}}`;
}

function head(row: RunRow): string {
  const task = taskNameText(row.spec);
  const labels = row.labels === null || row.labels === '{}' ? '' : `,${row.labels.slice(1, -1)}`;
  const owner =
    row.orphaned === 1
      ? ''
      : `,"ownerReferences":[{"apiVersion":"${API_VERSION}","kind":"Task","name":${task},"uid":"${row.task_uid}","controller":true}]`;
  return `{"apiVersion":"${API_VERSION}","kind":"Run","metadata":{"name":${JSON.stringify(row.name)},"namespace":${JSON.stringify(row.namespace)},"uid":"${row.uid}","resourceVersion":"${row.resource_version}","generation":1,"creationTimestamp":"${iso(row.created_time)}","labels":{"${TASK_LABEL}":${task}${labels}}${owner}},"spec":${row.spec},"status":`;
}

const TASK_FIRST = /^\{"task":("(?:[^"\\]|\\.)*")/;

/** The task's name as JSON. Every writer puts it first; a spec that somebody else wrote is parsed. */
function taskNameText(spec: string): string {
  return TASK_FIRST.exec(spec)?.[1] ?? JSON.stringify((JSON.parse(spec) as Run['spec']).task);
}

export function specOf(row: RunRow): Run['spec'] {
  return JSON.parse(row.spec) as Run['spec'];
}

export function runStatusOf(row: RunRow): NonNullable<Run['status']> {
  return JSON.parse(row.status) as NonNullable<Run['status']>;
}

// The next two are built by assignment: they run for every record of every batch, and spreads cost three times as much.

export function specOfReport(report: RunReport): Run['spec'] {
  const { task, taskUid, slot, revision, trigger, scheduledTime, schedule } = report;
  const spec: Run['spec'] = { task, taskUid, slot, revision, trigger };
  if (scheduledTime !== null) spec.scheduledTime = iso(scheduledTime);
  if (schedule !== null) spec.schedule = schedule;
  if (slot !== '' && scheduledTime !== null) spec.group = runGroup(task, { taskUid, slot, point: scheduledTime })!;
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

export const UPSERT_RUN: Upsert = {
  table: 'runs',
  columns: COLUMNS,
  key: ['uid'],
  update: COLUMNS.slice(FIRST_MUTABLE),
};
