import { isDeepStrictEqual } from 'node:util';
import type { MembersInformer } from '../../../coordination/index.js';
import type { Cluster } from '../../../manifests/index.js';
import type { Leadership } from '../leadership.js';
import type { StoreView } from '../store-view.js';

/** Counts of agents, tasks and running runs per cluster, written when they changed. */
export async function writeClusterStatus(
  leadership: Leadership,
  view: StoreView,
  members: MembersInformer,
): Promise<void> {
  const { store, fence, signal } = leadership;
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
    const status = { ...cluster.status, ...count };
    if (isDeepStrictEqual(status, cluster.status)) continue;
    await store.updateStatus<Cluster>({ kind: 'Cluster', namespace: '', name }, status, fence);
  }
}
