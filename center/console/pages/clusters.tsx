import { TriangleAlert } from 'lucide-react';
import { Link } from 'wouter';
import { agentCordoned, agentReady, agentState, clusterState } from '../../../manifests/index.js';
import type { AgentObject, ClusterObject } from '../api/objects.js';
import { Figure } from '../parts/figure.js';
import { Empty, LiveNote, Loading } from '../parts/notes.js';
import { PageHead } from '../parts/page-head.js';
import { StateBadge } from '../parts/state-badge.js';
import { useLive } from '../state/use-live.js';
import { stateWords } from '../text/state-words.js';

export function ClustersPage() {
  const clusters = useLive('clusters');
  const agents = useLive('agents');
  const sorted = [...clusters.items].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  return (
    <>
      <PageHead title="Clusters" beside={<span className="count">{sorted.length}</span>} />
      <LiveNote live={clusters} what="clusters" />
      {clusters.phase === 'loading' ? (
        <Loading lines={3} />
      ) : (
        sorted.length === 0 && <Empty live={clusters} title="No clusters" />
      )}
      <div className="cards">
        {sorted.map((cluster) => (
          <ClusterCard
            key={cluster.metadata.uid}
            cluster={cluster}
            agents={agents.items.filter(({ spec }) => (spec.cluster ?? 'default') === cluster.metadata.name)}
          />
        ))}
      </div>
    </>
  );
}

interface ClusterCardProps {
  readonly cluster: ClusterObject;
  readonly agents: readonly AgentObject[];
}

/** A cluster, and how its tasks are spread over its agents. */
function ClusterCard({ cluster, agents }: ClusterCardProps) {
  const { metadata, spec, status } = cluster;
  const most = Math.max(1, ...agents.map((agent) => agent.status?.tasks ?? 0));
  const owned = agents.reduce((sum, agent) => sum + (agent.status?.tasks ?? 0), 0);
  return (
    <section className="card" aria-label={`Cluster ${metadata.name}`}>
      <header className="card-head">
        <h2 className="breaks-words">
          <Link href={`/clusters/${metadata.name}`}>{metadata.name}</Link>
        </h2>
        {clusterState(cluster)
          .split(',')
          .map((state) => (
            <StateBadge key={state} state={state} />
          ))}
      </header>
      {spec.description !== undefined && <p className="muted">{spec.description}</p>}
      <dl className="figures">
        <Figure name="Agents" value={status?.agents ?? 0} />
        <Figure name="Tasks" value={status?.tasks ?? 0} />
        <Figure name="Running now" value={status?.running ?? 0} />
      </dl>
      <h3>
        Tasks by agent
        {owned > (status?.tasks ?? 0) && ', some of them on several'}
      </h3>
      <ul className="spread">
        {[...agents]
          .sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
          .map((agent) => (
            <li key={agent.metadata.uid}>
              <Link className="clipped" href={`/agents/${agent.metadata.name}`} title={agent.metadata.name}>
                {agent.metadata.name}
              </Link>
              <progress max={most} value={agent.status?.tasks ?? 0} aria-label={`Tasks of ${agent.metadata.name}`} />
              <span className="number">{(agent.status?.tasks ?? 0).toLocaleString('en')}</span>
              {(!agentReady(agent) || agentCordoned(agent)) && (
                <span className="warn-words">
                  <TriangleAlert aria-hidden />
                  {troubleOf(agent)}
                </span>
              )}
            </li>
          ))}
        {agents.length === 0 && <li className="faint">No agent belongs to it.</li>}
      </ul>
    </section>
  );
}

/** The gravest alone: there is little room. */
function troubleOf(agent: AgentObject): string {
  return stateWords(agentReady(agent) ? agentState(agent).split(',').at(-1)! : 'NotReady').toLowerCase();
}
