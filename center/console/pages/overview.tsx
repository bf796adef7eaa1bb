// What there is to know at a glance: how it goes, what runs, what went wrong, what comes next.
import { lazy, type ReactNode, Suspense, useMemo } from 'react';
import { Link } from 'wouter';
import { agentCordoned, agentReady, isFinal } from '../../../manifests/index.js';
import type { AgentObject, RunObject, TaskObject } from '../api/objects.js';
import { Health } from '../parts/health.js';
import { Empty, LiveNote, Loading } from '../parts/notes.js';
import { PageHead } from '../parts/page-head.js';
import { Timeline } from '../parts/timeline.js';
import { useNamespace } from '../shell/namespace-scope.js';
import { useListed } from '../state/use-listed.js';
import { useLive } from '../state/use-live.js';
import { useNow } from '../state/use-now.js';
import { type Top, useTop } from '../state/use-page.js';
import { useRights } from '../state/use-rights.js';
import {
  type Outcomes as DayOutcomes,
  lastFailures,
  outcomesByTime,
  outcomesSince,
  UNSUCCESSFUL,
} from '../text/outcomes.js';
import { shownZone } from '../text/times.js';
import { troublesOf } from '../text/troubles.js';
import { AgentList, FailureList, ROWS, RunningList } from './overview-lists.js';

const OutcomeChart = lazy(() =>
  import('../parts/outcome-chart.js').then((module) => ({ default: module.OutcomeChart })),
);

const RUNS = 2000;
/** Stretches of the day that are counted by themselves. */
const PARTS = 48;
const LANES = 8;
/** Of these some may have been suspended a moment ago. */
const NEXT = 3 * LANES;
/** Tasks in trouble that are looked at; the others are only counted. */
const IN_TROUBLE = 10;
const DAY_MS = 24 * 3_600_000;
const PART_MS = DAY_MS / PARTS;

