// What the overview lists: few rows of each, and the way to the rest.
import { useMemo } from 'react';
import { Link } from 'wouter';
import { formatAge } from '../../../base/index.js';
import { agentCordoned, agentReady } from '../../../manifests/index.js';
import type { AgentObject, RunObject } from '../api/objects.js';
import { AgentStates } from '../parts/agent-states.js';
import { Load } from '../parts/load.js';
import { Moment } from '../parts/moment.js';
import { StateBadge } from '../parts/state-badge.js';
import { useNow } from '../state/use-now.js';
import { ambiguousNames } from '../text/names.js';
import { endedAt, type Failure, usualTimes } from '../text/outcomes.js';

export const ROWS = 6;

interface RunningListProps {
  readonly runs: readonly RunObject[];
  /** From which it is told how long runs usually take. */
  readonly all: readonly RunObject[];
  /** What to say when there are none; nothing while they are on their way. */
  readonly empty: string | undefined;
}

/** The longest first. */
export function RunningList({ runs, all, empty }: RunningListProps) {
  const usual = useMemo(() => usualTimes(all), [all]);
  const start = ({ status, metadata }: RunObject) => status?.startTime ?? metadata.creationTimestamp;
  const shown = [...runs].sort((a, b) => (start(a) < start(b) ? -1 : 1)).slice(0, ROWS);
  const ambiguous = ambiguousNames(shown.map(taskOf));
  return (
    <ul className="rows">
      {shown.map((run) => (
        <li key={run.metadata.uid}>
          <RunLink run={run} ambiguous={ambiguous} />
          {run.status?.state === 'Running' ? (
            <Elapsed run={run} usual={usual.get(run.spec.taskUid)} />
          ) : (
            <StateBadge state={run.status?.state ?? 'Pending'} />
          )}
        </li>
      ))}
      {shown.length === 0 && <li className="faint">{empty}</li>}
    </ul>
  );
}

/** How long it has run, and how much of the usual that is. */
function Elapsed({ run, usual }: { readonly run: RunObject; readonly usual: number | undefined }) {
  const now = useNow();
  const ms = Math.max(0, now - Date.parse(run.status?.startTime ?? run.metadata.creationTimestamp));
  return (
    <>
      {usual !== undefined && (
        <progress max={usual} value={Math.min(usual, ms)} aria-label={`Time of ${run.spec.task}, of the usual`} />
      )}
      <span className={usual !== undefined && ms > 1.5 * usual ? 'elapsed late' : 'elapsed'}>
        <span className="number">{formatAge(ms)}</span>
        {usual !== undefined && <small> of about {formatAge(usual)}</small>}
      </span>
    </>
  );
}

export function AgentList({ agents }: { readonly agents: readonly AgentObject[] }) {
  const sorted = [...agents].sort((a, b) =>
    agentReady(a) === agentReady(b) ? (a.metadata.name < b.metadata.name ? -1 : 1) : agentReady(a) ? 1 : -1,
  );
  return (
    <ul className="rows">
      {sorted.slice(0, ROWS).map((agent) => (
        <li key={agent.metadata.uid}>
          <Link className="main-link" href={`/agents/${agent.metadata.name}`} title={agent.metadata.name}>
            {agent.metadata.name}
          </Link>
          {agentReady(agent) && !agentCordoned(agent) ? (
            <Load load={agent.status?.load} cpus={agent.status?.cpus} of={agent.metadata.name} />
          ) : (
            <AgentStates agent={agent} />
          )}
        </li>
      ))}
      {agents.length === 0 && <li className="faint">None has registered.</li>}
    </ul>
  );
}

const taskOf = ({ spec, metadata }: RunObject) => ({ name: spec.task, namespace: metadata.namespace ?? '' });

interface RunLinkProps {
  readonly run: RunObject;
  readonly ambiguous: ReadonlySet<string>;
}

function RunLink({ run: { metadata, spec }, ambiguous }: RunLinkProps) {
  const { namespace } = metadata;
  return (
    <Link className="main-link" href={`/runs/${namespace}/${metadata.name}`} title={`${metadata.name} in ${namespace}`}>
      {spec.task}
      {ambiguous.has(spec.task) && <span className="faint"> {namespace}</span>}
    </Link>
  );
}

interface FailureListProps {
  readonly failures: readonly Failure[];
  readonly empty: string | undefined;
}

export function FailureList({ failures, empty }: FailureListProps) {
  const ambiguous = ambiguousNames(failures.map(({ run }) => taskOf(run)));
  return (
    <ul className="rows">
      {failures.map(({ run, count }) => (
        <li key={run.metadata.uid} className="two-lines">
          <RunLink run={run} ambiguous={ambiguous} />
          <Moment time={endedAt(run)} />
          <small>
            <StateBadge state={run.status?.state ?? 'Failed'} />
            {count > 1 && `${count.toLocaleString('en')} times`}
          </small>
        </li>
      ))}
      {failures.length === 0 && <li className="faint">{empty}</li>}
    </ul>
  );
}
