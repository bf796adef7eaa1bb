import { useMemo, useState } from 'react';
import { Link } from 'wouter';
import { taskState } from '../../../manifests/index.js';
import { resumeTask, runTask, suspendTask } from '../actions/task-actions.js';
import type { TaskObject } from '../api/objects.js';
import { BulkBar } from '../parts/bulk-bar.js';
import { type DataColumn, DataTable } from '../parts/data-table.js';
import { Choice, LabelField, SearchField, useParameter } from '../parts/filters.js';
import { Moment } from '../parts/moment.js';
import { Empty, LiveNote, Loading } from '../parts/notes.js';
import { PageHead } from '../parts/page-head.js';
import { PermittedLink } from '../parts/permitted-button.js';
import { StateBadge } from '../parts/state-badge.js';
import { useNamespace } from '../shell/namespace-scope.js';
import { useLive } from '../state/use-live.js';
import { shortSchedule } from '../text/schedule.js';

const STATES = ['Active', 'Running', 'Suspended', 'Degraded', 'Unallocated', 'Terminating'];

const time = (text: string | undefined, otherwise: number) => (text === undefined ? otherwise : Date.parse(text));

const columns: readonly DataColumn<TaskObject>[] = [
  {
    name: 'Task',
    by: ({ metadata }) => `${metadata.name} ${metadata.namespace}`,
    cell: (task) => (
      <>
        <Link className="main-link" href={`/tasks/${task.metadata.namespace}/${task.metadata.name}`}>
          {task.metadata.name}
        </Link>
        <small>{task.metadata.namespace}</small>
      </>
    ),
  },
  { name: 'State', by: taskState, cell: (task) => <StateBadge state={taskState(task)} /> },
  { name: 'Schedule', cell: (task) => <span className="clipped">{shortSchedule(task)}</span>, wide: true },
  {
    name: 'Last run',
    by: ({ status }) => time(status?.lastRun?.time, 0),
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
    by: ({ status }) => time(status?.nextTime, Number.MAX_SAFE_INTEGER),
    cell: ({ status }) => <Moment time={status?.nextTime} ahead />,
    wide: true,
  },
  { name: 'Cluster', by: ({ spec }) => spec.cluster ?? 'default', cell: ({ spec }) => spec.cluster, wide: true },
];

const keyOf = ({ metadata }: TaskObject): string => metadata.uid;

export function TasksPage() {
  const { namespace } = useNamespace();
  const [search] = useParameter('q');
  const [state] = useParameter('state');
  const [cluster] = useParameter('cluster');
  const [labels] = useParameter('labels');
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const fields = [state && `status.state=${state}`, cluster && `spec.cluster=${cluster}`].filter(Boolean).join(',');
  const tasks = useLive('tasks', {
    namespace,
    ...(fields === '' ? {} : { fieldSelector: fields }),
    ...(labels === '' ? {} : { labelSelector: labels }),
  });
  const clusters = useLive('clusters');
  const found = useMemo(() => {
    const wanted = search.toLowerCase();
    return tasks.items.filter(({ metadata }) => metadata.name.toLowerCase().includes(wanted));
  }, [tasks.items, search]);
  const chosen = found.filter((task) => selected.has(keyOf(task)));
  const filtered = search !== '' || fields !== '' || labels !== '';

  return (
    <>
      <PageHead title="Tasks" beside={<Count count={found.length} />}>
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
      <LiveNote live={tasks} what="tasks" />
      {tasks.phase === 'loading' && found.length === 0 ? (
        <Loading />
      ) : found.length === 0 ? (
        <Empty title={filtered ? 'No task is like that' : 'No tasks yet'}>
          {!filtered && (
            <p>
              Declare one and apply it: <code>ctask apply -f examples/hello</code>
            </p>
          )}
        </Empty>
      ) : (
        <DataTable
          caption="Tasks"
          columns={columns}
          items={found}
          keyOf={keyOf}
          nameOf={({ metadata }) => metadata.name}
          sorted="Task"
          selection={{ keys: selected, change: setSelected }}
        />
      )}
      <BulkBar
        objects={chosen}
        actions={[runTask, suspendTask, resumeTask]}
        what="tasks"
        onDone={() => setSelected(new Set())}
      />
    </>
  );
}

function Count({ count }: { readonly count: number }) {
  return <span className="count">{count.toLocaleString('en')}</span>;
}