export function OverviewPage() {
  const { namespace } = useNamespace();
  const tasks = useTop('tasks', { namespace, sortBy: 'status.nextTime', limit: NEXT });
  const degraded = useTop('tasks', troubled(namespace, 'Degraded'));
  const unallocated = useTop('tasks', troubled(namespace, 'Unallocated'));
  const suspended = useTop('tasks', {
    ...{ namespace, sortBy: 'metadata.name', limit: 1 },
    fieldSelector: 'status.state=Suspended',
  });
  const runs = useLive('runs', { namespace, limit: RUNS });
  const agents = useLive('agents');
  const mayTell = useRights()({ verb: 'list', plural: 'notifiers', namespace }).allowed;
  const notifiers = useListed('notifiers', { namespace, wanted: mayTell });
  const minute = Math.floor(useNow() / 60_000) * 60_000;
  const since = minute + 60_000 - DAY_MS;
  const day = useMemo(() => outcomesSince(runs.items, since), [runs.items, since]);
  const running = useMemo(() => runs.items.filter(({ status }) => !isFinal(status?.state ?? 'Pending')), [runs.items]);
  const failures = useMemo(() => lastFailures(runs.items, ROWS), [runs.items]);
  const troubles = useMemo(
    () => troublesOf([...unallocated.items, ...degraded.items], agents.items, notifiers.items),
    [unallocated.items, degraded.items, agents.items, notifiers.items],
  );
  const unseen = [degraded, unallocated].reduce(
    (sum, { items, total }) => sum + (total ?? items.length) - items.length,
    0,
  );
  const ready = agents.items.filter(agentReady).length;
  const loading = runs.phase === 'loading' && runs.items.length === 0;
  const mayAgents = agents.phase !== 'refused';
  const uncounted = [degraded, unallocated].some(({ total }) => total === undefined);
  // Of what could not be read nobody says that it is well.
  const settled = agents.phase !== 'loading' && [tasks, degraded, unallocated].every(({ phase }) => phase === 'live');

  return (
    <>
      <PageHead title="Overview" />
      <LiveNote live={{ ...runs, cut: false }} what="runs" />
      {settled && tasks.items.length > 0 && (
        <Health
          troubles={troubles}
          unseen={unseen}
          uncounted={uncounted}
          calm={`The last run of every task ended well${mayAgents ? `, and ${ready === 1 ? 'the agent is' : `all ${ready} agents are`} ready` : ''}.`}
        />
      )}
      <Tiles {...{ day, running, tasks, suspended }} cut={runs.cut} agents={mayAgents ? agents.items : undefined} />
      <div className="overview">
        <div>
          <section className="card" aria-label="Runs over time">
            <header className="card-head">
              <h2>Runs that ended</h2>
              <span className="muted">last 24 hours, by half hour</span>
            </header>
            {loading ? (
              <Loading lines={4} />
            ) : (
              <Outcomes runs={runs.items} until={Math.floor(minute / PART_MS + 1) * PART_MS} />
            )}
          </section>
          <section className="card" aria-label="Next">
            <header className="card-head">
              <h2>Due next</h2>
              <span className="muted">{shownZone()}</span>
            </header>
            {tasks.phase === 'loading' ? (
              <Loading lines={4} />
            ) : tasks.items.some(({ status }) => status?.nextTime !== undefined) ? (
              <Timeline tasks={tasks.items} from={minute} lanes={LANES} />
            ) : (
              <p className="faint">Nothing is due.</p>
            )}
          </section>
        </div>
        <div>
          <section className="card" aria-label="Failures">
            <header className="card-head">
              <h2>Latest failures</h2>
              {failures.length > 0 && <Link href={`/runs?state=${UNSUCCESSFUL}`}>All</Link>}
            </header>
            <FailureList failures={failures} empty={loading ? undefined : 'Nothing has failed.'} />
          </section>
          <section className="card" aria-label="Running">
            <header className="card-head">
              <h2>Running now</h2>
              {running.length > 0 && <Link href="/runs?state=Running">All</Link>}
            </header>
            <RunningList runs={running} all={runs.items} empty={loading ? undefined : 'Nothing runs.'} />
          </section>
          {mayAgents && (
            <section className="card" aria-label="Agents">
              <header className="card-head">
                <h2>Agents</h2>
                <span className="muted">load / processors</span>
              </header>
              <AgentList agents={agents.items} />
              {agents.items.length > ROWS && <Link href="/agents">All {agents.items.length.toLocaleString('en')}</Link>}
            </section>
          )}
        </div>
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

interface OutcomesProps {
  readonly runs: readonly RunObject[];
  /** End of the stretch in which we are. */
  readonly until: number;
}

function Outcomes({ runs, until }: OutcomesProps) {
  const since = until - DAY_MS;
  const outcomes = useMemo(() => outcomesByTime(runs, { since, until, parts: PARTS }), [runs, since, until]);
  return (
    <Suspense fallback={<Loading lines={4} />}>
      <OutcomeChart outcomes={outcomes} since={since} until={until} />
    </Suspense>
  );
}

interface TilesProps {
  readonly day: DayOutcomes;
  /** Not all runs of the day are known here. */
  readonly cut: boolean;
  readonly running: readonly RunObject[];
  readonly tasks: Top<TaskObject>;
  readonly suspended: Top<TaskObject>;
  /** undefined for whoever may not see them. */
  readonly agents: readonly AgentObject[] | undefined;
}

function Tiles({ day: { good, bad }, cut, running, tasks, suspended, agents }: TilesProps) {
  const rate = good + bad === 0 ? undefined : (100 * good) / (good + bad);
  const ready = agents?.filter(agentReady).length ?? 0;
  const cordoned = agents?.filter(agentCordoned).length ?? 0;
  const now = running.filter(({ status }) => status?.state === 'Running').length;
  return (
    <div className="tiles">
      <Tile name="Succeeded (24 h)" path="/runs?state=Succeeded" value={rate === undefined ? '–' : percent(rate)}>
        {good + bad === 0
          ? 'no run has ended'
          : `${good.toLocaleString('en')} of ${(good + bad).toLocaleString('en')} runs`}
        {cut && ', of the newest'}
      </Tile>
      <Tile
        name="Failed (24 h)"
        path={`/runs?state=${UNSUCCESSFUL}`}
        value={String(bad)}
        tone={bad > 0 ? 'bad' : undefined}
      >
        {bad === 0 ? 'none' : 'or timed out, missed, lost'}
      </Tile>
      <Tile name="Running now" path="/runs?state=Running" value={String(now)}>
        {running.length === now ? 'none waiting' : `${running.length - now} waiting`}
      </Tile>
      <Tile name="Tasks" path="/tasks" value={tasks.total?.toLocaleString('en') ?? '–'}>
        {suspendedWords(suspended)}
      </Tile>
      {agents !== undefined && (
        <Tile
          name="Agents ready"
          path="/agents"
          value={`${ready} of ${agents.length}`}
          tone={ready < agents.length || agents.length === 0 ? 'bad' : undefined}
        >
          {cordoned === 0 ? 'none cordoned' : `${cordoned} cordoned`}
        </Tile>
      )}
    </div>
  );
}

/** The query for tasks of this state. */
function troubled(namespace: string | undefined, state: string) {
  return { namespace, sortBy: 'metadata.name', limit: IN_TROUBLE, fieldSelector: `status.state=${state}` };
}

const percent = (rate: number): string => `${rate === 100 ? 100 : Math.min(99.9, rate).toFixed(1)} %`;

interface TileProps {
  readonly name: string;
  readonly path: string;
  readonly value: string;
  readonly tone?: 'bad' | undefined;
  readonly children: ReactNode;
}

/** A figure, and the way to what it counts. */
function Tile({ name, path, value, tone, children }: TileProps) {
  return (
    <Link href={path} className={tone === undefined ? 'tile' : `tile ${tone}`}>
      <span className="muted">{name}</span>
      <strong className="value">{value}</strong>
      <small>{children}</small>
    </Link>
  );
}

function suspendedWords({ total, phase }: Top<TaskObject>): string {
  if (phase === 'loading') return '';
  if (total === 0) return 'none suspended';
  return total === undefined ? 'more than 1,000 suspended' : `${total.toLocaleString('en')} suspended`;
}
