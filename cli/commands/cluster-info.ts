// ctask cluster-info: where the center is and how many agents are ready.
import type { Command } from 'commander';
import { type Agent, agentState, type Cluster } from '../../manifests/index.js';
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
  const ready = (cluster: string) =>
    agents.filter((agent) => (agent.spec.cluster ?? 'default') === cluster && agentState(agent) === 'Ready').length;
  const total = (cluster: string) => agents.filter(({ spec }) => (spec.cluster ?? 'default') === cluster).length;
  const lines = [
    `CloudTask center is running at ${api.server} (${version.version ?? version.gitVersion ?? 'unknown version'})`,
    ...clusters.map(({ metadata: { name } }) => `Cluster ${name}: ${ready(name)} of ${total(name)} agents ready`),
  ];
  await deps.out(`${lines.join('\n')}\n`);
}
