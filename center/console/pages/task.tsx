import { lazy, type ReactNode, Suspense } from 'react';
import { Link } from 'wouter';
import { parseDuration } from '../../../base/index.js';
import { isSuspended, suspensionWords } from '../../../manifests/index.js';
import { taskActions } from '../actions/task-actions.js';
import type { RunObject, TaskObject } from '../api/objects.js';
import { ActionButtons } from '../parts/action-buttons.js';
import { Command } from '../parts/command.js';
import { DurationChart } from '../parts/duration-chart.js';
import { EventsOf } from '../parts/events-of.js';
import { Labels } from '../parts/labels.js';
import { LeadWords } from '../parts/lead-words.js';
import { Missing } from '../parts/missing.js';
import { Empty, LiveNote, Loading } from '../parts/notes.js';
import { PageHead } from '../parts/page-head.js';
import { PermittedLink } from '../parts/permitted-button.js';
import { RunStrip } from '../parts/run-strip.js';
import { RunTable } from '../parts/run-table.js';
import { Tabs } from '../parts/tabs.js';
import { TaskState } from '../parts/task-state.js';
import { useLive } from '../state/use-live.js';
import { scheduleSentences } from '../text/schedule.js';
import { shellWord } from '../text/shell.js';
import { NextTimes } from './next-times.js';
import { Revisions } from './revisions.js';
import { TaskTroubles } from './task-troubles.js';

/** With its editor, which few visits need. */
const ManifestView = lazy(() => import('./manifest-view.js').then((module) => ({ default: module.ManifestView })));

const TaskNotifications = lazy(() =>
  import('./task-notifications.js').then((module) => ({ default: module.TaskNotifications })),
);

interface TaskPageProps {
  readonly namespace: string;
  readonly name: string;
  readonly tab: string;
}

const TABS = [
  ['overview', 'Overview'],
  ['runs', 'Runs'],
  ['manifest', 'Manifest'],
  ['revisions', 'Revisions'],
  ['notifications', 'Notifications'],
  ['events', 'Events'],
] as const;

const RUNS = 500;

export function TaskPage({ namespace, name, tab }: TaskPageProps) {
  const tasks = useLive('tasks', { namespace, fieldSelector: `metadata.name=${name}` });
  const runs = useLive('runs', { namespace, fieldSelector: `spec.task=${name}`, limit: RUNS });
  const [task] = tasks.items;
  if (task === undefined) {
    if (tasks.phase === 'loading') return <Loading />;
    return (
      <Missing live={tasks} kind="task" name={name} namespace={namespace} above={{ name: 'Tasks', path: '/tasks' }}>
        <p>
          A task that was deleted lately comes back with <code>{`ctask undelete task/${name} -n ${namespace}`}</code>
        </p>
      </Missing>
    );
  }
  const own = runs.items.filter(({ spec }) => spec.taskUid === task.metadata.uid);
  const base = `/tasks/${namespace}/${name}`;
  return (
    <>
      <PageHead
        title={name}
        above={{ name: `Tasks in ${namespace}`, path: '/tasks' }}
        beside={<TaskState task={task} />}
      >
        <ActionButtons object={task} actions={taskActions} ofPage={name}>
          <PermittedLink href={`/new?from=${namespace}/${name}`} right={{ verb: 'create', plural: 'tasks' }}>
            Clone
          </PermittedLink>
        </ActionButtons>
      </PageHead>
      <LiveNote live={tasks} what="tasks" />
      {task.spec.description !== undefined && <LeadWords text={task.spec.description} />}
      <Tabs
        label="Parts of the task"
        tabs={TABS.map(([key, words]) => ({
          name: words,
          path: key === 'overview' ? base : `${base}/${key}`,
          current: key === tab,
        }))}
      />
      {tab === 'runs' ? (
        own.length === 0 ? (
          <Empty live={runs} title="It has not run yet">
            <p>A run stands here as soon as it fires, or when it is started with Run now.</p>
          </Empty>
        ) : (
          <RunTable runs={own} of="one" />
        )
      ) : tab === 'manifest' ? (
        <Suspense fallback={<Loading />}>
          <ManifestView key={task.metadata.uid} plural="tasks" object={task} />
        </Suspense>
      ) : tab === 'revisions' ? (
        <Revisions task={task} />
      ) : tab === 'notifications' ? (
        <Suspense fallback={<Loading />}>
          <TaskNotifications task={task} runs={own} />
        </Suspense>
      ) : tab === 'events' ? (
        <EventsOf kind="Task" object={task} empty="Nothing has happened lately">
          <p>What the task does is told here, and forgotten after a while.</p>
        </EventsOf>
      ) : (
        <Overview task={task} runs={own} loading={runs.phase === 'loading'} />
      )}
    </>
  );
}

