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
    cell: ({ metadata, status }) => (
      <>
        <Link className="main-link" href={`/agents/${metadata.name}`}>
          {metadata.name}
        </Link>
        <small>{[status?.os, status?.arch, status?.version].filter(Boolean).join(' · ')}</small>
      </>
    ),
  },
  {
    name: 'State',
    by: agentState,
    cell: (agent) => <AgentStates agent={agent} />,
  },
  { name: 'Cluster', by: ({ spec }) => spec.cluster ?? 'default', cell: ({ spec }) => spec.cluster, wide: true },
  {
    name: 'Load',
    by: ({ status }) => (status?.load ?? 0) / (status?.cpus ?? 1),
    cell: ({ metadata, status }) => <Load load={status?.load} cpus={status?.cpus} of={metadata.name} />,
  },
  {
    name: 'Running',
    right: true,
    by: ({ status }) => status?.running ?? 0,
    cell: ({ status }) => status?.running ?? 0,
    wide: true,
  },
  {
    name: 'Tasks',
    right: true,
    by: ({ status }) => status?.tasks ?? 0,
    cell: ({ status }) => status?.tasks ?? 0,
    wide: true,
  },
  { name: 'Capacity', right: true, by: agentCapacity, cell: agentCapacity, wide: true },
  { name: 'Labels', cell: ({ metadata }) => <span className="clipped">{labels(metadata.labels)}</span>, wide: true },
  { name: 'Heard', by: heard, cell: ({ status }) => <Moment time={status?.heartbeatTime} />, wide: true },
  { name: 'Actions', cell: (agent) => <ActionButtons object={agent} actions={agentActions} />, wide: true },
];

function heard({ status }: AgentObject): number {
  return status?.heartbeatTime === undefined ? 0 : Date.parse(status.heartbeatTime);
}

function labels(all: AgentObject['metadata']['labels']): string {
  return Object.keys(all ?? {}).length === 0 ? '–' : labelsText(all);
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
