// What there is to know at a glance: how it goes, what runs, what went wrong, what comes next.
import { lazy, Suspense, useMemo } from 'react';
import { Link } from 'wouter';
import { agentReady, isFinal } from '../../../manifests/index.js';
import type { RunObject, TaskObject } from '../api/objects.js';
import { Moment, Took } from '../parts/moment.js';
import { Empty, LiveNote, Loading } from '../parts/notes.js';
import { PageHead } from '../parts/page-head.js';
import { StateBadge } from '../parts/state-badge.js';
import { useNamespace } from '../shell/namespace-scope.js';
import { useLive } from '../state/use-live.js';
import { useNow } from '../state/use-now.js';
import { type Top, useTop } from '../state/use-page.js';
import { endedAt, type Failure, lastFailures, outcomesSince } from '../text/outcomes.js';

const OutcomeChart = lazy(() =>
  import('../parts/outcome-chart.js').then((module) => ({ default: module.OutcomeChart })),
);

const RUNS = 2000;
const ROWS = 8;
/** Of these some may have been suspended a moment ago. */
const NEXT = 3 * ROWS;
const HOUR_MS = 3_600_000;

export function OverviewPage() {
  const { namespace } = useNamespace();
  const tasks = useTop('tasks', { namespace, sortBy: 'status.nextTime', limit: NEXT });
  const suspended = useTop('tasks', {
    ...{ namespace, sortBy: 'metadata.name', limit: 1 },
    fieldSelector: 'status.state=Suspended',
  });
  const runs = useLive('runs', { namespace, limit: RUNS });
  const agents = useLive('agents');
  const minute = Math.floor(useNow() / 60_000);
  const day = useMemo(() => outcomesSince(runs.items, (minute - 24 * 60) * 60_000), [runs.items, minute]);
  const running = useMemo(() => runs.items.filter(({ status }) => !isFinal(status?.state ?? 'Pending')), [runs.items]);
  const failures = useMemo(() => lastFailures(runs.items, ROWS), [runs.items]);
  const next = useMemo(() => nextFires(tasks.items), [tasks.items]);
  const ready = agents.items.filter(agentReady).length;
  const loading = runs.phase === 'loading' && runs.items.length === 0;
  const rate = day.good + day.bad === 0 ? undefined : (100 * day.good) / (day.good + day.bad);

  return (
    <>
      <PageHead title="Overview" />
      <LiveNote live={{ ...runs, cut: false }} what="runs" />
      <dl className="tiles">
        <Tile name="Succeeded (24 h)" value={rate === undefined ? '–' : `${rate === 100 ? 100 : rate.toFixed(1)} %`}>
          {day.good + day.bad === 0 ? 'no run has ended' : `${day.good} of ${day.good + day.bad} runs`}
          {runs.cut && ', of the newest'}
        </Tile>
        <Tile name="Failed (24 h)" value={String(day.bad)} tone={day.bad > 0 ? 'bad' : undefined}>
          <Link href="/runs?state=Failed">Show them</Link>
        </Tile>
        <Tile name="Running now" value={String(running.filter(({ status }) => status?.state === 'Running').length)}>
          <Link href="/runs?state=Running">Show them</Link>
        </Tile>
        <Tile name="Tasks" value={tasks.total?.toLocaleString('en') ?? '–'}>
          {suspendedWords(suspended)}
        </Tile>
        {agents.phase !== 'refused' && (
          <Tile
            name="Agents ready"
            value={`${ready} of ${agents.items.length}`}
            tone={ready < agents.items.length || agents.items.length === 0 ? 'bad' : undefined}
          >
            <Link href="/agents">Show them</Link>
          </Tile>
        )}
      </dl>
      <section className="card" aria-label="Runs over time">
        <header className="card-head">
          <h2>Runs that ended</h2>
          <span className="muted">last 24 hours, by half hour</span>
        </header>
        {loading ? (
          <Loading lines={4} />
        ) : (
          <Suspense fallback={<Loading lines={4} />}>
            <OutcomeChart
              runs={runs.items}
              until={(minute + 1) * 60_000}
              since={(minute + 1) * 60_000 - 24 * HOUR_MS}
            />
          </Suspense>
        )}
      </section>
      <div className="columns">
        <section className="card" aria-label="Failures">
          <header className="card-head">
            <h2>Latest failures</h2>
          </header>
          <FailureList failures={failures} empty={loading ? undefined : 'Nothing has failed.'} />
        </section>
        <section className="card" aria-label="Running">
          <header className="card-head">
            <h2>Running now</h2>
          </header>
          <RunList runs={running.slice(0, ROWS)} empty={loading ? undefined : 'Nothing runs.'} />
        </section>
        <section className="card" aria-label="Next">
          <header className="card-head">
            <h2>Next</h2>
          </header>
          <ul className="rows">
            {next.map(({ metadata, status }) => (
              <li key={metadata.uid}>
                <Link className="main-link" href={`/tasks/${metadata.namespace}/${metadata.name}`}>
                  {metadata.name}
                </Link>
                <Moment time={status?.nextTime} ahead />
              </li>
            ))}
            {next.length === 0 && tasks.phase !== 'loading' && <li className="faint">Nothing is due.</li>}
          </ul>
        </section>
      </div>
      {tasks.phase === 'live' && tasks.items.length === 0 && (
        <Empty title="No tasks yet">
          <p>
            Declare one and apply it: <code>ctask apply -f examples/hello</code>
          </p>
        </Empty>
      )}
    </>
  );
}

