import { lazy, type ReactNode, Suspense } from 'react';
import { Link } from 'wouter';
import { parseDuration } from '../../../base/index.js';
import { isSuspended, suspensionWords, taskState } from '../../../manifests/index.js';
import { taskActions } from '../actions/task-actions.js';
import type { RunObject, TaskObject } from '../api/objects.js';
import { ActionButtons } from '../parts/action-buttons.js';
import { DurationChart } from '../parts/duration-chart.js';
import { EventList } from '../parts/event-list.js';
import { Labels } from '../parts/labels.js';
import { LeadWords } from '../parts/lead-words.js';
import { Missing } from '../parts/missing.js';
import { Moment } from '../parts/moment.js';
import { Empty, LiveNote, Loading } from '../parts/notes.js';
import { PageHead } from '../parts/page-head.js';
import { PermittedLink } from '../parts/permitted-button.js';
import { RunStrip } from '../parts/run-strip.js';
import { RunTable } from '../parts/run-table.js';
import { StateBadge } from '../parts/state-badge.js';
import { Tabs } from '../parts/tabs.js';
import { useLive } from '../state/use-live.js';
import { scheduleSentences } from '../text/schedule.js';
import { shellWord } from '../text/shell.js';
import { WORDS } from '../text/troubles.js';
import { NextTimes } from './next-times.js';
import { Revisions } from './revisions.js';

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
        beside={<StateBadge state={taskState(task)} />}
      >
        <PermittedLink href={`/new?from=${namespace}/${name}`} right={{ verb: 'create', plural: 'tasks' }}>
          Clone
        </PermittedLink>
        <ActionButtons object={task} actions={taskActions} ofPage={name} />
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
        <TaskEvents task={task} />
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
  const { spec, status, metadata } = task;
  const sentences = scheduleSentences(task);
  const troubles = (status?.conditions ?? []).filter(
    ({ type, status: holds }) => (type === 'Degraded' && holds === 'True') || (type === 'Ready' && holds === 'False'),
  );
  return (
    <div className="task-overview">
      {troubles.map(({ type, message, reason }) => (
        <p key={type} className="note warn">
          {type === 'Degraded' && status?.lastRun !== undefined ? (
            <>
              <strong>Degraded</strong> The last run,{' '}
              <Link href={`/runs/${metadata.namespace}/${status.lastRun.name}`}>{status.lastRun.name}</Link>,{' '}
              {WORDS[status.lastRun.state] ?? status.lastRun.state} <Moment time={status.lastRun.time} />.
            </>
          ) : (
            <>
              <strong>{type === 'Ready' ? 'Not ready' : type}</strong> {message}{' '}
              <span className="muted">({reason})</span>
            </>
          )}
        </p>
      ))}
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
        <pre className="command">{commandOf(task)}</pre>
      </section>
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
      <NextTimes task={task} />
      <Facts task={task} />
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

function TaskEvents({ task }: { readonly task: TaskObject }) {
  const { namespace, name } = task.metadata;
  const events = useLive('events', {
    namespace,
    fieldSelector: `spec.regarding.kind=Task,spec.regarding.name=${name}`,
    limit: 200,
  });
  if (events.phase === 'loading') return <Loading />;
  return (
    <>
      <LiveNote live={events} what="events" />
      {events.items.length === 0 ? (
        <Empty live={events} title="Nothing has happened lately">
          <p>What the task does is told here, and forgotten after a while.</p>
        </Empty>
      ) : (
        <EventList events={events.items} ofPage />
      )}
    </>
  );
}
