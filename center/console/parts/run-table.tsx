// Runs as a table: of one task, or of many.
import { Link } from 'wouter';
import { isFinal } from '../../../manifests/index.js';
import type { RunObject } from '../api/objects.js';
import { type DataColumn, DataTable } from './data-table.js';
import { Moment, Took } from './moment.js';
import { StateBadge } from './state-badge.js';

const startOf = ({ spec, status, metadata }: RunObject): number =>
  Date.parse(status?.startTime ?? spec.scheduledTime ?? metadata.creationTimestamp);

const lasted = ({ status }: RunObject): number =>
  status?.startTime === undefined
    ? -1
    : Date.parse(status.endTime ?? new Date().toISOString()) - Date.parse(status.startTime);

const ofMany: DataColumn<RunObject> = {
  name: 'Run',
  by: ({ metadata }) => metadata.name,
  cell: ({ metadata, spec }) => (
    <>
      <Link className="main-link" href={`/runs/${metadata.namespace}/${metadata.name}`}>
        {spec.task}
        <span className="faint hide-narrow">{metadata.name.slice(spec.task.length)}</span>
      </Link>
      <small>
        {metadata.namespace}
        <span className="only-narrow"> · {metadata.name.slice(spec.task.length + 1)}</span>
      </small>
    </>
  ),
};

/** On the page of a task nobody needs its name in every row. */
const ofOneTask: DataColumn<RunObject> = {
  ...ofMany,
  cell: ({ metadata, spec }) => (
    <Link className="main-link" href={`/runs/${metadata.namespace}/${metadata.name}`} title={metadata.name}>
      {metadata.name.slice(spec.task.length + 1)}
    </Link>
  ),
};

const columns: readonly DataColumn<RunObject>[] = [
  {
    name: 'State',
    by: ({ status }) => status?.state ?? 'Pending',
    cell: ({ status }) => (
      <>
        <StateBadge state={status?.state ?? 'Pending'} />
        {status?.exitCode !== undefined && status.exitCode !== 0 && <small>exit {status.exitCode}</small>}
      </>
    ),
  },
  {
    name: 'Started',
    half: true,
    by: startOf,
    cell: (run) => (
      <>
        <Moment time={startOf(run)} />
        {run.status?.startTime === undefined && (
          <small>{isFinal(run.status?.state ?? 'Pending') ? 'due; never started' : 'due'}</small>
        )}
      </>
    ),
  },
  {
    name: 'Duration',
    right: true,
    half: true,
    by: lasted,
    cell: ({ status }) => {
      const took = <Took start={status?.startTime} end={status?.endTime} />;
      return status?.startTime === undefined || status.endTime !== undefined ? (
        took
      ) : (
        <span className="muted">{took} so far</span>
      );
    },
  },
  { name: 'Trigger', by: ({ spec }) => spec.trigger, cell: ({ spec }) => spec.trigger, wide: true },
  { name: 'Agent', by: ({ status }) => status?.agent ?? '', cell: ({ status }) => status?.agent ?? '–', wide: true },
];

const columnsOf = { many: [ofMany, ...columns], one: [ofOneTask, ...columns] } as const;

interface RunTableProps {
  readonly runs: readonly RunObject[];
  /** Whether they are of many tasks, or all of one. */
  readonly of: keyof typeof columnsOf;
}

export function RunTable({ runs, of }: RunTableProps) {
  return (
    <DataTable
      caption="Runs"
      columns={columnsOf[of]}
      items={runs}
      keyOf={({ metadata }) => metadata.uid}
      sorted="-Started"
    />
  );
}