interface TileProps {
  readonly name: string;
  readonly value: string;
  readonly tone?: 'bad' | undefined;
  readonly children: React.ReactNode;
}

function Tile({ name, value, tone, children }: TileProps) {
  return (
    <div className={tone === undefined ? 'tile' : `tile ${tone}`}>
      <dt>{name}</dt>
      <dd className="value">{value}</dd>
      <dd className="muted">{children}</dd>
    </div>
  );
}

interface RunListProps {
  readonly runs: readonly RunObject[];
  /** What to say when there are none; nothing while they are on their way. */
  readonly empty: string | undefined;
}

function RunList({ runs, empty }: RunListProps) {
  return (
    <ul className="rows">
      {runs.map((run) => (
        <li key={run.metadata.uid}>
          <Link className="main-link" href={`/runs/${run.metadata.namespace}/${run.metadata.name}`}>
            {run.spec.task}
          </Link>
          <StateBadge state={run.status?.state ?? 'Pending'} />
          <Took start={run.status?.startTime} end={run.status?.endTime} />
        </li>
      ))}
      {runs.length === 0 && <li className="faint">{empty}</li>}
    </ul>
  );
}

interface FailureListProps {
  readonly failures: readonly Failure[];
  readonly empty: string | undefined;
}

function FailureList({ failures, empty }: FailureListProps) {
  return (
    <ul className="rows">
      {failures.map(({ run, count }) => (
        <li key={run.metadata.uid}>
          <Link className="main-link" href={`/runs/${run.metadata.namespace}/${run.metadata.name}`}>
            {run.spec.task}
          </Link>
          {count > 1 && <span className="muted">{count} times</span>}
          <StateBadge state={run.status?.state ?? 'Failed'} />
          <Moment time={endedAt(run)} />
        </li>
      ))}
      {failures.length === 0 && <li className="faint">{empty}</li>}
    </ul>
  );
}

/** They come ordered. */
function nextFires(tasks: readonly TaskObject[]): readonly TaskObject[] {
  const due = tasks.filter(({ status, spec }) => status?.nextTime !== undefined && !spec.suspend);
  return due.slice(0, ROWS);
}

function suspendedWords({ total, phase }: Top<TaskObject>): string {
  if (phase === 'loading') return '';
  return total === undefined ? 'more than 1,000 suspended' : `${total.toLocaleString('en')} suspended`;
}
