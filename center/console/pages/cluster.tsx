import { useState } from 'react';
import { Link } from 'wouter';
import { agentCapacity, clusterState } from '../../../manifests/index.js';
import { agentActions } from '../actions/agent-actions.js';
import { rulesOf } from '../actions/notify-actions.js';
import type { AgentObject, ClusterObject, TaskObject } from '../api/objects.js';
import { ActionButtons } from '../parts/action-buttons.js';
import { AgentStates } from '../parts/agent-states.js';
import { type DataColumn, PagedTable, useSortField } from '../parts/data-table.js';
import { SearchField, useParameter } from '../parts/filters.js';
import { LeadWords } from '../parts/lead-words.js';
import { Load } from '../parts/load.js';
import { Missing } from '../parts/missing.js';
import { Moment } from '../parts/moment.js';
import { LiveNote, Loading } from '../parts/notes.js';
import { NotifyCard } from '../parts/notify-card.js';
import { PageHead } from '../parts/page-head.js';
import { PermittedButton } from '../parts/permitted-button.js';
import { RebalanceDialog } from '../parts/rebalance-dialog.js';
import { StateBadge } from '../parts/state-badge.js';
import { TaskState } from '../parts/task-state.js';
import { useNamespace } from '../shell/namespace-scope.js';
import { useLive } from '../state/use-live.js';
import { usePage } from '../state/use-page.js';
import { useRights } from '../state/use-rights.js';

/** One cluster: how loaded its agents are, and which of them owns which task. */
export function ClusterPage({ name }: { readonly name: string }) {
  const [rebalancing, setRebalancing] = useState(false);
  const may = useRights();
  const clusters = useLive('clusters');
  const agents = useLive('agents', { fieldSelector: `spec.cluster=${name}` });
  const cluster = clusters.items.find(({ metadata }) => metadata.name === name);
  if (cluster === undefined) {
    if (clusters.phase === 'loading') return <Loading />;
    return <Missing live={clusters} kind="cluster" name={name} above={{ name: 'Clusters', path: '/clusters' }} />;
  }
  return (
    <>
      <PageHead
        title={name}
        above={{ name: 'Clusters', path: '/clusters' }}
        beside={clusterState(cluster)
          .split(',')
          .map((state) => <StateBadge key={state} state={state} />)}
      >
        <PermittedButton
          permission={may({ verb: 'rebalance', plural: 'clusters' })}
          onPress={() => setRebalancing(true)}
        >
          Rebalance
        </PermittedButton>
      </PageHead>
      <LiveNote live={clusters} what="clusters" />
      {cluster.spec.description !== undefined && <LeadWords text={cluster.spec.description} />}
      <Moves cluster={cluster} />
      <section aria-label="Agents">
        <h2 className="section-head">
          Agents <span className="count">{agents.items.length.toLocaleString('en')}</span>
        </h2>
        {agents.phase === 'loading' ? <Loading lines={2} /> : <AgentTable cluster={name} agents={agents.items} />}
      </section>
      <div className="spaced">
        <NotifyCard
          title="Who is told of its agents"
          object={cluster}
          otherwise={
            <p className="muted">Nobody: when an agent goes, only the pages of the console and the events say so.</p>
          }
        />
      </div>
      <div className="spaced">
        <NotifyCard
          title="Who is told of its tasks"
          object={cluster}
          list="notifyRuns"
          otherwise={<p className="muted">Nobody, unless a task or its namespace says otherwise.</p>}
        >
          {(rulesOf(cluster, 'notifyRuns') ?? []).length > 0 && (
            <p className="muted under">Of tasks that say nothing themselves, in namespaces that say nothing.</p>
          )}
        </NotifyCard>
      </div>
      <Allocation cluster={name} />
      {rebalancing && <RebalanceDialog cluster={cluster} onClose={() => setRebalancing(false)} />}
    </>
  );
}

/** How far the latest rebalancing is. */
function Moves({ cluster: { spec, status } }: { readonly cluster: ClusterObject }) {
  const { rebalance } = status ?? {};
  if (rebalance === undefined || rebalance.request !== spec.rebalanceRequest?.id) return null;
  if (rebalance.state === 'Refused') {
    return <p className="note warn">Nothing was moved: the allocation had changed meanwhile. Rebalance again.</p>;
  }
  if (rebalance.state === 'Done') return null;
  return (
    <p className="note">
      <progress max={rebalance.moves} value={rebalance.moves - rebalance.left} aria-label="Moves that are made" />{' '}
      {rebalance.moves - rebalance.left} of {rebalance.moves} tasks have moved; the others wait for a run to end.
    </p>
  );
}

