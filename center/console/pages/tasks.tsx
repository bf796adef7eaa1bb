import { useState } from 'react';
import { Link, useSearchParams } from 'wouter';
import { resumeTask, runTask, suspendTask } from '../actions/task-actions.js';
import type { TaskObject } from '../api/objects.js';
import { BulkBar } from '../parts/bulk-bar.js';
import { type DataColumn, PagedTable } from '../parts/data-table.js';
import { Choice, ClearFilters, LabelField, SearchField } from '../parts/filters.js';
import { Moment } from '../parts/moment.js';
import { Empty, LiveNote, Loading } from '../parts/notes.js';
import { PageHead } from '../parts/page-head.js';
import { PermittedLink } from '../parts/permitted-button.js';
import { StateBadge } from '../parts/state-badge.js';
import { TaskState } from '../parts/task-state.js';
import { useNamespace } from '../shell/namespace-scope.js';
import { TASK_FIELDS, tasksQuery } from '../start/queries.js';
import { useLive } from '../state/use-live.js';
import { type PageOf, usePage } from '../state/use-page.js';
import { grouped } from '../text/numbers.js';
import { shortSchedule } from '../text/schedule.js';

const STATES = ['Active', 'Running', 'Suspended', 'Degraded', 'Unallocated', 'Terminating'];

const SORTED = 'Task';

const columns: readonly DataColumn<TaskObject>[] = [
  {
    name: 'Task',
    field: TASK_FIELDS.Task,
    cell: (task) => (
      <>
        <Link className="main-link" href={`/tasks/${task.metadata.namespace}/${task.metadata.name}`}>
          {task.metadata.name}
        </Link>
        <small>{task.metadata.namespace}</small>
      </>
    ),
  },
  {
    name: 'State',
    field: TASK_FIELDS.State,
    cell: (task) => <TaskState task={task} />,
  },
  { name: 'Schedule', cell: (task) => <ScheduleWords words={shortSchedule(task)} />, wide: true },
  {
    name: 'Last run',
    field: TASK_FIELDS['Last run'],
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
    field: TASK_FIELDS['Next run'],
    cell: ({ status }) => <Moment time={status?.nextTime} ahead />,
  },
  { name: 'Cluster', field: TASK_FIELDS.Cluster, cell: ({ spec }) => spec.cluster, wide: true },
];

/** Two lines of it at most, and all of it for who asks. */
function ScheduleWords({ words }: { readonly words: string }) {
  return (
    <span className="clamped" title={words}>
      {words}
    </span>
  );
}

const keyOf = ({ metadata }: TaskObject): string => metadata.uid;

export function TasksPage() {
  const { namespace } = useNamespace();
  const [parameters] = useSearchParams();
  const [selected, setSelected] = useState<ReadonlyMap<string, TaskObject>>(new Map());
  const query = tasksQuery(parameters, namespace);
  const page = usePage('tasks', query);
  const clusters = useLive('clusters');
  const filtered = query.search !== '' || query.fieldSelector !== '' || query.labelSelector !== '';
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
