import { Link } from 'wouter';
import { agentCapacity, agentState, labelsText } from '../../../manifests/index.js';
import { agentActions } from '../actions/agent-actions.js';
import type { AgentObject } from '../api/objects.js';
import { ActionButtons } from '../parts/action-buttons.js';
import { AgentStates } from '../parts/agent-states.js';
import { type DataColumn, DataTable } from '../parts/data-table.js';
import { Load } from '../parts/load.js';
import { Moment } from '../parts/moment.js';
import { Empty, LiveNote, Loading } from '../parts/notes.js';
import { PageHead } from '../parts/page-head.js';
import { useLive } from '../state/use-live.js';

const columns: readonly DataColumn<AgentObject>[] = [
  {
    name: 'Agent',
    by: ({ metadata }) => metadata.name,
    cell: ({ metadata, spec, status }) => (
      <>
        <Link className="main-link" href={`/agents/${metadata.name}`}>
          {metadata.name}
        </Link>
        <small>
          {/* It has a column of its own where there is room. */}
          <span className="only-narrow">{spec.cluster ?? 'default'} · </span>
          {[status?.os, status?.arch, status?.version].filter(Boolean).join(' · ')}
        </small>
      </>
    ),
  },
  {
    name: 'State',
    by: agentState,
    cell: (agent) => <AgentStates agent={agent} />,
  },
  {
    name: 'Cluster',
    by: ({ spec }) => spec.cluster ?? 'default',
    cell: ({ spec: { cluster = 'default' } }) => <Link href={`/clusters/${cluster}`}>{cluster}</Link>,
    wide: true,
  },
  {
    name: 'Load',
    half: true,
    by: ({ status }) => (status?.load ?? 0) / (status?.cpus ?? 1),
    cell: ({ metadata, status }) => <Load load={status?.load} cpus={status?.cpus} of={metadata.name} />,
  },
  {
    name: 'Running',
    right: true,
    by: ({ status }) => status?.running ?? 0,
    cell: ({ status }) => <span className="number">{(status?.running ?? 0).toLocaleString('en')}</span>,
    wide: true,
  },
  {
    name: 'Tasks',
    right: true,
    half: true,
    by: ({ status }) => status?.tasks ?? 0,
    cell: ({ status }) => <span className="number">{(status?.tasks ?? 0).toLocaleString('en')}</span>,
  },
  { name: 'Capacity', right: true, by: agentCapacity, cell: agentCapacity, wide: true },
  { name: 'Labels', cell: ({ metadata }) => <Labels all={metadata.labels} />, wide: true },
  { name: 'Last heard', by: heard, cell: ({ status }) => <Moment time={status?.heartbeatTime} />, wide: true },
  { name: 'Actions', cell: (agent) => <ActionButtons object={agent} actions={agentActions} />, wide: true },
];

function heard({ status }: AgentObject): number {
  return status?.heartbeatTime === undefined ? 0 : Date.parse(status.heartbeatTime);
}

/** On a few lines; all of them for who asks. */
function Labels({ all }: { readonly all: AgentObject['metadata']['labels'] }) {
  if (Object.keys(all ?? {}).length === 0) return <span className="faint none">–</span>;
  const text = labelsText(all);
  return (
    <span className="clamped breaks-words" title={text}>
      {text}
    </span>
  );
}

export function AgentsPage() {
  const agents = useLive('agents');
  return (
    <>
      <PageHead title="Agents" beside={<span className="count">{agents.items.length}</span>} />
      <LiveNote live={agents} what="agents" />
      {agents.phase === 'loading' ? (
        <Loading lines={3} />
      ) : agents.items.length === 0 ? (
        <Empty live={agents} title="No agents">
          <p>
            Tasks run on agents. Start one on any machine: <code>ctask agent --center …</code>
          </p>
        </Empty>
      ) : (
        <DataTable
          caption="Agents"
          columns={columns}
          items={agents.items}
          keyOf={({ metadata }) => metadata.uid}
          sorted="Agent"
        />
      )}
    </>
  );
}