interface AgentTableProps {
  readonly cluster: string;
  readonly agents: readonly AgentObject[];
}

function AgentTable({ cluster, agents }: AgentTableProps) {
  const sorted = [...agents].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  const most = Math.max(1, ...agents.map(({ status }) => status?.tasks ?? 0));
  if (sorted.length === 0) {
    return (
      <p className="muted">
        No agent belongs to it, and so nothing of it runs. One joins with <code>ctask agent --cluster {cluster}</code>
      </p>
    );
  }
  return (
    <div className="table-box">
      <table className="data stacked">
        <caption className="visually-hidden">Agents of the cluster</caption>
        <thead>
          <tr>
            <th scope="col">Agent</th>
            <th scope="col">State</th>
            <th scope="col">Tasks</th>
            <th scope="col">Load</th>
            <th scope="col" className="right hide-narrow">
              Running
            </th>
            <th scope="col" className="right hide-narrow">
              Capacity
            </th>
            <th scope="col" className="hide-narrow">
              Actions
            </th>
          </tr>
        </thead>
        <tbody>
          {sorted.map((agent) => (
            <tr key={agent.metadata.uid}>
              <td className="lead">
                <Link className="main-link" href={`/agents/${agent.metadata.name}`}>
                  {agent.metadata.name}
                </Link>
              </td>
              <td data-label="State">
                <AgentStates agent={agent} />
              </td>
              <td className="half" data-label="Tasks">
                <span className="load">
                  <progress
                    max={most}
                    value={agent.status?.tasks ?? 0}
                    aria-label={`Tasks of ${agent.metadata.name}`}
                  />
                  <span className="number">{(agent.status?.tasks ?? 0).toLocaleString('en')}</span>
                </span>
              </td>
              <td className="half end" data-label="Load">
                <Load load={agent.status?.load} cpus={agent.status?.cpus} of={agent.metadata.name} />
              </td>
              <td className="number right hide-narrow">{agent.status?.running ?? 0}</td>
              <td className="number right hide-narrow">{agentCapacity(agent)}</td>
              <td className="hide-narrow">
                <ActionButtons object={agent} actions={agentActions} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
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
  { name: 'Owned by', cell: (task) => <Owners task={task} /> },
  { name: 'State', field: 'status.state', cell: (task) => <TaskState task={task} /> },
  {
    name: 'Next run',
    field: 'status.nextTime',
    cell: ({ status }) => <Moment time={status?.nextTime} ahead />,
    wide: true,
  },
];

/** Of a task with several slots, each slot with its agent. */
function Owners({ task: { status } }: { readonly task: TaskObject }) {
  const allocations = status?.allocations ?? [];
  if (allocations.length === 0) return <span className="faint">nobody</span>;
  return (
    <ul>
      {allocations.map(({ slot, agent }) => (
        <li key={slot}>
          {slot !== '' && <span className="faint">{slot} → </span>}
          <Link href={`/agents/${agent}`}>{agent}</Link>
        </li>
      ))}
    </ul>
  );
}

function Allocation({ cluster }: { readonly cluster: string }) {
  const { namespace } = useNamespace();
  const [search] = useParameter('q');
  const sortBy = useSortField(columns, SORTED);
  const page = usePage('tasks', { namespace, search, fieldSelector: `spec.cluster=${cluster}`, sortBy });
  return (
    <section aria-label="Allocation">
      <h2 className="section-head">
        Which agent owns which task
        {page.total !== undefined && <span className="count"> {page.total.toLocaleString('en')}</span>}
      </h2>
      {(search !== '' || page.items.length > 0) && (
        <search className="filters">
          <SearchField label="Search by name" />
        </search>
      )}
      {page.phase === 'loading' && !page.waiting ? (
        <Loading />
      ) : page.items.length === 0 ? (
        <p className="muted">{search === '' ? 'It has no tasks.' : 'No task is like that.'}</p>
      ) : (
        <PagedTable
          caption="Which agent owns which task"
          columns={columns}
          page={page}
          keyOf={({ metadata }) => metadata.uid}
          sorted={SORTED}
        />
      )}
    </section>
  );
}
