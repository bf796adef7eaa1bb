import { isDeepStrictEqual } from 'node:util';
import type { MembersInformer } from '../../../coordination/index.js';
import type { Cluster, Condition, WantedCondition } from '../../../manifests/index.js';
import type { AllocationController } from '../allocation/allocation-controller.js';
import type { Leadership } from '../leadership.js';
import type { StoreView } from '../store-view.js';
import { withTransition } from './decide-task-status.js';

/** Counts of agents, tasks and running runs per cluster, and what is said of its allocation; written when they changed. */
export async function writeClusterStatus(
  leadership: Leadership,
  view: StoreView,
  members: MembersInformer,
  allocation: Pick<AllocationController, 'clusterFacts'>,
): Promise<void> {
  const { store, fence, signal, clock } = leadership;
  const counts = new Map<string, { agents: number; tasks: number; running: number }>();
  for (const cluster of view.clusters) counts.set(cluster, { agents: 0, tasks: 0, running: 0 });
  for (const { cluster } of view.tasks.values()) {
    const count = counts.get(cluster);
    if (count !== undefined) count.tasks += 1;
  }
  for (const { name, registration } of members.members.values()) {
    const count = counts.get(registration.cluster);
    if (count === undefined) continue;
    count.agents += 1;
    count.running += view.agents.get(name)?.running ?? 0;
  }
  for (const [name, count] of counts) {
    if (signal.aborted) return;
    const cluster = await store.get<Cluster>({ kind: 'Cluster', namespace: '', name });
    if (cluster === undefined) continue;
    const { goneWhileBraked, rebalance } = allocation.clusterFacts(name);
    const stopped = movesStopped(goneWhileBraked, cluster, clock.now());
    const others = (cluster.status?.conditions ?? []).filter(({ type }) => type !== stopped.type);
    const status = {
      ...cluster.status,
      ...count,
      ...(rebalance === undefined ? {} : { rebalance }),
      conditions: [stopped, ...others],
    } satisfies Cluster['status'];
    if (isDeepStrictEqual(status, cluster.status)) continue;
    await store.updateStatus<Cluster>({ kind: 'Cluster', namespace: '', name }, status, fence);
  }
}

function movesStopped(gone: number | undefined, { metadata, status }: Cluster, now: number): Condition {
  const type = 'MovesStopped';
  const wanted: WantedCondition<'Cluster'> =
    gone === undefined
      ? { type, status: 'False', reason: 'NoMassLoss', message: 'tasks of agents that are gone move' }
      : {
          ...{ type, status: 'True', reason: 'MassLoss' },
          message: `${gone} agents went at about the same time; their tasks stay for now`,
        };
  return withTransition<'Cluster'>(wanted, metadata.generation, status?.conditions, now);
}
