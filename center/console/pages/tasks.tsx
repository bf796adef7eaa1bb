import { useState } from 'react';
import { Link } from 'wouter';
import { taskState } from '../../../manifests/index.js';
import { resumeTask, runTask, suspendTask } from '../actions/task-actions.js';
import type { TaskObject } from '../api/objects.js';
import { BulkBar } from '../parts/bulk-bar.js';
import { type DataColumn, PagedTable, useSortField } from '../parts/data-table.js';
import { Choice, ClearFilters, LabelField, SearchField, useParameter } from '../parts/filters.js';
import { Moment } from '../parts/moment.js';
import { Empty, LiveNote, Loading } from '../parts/notes.js';
import { PageHead } from '../parts/page-head.js';
import { PermittedLink } from '../parts/permitted-button.js';
import { StateBadge } from '../parts/state-badge.js';
import { useNamespace } from '../shell/namespace-scope.js';
import { useLive } from '../state/use-live.js';
import { type PageOf, usePage } from '../state/use-page.js';
import { grouped } from '../text/numbers.js';
import { shortSchedule } from '../text/schedule.js';

const STATES = ['Active', 'Running', 'Suspended', 'Degraded', 'Unallocated', 'Terminating'];

const SORTED = 'Task';

const columns: readonly DataColumn<TaskObject>[] = [
  {
    name: 'Task',
    field: 'metadata.name',
    cell: (task) => (
      <>
        <Link className="main-link" href={`/tasks/${task.metadata.namespace}/${task.metadata.name}`}>
          {task.metadata.name}
        </Link>
        <small>{task.metadata.namespace}</small>
      </>
    ),
  },
  { name: 'State', field: 'status.state', cell: (task) => <StateBadge state={taskState(task)} /> },
  { name: 'Schedule', cell: (task) => <span className="clipped">{shortSchedule(task)}</span>, wide: true },
  {
    name: 'Last run',
    field: 'status.lastRun.time',
    cell: ({ status, metadata }) =>
      status?.lastRun === undefined ? (
        <span className="faint">never</span>
      ) : (
        <Link className="plain-link" href={`/runs/${metadata.namespace}/${status.lastRun.name}`}>
          <StateBadge state={status.lastRun.state} /> <Moment time={status.lastRun.time} />
        </Link>
      ),
  },
  {
    name: 'Next run',
    field: 'status.nextTime',
    cell: ({ status }) => <Moment time={status?.nextTime} ahead />,
    wide: true,
  },
  { name: 'Cluster', field: 'spec.cluster', cell: ({ spec }) => spec.cluster, wide: true },
];

const keyOf = ({ metadata }: TaskObject): string => metadata.uid;

export function TasksPage() {
  const { namespace } = useNamespace();
  const [search] = useParameter('q');
  const [state] = useParameter('state');
  const [cluster] = useParameter('cluster');
  const [labels] = useParameter('labels');
  const [selected, setSelected] = useState<ReadonlyMap<string, TaskObject>>(new Map());
  const sortBy = useSortField(columns, SORTED);
  const fields = [state && `status.state=${state}`, cluster && `spec.cluster=${cluster}`].filter(Boolean).join(',');
  const page = usePage('tasks', { namespace, search, fieldSelector: fields, labelSelector: labels, sortBy });
  const clusters = useLive('clusters');
  const filtered = search !== '' || fields !== '' || labels !== '';
  const { items } = page;

  /** What is selected stays so on other pages, as it was when it was last seen. */
  const select = (keys: ReadonlySet<string>) => {
    const known = new Map([...selected, ...items.map((task) => [keyOf(task), task] as const)]);
    setSelected(new Map([...keys].map((key) => [key, known.get(key)!])));
  };
  const seen = new Map(items.map((task) => [keyOf(task), task]));
  const chosen = [...selected].map(([key, task]) => seen.get(key) ?? task);

  return (
    <>
      <PageHead title="Tasks" beside={<Count page={page} />}>
        <PermittedLink className="button primary" href="/new" right={{ verb: 'create', plural: 'tasks', namespace }}>
          New task
        </PermittedLink>
      </PageHead>
      <search className="filters">
        <SearchField label="Search by name" />
        <Choice name="state" label="State" all="All states" options={STATES} />
        <Choice
          name="cluster"
          label="Cluster"
          all="All clusters"
          options={clusters.items.map(({ metadata }) => metadata.name).sort()}
        />
        <LabelField />
      </search>
      <LiveNote live={{ ...page, cut: false }} what="tasks" />
      {page.phase === 'loading' && !page.waiting ? (
        <Loading />
      ) : items.length === 0 ? (
        <Empty live={page} title={filtered ? 'No task is like that' : 'No tasks yet'}>
          {filtered ? (
            <ClearFilters />
          ) : (
            <p>
              Declare one and apply it: <code>ctask apply -f examples/hello</code>
            </p>
          )}
        </Empty>
      ) : (
        <PagedTable
          caption="Tasks"
          columns={columns}
          page={page}
          keyOf={keyOf}
          nameOf={({ metadata }) => metadata.name}
          sorted={SORTED}
          selection={{ keys: new Set(selected.keys()), change: select }}
        />
      )}
      <BulkBar
        objects={chosen}
        actions={[runTask, suspendTask, resumeTask]}
        what="tasks"
        onDone={() => setSelected(new Map())}
      />
    </>
  );
}

function Count({ page: { total, first, items } }: { readonly page: PageOf<TaskObject> }) {
  const count = total ?? first - 1 + items.length;
  return (
    <span className="count">
      {grouped(count)}
      {total === undefined && '+'}
    </span>
  );
}
