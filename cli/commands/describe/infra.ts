import { formatBytes } from '../../../base/index.js';
import {
  type Agent,
  agentCapacity,
  agentReady,
  agentState,
  type Cluster,
  clusterState,
  massLossDefaults,
  type Namespace,
  type Run,
} from '../../../manifests/index.js';
import { resourcePath } from '../../client/paths.js';
import { listAll } from '../../client/watch.js';
import type { CliDeps } from '../../deps.js';
import type { Description } from '../../output/description.js';
import type { ApiObject } from '../../resources/api-object.js';
import { addAlarms, addNotify } from './notify.js';
import { timeAndAge } from './parts.js';

export async function describeAgent(agent: Agent, description: Description, deps: CliDeps): Promise<void> {
  const { spec, status } = agent;
  const text = (value: string | number | undefined) => (value === undefined ? '<unknown>' : String(value));
  description
    .field('Status', agentState(agent))
    .field('Cluster', spec.cluster ?? 'default')
    .field('Unschedulable', String(spec.unschedulable ?? false))
    .field('Capacity', String(agentCapacity(agent)))
    .field('Drain', drainWords(agent))
    .field('Held Until', status?.holdUntil ?? '<none>')
    .field(
      'Heartbeat',
      status?.heartbeatTime === undefined ? '<none>' : timeAndAge(status.heartbeatTime, deps.clock.now()),
    )
    .section('System', [
      ['Hostname', text(status?.hostname)],
      ['OS', text(status?.os)],
      ['Architecture', text(status?.arch)],
      ['Version', text(status?.version)],
      ['Time-zone data', text(status?.tzdata)],
      ['Boot', text(status?.bootId)],
      ['Processors', text(status?.cpus)],
      ['Memory', status?.memoryBytes === undefined ? '<unknown>' : `${Math.round(status.memoryBytes / 1024 ** 2)}Mi`],
      ...(status?.diskBytes === undefined
        ? []
        : [['Disk', `${formatBytes(status.diskFreeBytes ?? 0)} of ${formatBytes(status.diskBytes)} free`] as const]),
      ...(status?.cgroups === undefined ? [] : [['Cgroups', status.cgroups] as const]),
    ])
    .section('Work', [
      ['Tasks', text(status?.tasks ?? 0)],
      ['Running', runningOn(agent)],
      ['Load', text(status?.load)],
      ['Spool', `${status?.spoolBytes ?? 0} bytes`],
    ]);
  const query = { fieldSelector: `status.agent=${agent.metadata.name},status.state=Running` };
  const { items } = await listAll<Run>(await deps.api(), resourcePath('runs'), query);
  description.table(
    'Running Runs',
    ['Namespace', 'Run', 'Started'],
    items.map(({ metadata, status: run }) => [metadata.namespace ?? '', metadata.name, run?.startTime ?? '<none>']),
  );
}

/** What an agent said before it went tells nothing of now: its runs may go on without it. */
function runningOn(agent: Agent): string {
  return agentReady(agent) ? String(agent.status?.running ?? 0) : '<unknown>';
}

function drainWords({ spec, status }: Agent): string {
  if (spec.drain === undefined) return '<none>';
  const drained = status?.conditions?.find(({ type }) => type === 'Drained');
  return drained === undefined ? spec.drain : `${spec.drain}: ${drained.message}`;
}

export async function describeCluster(cluster: Cluster, description: Description, deps: CliDeps): Promise<void> {
  const { metadata, spec, status } = cluster;
  const { minAgents, percent, window, holdFor } = { ...massLossDefaults, ...spec.massLoss };
  const moves = status?.conditions?.find(({ type }) => type === 'MovesStopped');
  description
    .field('Status', clusterState(cluster))
    .field('Description', spec.description ?? '<none>')
    .field('Lost After', spec.lostAfter ?? '<none>')
    .field('Rebalance', spec.rebalance ?? 'Slow')
    .field('Mass Loss', `${percent}%, at least ${minAgents}, within ${window}: tasks stay for up to ${holdFor}`)
    .field('Moves', moves?.message ?? '<unknown>')
    .field('Tasks', String(status?.tasks ?? 0))
    .field('Running', String(status?.running ?? 0));
  const query = { fieldSelector: `spec.cluster=${metadata.name}` };
  const { items } = await listAll<Agent>(await deps.api(), resourcePath('agents'), query);
  description.table(
    'Agents',
    ['Name', 'Status', 'Tasks', 'Running'],
    items.map((agent) => [agent.metadata.name, agentState(agent), String(agent.status?.tasks ?? 0), runningOn(agent)]),
  );
  addNotify(description, 'Notify', spec.notify);
  addNotify(description, 'Notify Runs', spec.notifyRuns);
  await addAlarms(description, cluster, deps);
}

export async function describeNamespace({ spec, status }: Namespace, description: Description): Promise<void> {
  description.field('Description', spec.description ?? '<none>').field('Tasks', String(status?.tasks ?? 0));
  if (spec.notify !== undefined) addNotify(description, 'Notify', spec.notify);
}

/** A kind this version does not know: its fields as they are. */
export async function describeOther({ spec, status }: ApiObject, description: Description): Promise<void> {
  for (const [title, part] of Object.entries({ Spec: spec, Status: status })) {
    if (part !== undefined) description.field(title, ...JSON.stringify(part, undefined, 2).split('\n'));
  }
}
