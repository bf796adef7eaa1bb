import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { formatBytes } from '../../../base/index.js';
import { agentCapacity, labelsText } from '../../../manifests/index.js';
import { agentActions } from '../actions/agent-actions.js';
import type { AgentObject, TaskObject } from '../api/objects.js';
import { ActionButtons } from '../parts/action-buttons.js';
import { AgentStates } from '../parts/agent-states.js';
import { CommandLine } from '../parts/command-line.js';
import { type DataColumn, PagedTable, useSortField } from '../parts/data-table.js';
import { Load } from '../parts/load.js';
import { Missing } from '../parts/missing.js';
import { Moment } from '../parts/moment.js';
import { Empty, LiveNote, Loading } from '../parts/notes.js';
import { PageHead } from '../parts/page-head.js';
import { RunTable } from '../parts/run-table.js';
import { Tabs } from '../parts/tabs.js';
import { TaskState } from '../parts/task-state.js';
import { useLive } from '../state/use-live.js';
import { usePage } from '../state/use-page.js';
import { grouped } from '../text/numbers.js';
import { ctask } from '../text/shell.js';

interface AgentPageProps {
  readonly name: string;
  readonly tab: string;
}

const TABS = [
  ['tasks', 'Tasks'],
  ['runs', 'Runs'],
] as const;

/** One agent: how it is, what can be asked of it, which tasks it owns, and what it has run. */
export function AgentPage({ name, tab }: AgentPageProps) {
  const agents = useLive('agents', { fieldSelector: `metadata.name=${name}` });
  const [agent] = agents.items;
  if (agent === undefined) {
    if (agents.phase === 'loading') return <Loading />;
    return <Missing live={agents} kind="agent" name={name} above={{ name: 'Agents', path: '/agents' }} />;
  }
  return (
    <>
      <PageHead title={name} above={{ name: 'Agents', path: '/agents' }} beside={<AgentStates agent={agent} />}>
        <ActionButtons object={agent} actions={agentActions} ofPage={name} />
      </PageHead>
      <LiveNote live={agents} what="agents" />
      <Drain agent={agent} />
      <Facts agent={agent} />
      <Tabs
        label="Parts of the agent"
        tabs={TABS.map(([key, words]) => ({
          name: words,
          path: key === 'tasks' ? `/agents/${name}` : `/agents/${name}/${key}`,
          current: key === tab,
        }))}
      />
      {tab === 'runs' ? <Runs name={name} /> : <Owned agent={agent} />}
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
  const cluster = spec.cluster ?? 'default';
  const facts: readonly (readonly [string, ReactNode])[] = [
    [
      'Cluster',
      <Link key={cluster} href={`/clusters/${cluster}`}>
        {cluster}
      </Link>,
    ],
    ['Machine', status?.hostname],
    ['System', [status?.os, status?.arch].filter(Boolean).join(' ') || undefined],
    ['Version', status?.version],
    ['Memory', status?.memoryBytes === undefined ? undefined : formatBytes(status.memoryBytes)],
    ['Load', <Load key="load" load={status?.load} cpus={status?.cpus} of={metadata.name} />],
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
        <dt>Last heard</dt>
        <dd>
          <Moment time={status?.heartbeatTime} />
        </dd>
      </div>
    </dl>
  );
}

/** Of the newest. */
const RUNS = 500;

/** What it has run lately: of an agent with which something is wrong, the first thing to look at. */
function Runs({ name }: { readonly name: string }) {
  const runs = useLive('runs', { fieldSelector: `status.agent=${name}`, limit: RUNS });
  return (
    <section aria-label="Runs">
      <LiveNote live={runs} what="runs" />
      {runs.phase === 'loading' && runs.items.length === 0 ? (
        <Loading />
      ) : runs.items.length === 0 ? (
        <Empty live={runs} title="It has run nothing yet">
          <p>Runs of the tasks it owns stand here.</p>
        </Empty>
      ) : (
        <RunTable runs={runs.items} of="many" />
      )}
      <CommandLine command={ctask('get runs', '-A', ['--field-selector', `status.agent=${name}`])} />
    </section>
  );
}

const SORTED = 'Task';

const columns: readonly DataColumn<TaskObject>[] = [
  {
    name: 'Task',
    field: 'metadata.name',
    cell: ({ metadata }) => (
      <>
        <Link className="main-link" href={`/tasks/${metadata.namespace}/${metadata.name}`}>
          {metadata.name}
        </Link>
        <small>{metadata.namespace}</small>
      </>
    ),
  },
  { name: 'State', field: 'status.state', cell: (task) => <TaskState task={task} /> },
  { name: 'Next run', field: 'status.nextTime', cell: ({ status }) => <Moment time={status?.nextTime} ahead /> },
];

/** Few tasks have slots: without one there is no column of dashes. */
const withSlots = (agent: string): readonly DataColumn<TaskObject>[] =>
  columns.toSpliced(1, 0, {
    name: 'Slots',
    cell: (task) => ownedSlots(task, agent).join(', ') || <span className="faint none">–</span>,
  });

/** Those of the agent that have a name; the only slot of a task has none. */
const ownedSlots = ({ status }: TaskObject, agent: string): readonly string[] =>
  (status?.allocations ?? []).filter((owned) => owned.agent === agent && owned.slot !== '').map(({ slot }) => slot);

/** The allocation, as far as it is about this agent. */
function Owned({ agent: { metadata } }: { readonly agent: AgentObject }) {
  const { name } = metadata;
  const sortBy = useSortField(columns, SORTED);
  const page = usePage('tasks', { fieldSelector: `status.allocations.agent=${name}`, sortBy });
  const slotted = page.items.some((task) => ownedSlots(task, name).length > 0);
  return (
    <section aria-label="Allocation">
      <h2 className="section-head">
        Tasks it owns{(page.total ?? 0) > 0 && <span className="count"> {grouped(page.total ?? 0)}</span>}
      </h2>
      <LiveNote live={{ ...page, cut: false }} what="tasks" />
      {page.phase === 'loading' && !page.waiting ? (
        <Loading lines={3} />
      ) : page.items.length === 0 ? (
        page.phase === 'live' && (
          <p className="muted">None: it gets some when tasks are applied, or when its cluster is rebalanced.</p>
        )
      ) : (
        <PagedTable
          caption="Tasks it owns"
          columns={slotted ? withSlots(name) : columns}
          page={page}
          keyOf={({ metadata: { uid } }) => uid}
          sorted={SORTED}
        />
      )}
    </section>
  );
}
