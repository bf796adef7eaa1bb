// ctask cluster-info: where the center is and how many agents are ready.
import type { Command } from 'commander';
import { type Agent, agentCordoned, agentReady, type Cluster } from '../../manifests/index.js';
import { resourcePath } from '../client/paths.js';
import { listAll } from '../client/watch.js';
import type { CliDeps } from '../deps.js';
import { addExamples } from '../examples.js';

export function defineClusterInfo(program: Command, deps: CliDeps, run = runClusterInfo): void {
  const command = program.command('cluster-info').description('Show where the center is and which agents are ready');
  addExamples(command, [
    { say: 'Of the current context', run: 'ctask cluster-info' },
    { say: 'Of another one', run: 'ctask cluster-info --context local' },
  ]).action(() => run(deps));
}

export async function runClusterInfo(deps: CliDeps): Promise<void> {
  const api = await deps.api();
  const version = await api.get<{ version?: string; gitVersion?: string }>('/version');
  const { items: agents } = await listAll<Agent>(api, resourcePath('agents'));
  const { items: clusters } = await listAll<Cluster>(api, resourcePath('clusters'));
  const of = (cluster: string) => agents.filter(({ spec }) => (spec.cluster ?? 'default') === cluster);
  const lines = [
    `CloudTask center is running at ${api.server} (${version.version ?? version.gitVersion ?? 'unknown version'})`,
    ...clusters.map(({ metadata: { name } }) => `Cluster ${name}: ${readyWords(of(name))}`),
  ];
  await deps.out(`${lines.join('\n')}\n`);
}

/** `2 of 3 agents ready, 1 cordoned`: an agent that gets no further tasks runs those it has. */
function readyWords(agents: readonly Agent[]): string {
  const cordoned = agents.filter(agentCordoned).length;
  const words = `${agents.filter(agentReady).length} of ${agents.length} agents ready`;
  return cordoned === 0 ? words : `${words}, ${cordoned} cordoned`;
}