interface OverviewProps {
  readonly task: TaskObject;
  readonly runs: readonly RunObject[];
  readonly loading: boolean;
}

function Overview({ task, runs, loading }: OverviewProps) {
  const { spec } = task;
  const sentences = scheduleSentences(task);
  return (
    <div className="task-overview">
      <TaskTroubles task={task} />
      <section className="card lead" aria-label="Schedule">
        {sentences.length === 0 ? (
          <p className="sentence">Runs on demand only</p>
        ) : (
          sentences.map((sentence) => (
            <p key={sentence} className="sentence">
              {sentence}
            </p>
          ))
        )}
        {isSuspended(spec, Date.now()) && <p className="muted">It is {suspensionWords(spec, Date.now())}.</p>}
        <Command key={task.metadata.uid} text={commandOf(task)} />
      </section>
      <NextTimes task={task} />
      <Facts task={task} />
      <section className="card" aria-label="History">
        <header className="card-head">
          <h2>History</h2>
          <Rate runs={runs} />
        </header>
        {loading ? <Loading lines={2} /> : <RunStrip runs={runs} />}
      </section>
      {runs.length > 0 && (
        <section className="card" aria-label="Durations">
          <header className="card-head">
            <h2>Durations</h2>
            <span className="muted">of the latest runs, by when they started</span>
          </header>
          <DurationChart runs={runs} timeout={parseDuration(spec.timeout ?? '')} />
        </section>
      )}
    </div>
  );
}

/** Of fewer runs a percentage says more than anybody knows. */
const PERCENT_FROM = 10;

/** How often it went well, of the runs that ended one way or the other. */
function Rate({ runs }: { readonly runs: readonly RunObject[] }) {
  const good = runs.filter(({ status }) => status?.state === 'Succeeded').length;
  const bad = runs.filter(({ status }) => ['Failed', 'TimedOut', 'Lost'].includes(status?.state ?? '')).length;
  if (good + bad === 0) return null;
  const percent = (100 * good) / (good + bad);
  const share = percent === 100 ? '100' : percent.toFixed(1);
  return (
    <span className="muted">
      {good + bad < PERCENT_FROM ? good : `${share} %`} of the last {good + bad} succeeded
    </span>
  );
}

function Facts({ task }: { readonly task: TaskObject }) {
  const { spec, status, metadata } = task;
  const owners = [...new Set(status?.allocations?.map(({ agent }) => agent))];
  const facts: readonly (readonly [string, ReactNode])[] = [
    [
      'Cluster',
      spec.cluster && (
        <Link key={spec.cluster} href={`/clusters/${spec.cluster}`}>
          {spec.cluster}
        </Link>
      ),
    ],
    [
      owners.length === 1 ? 'Agent' : 'Agents',
      owners.length === 0 ? undefined : (
        <span key="owners" className="names">
          {owners.map((agent) => (
            <Link key={agent} href={`/agents/${agent}`}>
              {agent}
            </Link>
          ))}
        </span>
      ),
    ],
    ['Time zone', spec.timeZone],
    ['Timeout', spec.timeout],
    ['Overlap', spec.concurrencyPolicy],
    ['Missed time points', spec.missedRunPolicy],
    ['Retries', spec.retry?.limit === undefined ? undefined : String(spec.retry.limit)],
    ['Revision', metadata.generation === undefined ? undefined : String(metadata.generation)],
    [
      'Labels',
      Object.keys(metadata.labels ?? {}).length === 0 ? undefined : (
        <Labels key="labels" labels={metadata.labels ?? {}} plural="tasks" />
      ),
    ],
  ];
  return (
    <section className="card" aria-label="Settings">
      <header className="card-head">
        <h2>Settings</h2>
        <Link href={`/tasks/${metadata.namespace}/${metadata.name}/manifest`}>Manifest</Link>
      </header>
      <dl className="facts">
        {facts.map(([name, value]) =>
          value === undefined ? null : (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ),
        )}
      </dl>
    </section>
  );
}

function commandOf({ spec: { run } }: TaskObject): string {
  if (run.command !== undefined) return run.command.map(shellWord).join(' ');
  const script = run.script as unknown;
  return typeof script === 'string' ? script.trim() : '';
}
