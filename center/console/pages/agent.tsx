import { useMemo } from 'react';
import { Link } from 'wouter';
import { formatBytes } from '../../../base/index.js';
import { agentCapacity, labelsText, taskState } from '../../../manifests/index.js';
import { agentActions } from '../actions/agent-actions.js';
import type { AgentObject, TaskObject } from '../api/objects.js';
import { ActionButtons } from '../parts/action-buttons.js';
import { AgentStates } from '../parts/agent-states.js';
import { type DataColumn, DataTable } from '../parts/data-table.js';
import { Moment } from '../parts/moment.js';
import { Empty, LiveNote, Loading } from '../parts/notes.js';
import { PageHead } from '../parts/page-head.js';
import { StateBadge } from '../parts/state-badge.js';
import { useLive } from '../state/use-live.js';

/** One agent: how it is, what can be asked of it, and which tasks it owns. */
export function AgentPage({ name }: { readonly name: string }) {
  const agents = useLive('agents', { fieldSelector: `metadata.name=${name}` });
  const [agent] = agents.items;
  if (agent === undefined) {
    return agents.phase === 'loading' ? <Loading /> : <Empty title={`There is no agent ${name}`} />;
  }
  return (
    <>
      <PageHead title={name} above={{ name: 'Agents', path: '/agents' }} beside={<AgentStates agent={agent} />}>
        <ActionButtons object={agent} actions={agentActions} ofPage={name} />
      </PageHead>
      <LiveNote live={agents} what="agents" />
      <Drain agent={agent} />
      <Facts agent={agent} />
      <Owned agent={agent} />
    </>
  );
}

/** How far a drain is, in the words of the center. */
function Drain({ agent: { spec, status } }: { readonly agent: AgentObject }) {
  const drained = status?.conditions?.find(({ type }) => type === 'Drained');
  if (spec.drain === undefined || drained === undefined) return null;
  if (drained.status === 'True') return <p className="note">Drained: the agent can be stopped.</p>;
  return (
    <p className="note warn" role="status">
      Draining: {drained.message}.
    </p>
  );
}

function Facts({ agent }: { readonly agent: AgentObject }) {
  const { spec, status, metadata } = agent;
  const facts: readonly (readonly [string, string | number | undefined])[] = [
    ['Cluster', spec.cluster ?? 'default'],
    ['Machine', status?.hostname],
    ['System', [status?.os, status?.arch].filter(Boolean).join(' ') || undefined],
    ['Version', status?.version],
    ['Processors', status?.cpus],
    ['Memory', status?.memoryBytes === undefined ? undefined : formatBytes(status.memoryBytes)],
    ['Load', status?.load?.toFixed(2)],
    ['Capacity', agentCapacity(agent)],
    ['Running', status?.running ?? 0],
    ['Labels', Object.keys(metadata.labels ?? {}).length === 0 ? undefined : labelsText(metadata.labels)],
  ];
  return (
    <dl className="facts card across">
      {facts.map(([name, value]) =>
        value === undefined ? null : (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ),
      )}
      <div>
        <dt>Heard</dt>
        <dd>
          <Moment time={status?.heartbeatTime} />
        </dd>
      </div>
    </dl>
  );
}

interface OwnedSlot {
  readonly task: TaskObject;
  readonly slot: string;
}

const columns: readonly DataColumn<OwnedSlot>[] = [
  {
    name: 'Task',
    by: ({ task }) => task.metadata.name,
    cell: ({ task: { metadata } }) => (
      <>
        <Link className="main-link" href={`/tasks/${metadata.namespace}/${metadata.name}`}>
          {metadata.name}
        </Link>
        <small>{metadata.namespace}</small>
      </>
    ),
  },
  { name: 'Slot', by: ({ slot }) => slot, cell: ({ slot }) => slot || '–', wide: true },
  { name: 'State', by: ({ task }) => taskState(task), cell: ({ task }) => <StateBadge state={taskState(task)} /> },
  { name: 'Next run', cell: ({ task }) => <Moment time={task.status?.nextTime} ahead /> },
];

/** The allocation, as far as it is about this agent. */
function Owned({ agent }: { readonly agent: AgentObject }) {
  const { name } = agent.metadata;
  const cluster = agent.spec.cluster ?? 'default';
  const tasks = useLive('tasks', { fieldSelector: `spec.cluster=${cluster}` });
  const slots = useMemo(
    () =>
      tasks.items.flatMap((task) =>
        (task.status?.allocations ?? [])
          .filter(({ agent: owner }) => owner === name)
          .map(({ slot }) => ({ task, slot })),
      ),
    [tasks.items, name],
  );
  return (
    <section aria-label="Allocation">
      <h2 className="section-head">Tasks it owns</h2>
      <LiveNote live={tasks} what="tasks" />
      {tasks.phase === 'loading' ? (
        <Loading lines={3} />
      ) : slots.length === 0 ? (
        <p className="muted">None.</p>
      ) : (
        <DataTable
          caption="Tasks it owns"
          columns={columns}
          items={slots}
          keyOf={({ task, slot }) => `${task.metadata.uid} ${slot}`}
          sorted="Task"
        />
      )}
    </section>
  );
}
