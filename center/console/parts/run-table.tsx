// Runs as a table: of one task, or of many.
import { Link } from 'wouter';
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

const columns: readonly DataColumn<RunObject>[] = [
  {
    name: 'Run',
    by: ({ metadata }) => metadata.name,
    cell: ({ metadata, spec }) => (
      <>
        <Link className="main-link" href={`/runs/${metadata.namespace}/${metadata.name}`}>
          {spec.task}
          <span className="faint">{metadata.name.slice(spec.task.length)}</span>
        </Link>
        <small>{metadata.namespace}</small>
      </>
    ),
  },
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
  { name: 'Started', by: startOf, cell: (run) => <Moment time={startOf(run)} /> },
  {
    name: 'Took',
    right: true,
    wide: true,
    by: lasted,
    cell: ({ status }) => <Took start={status?.startTime} end={status?.endTime} />,
  },
  { name: 'Trigger', by: ({ spec }) => spec.trigger, cell: ({ spec }) => spec.trigger, wide: true },
  { name: 'Agent', by: ({ status }) => status?.agent ?? '', cell: ({ status }) => status?.agent ?? '–', wide: true },
];

export function RunTable({ runs }: { readonly runs: readonly RunObject[] }) {
  return (
    <DataTable caption="Runs" columns={columns} items={runs} keyOf={({ metadata }) => metadata.uid} sorted="-Started" />
  );
}
