import type { Cluster, ConditionReason } from '../../../manifests/index.js';
import { withTransition } from '../bookkeeping/decide-task-status.js';
import type { Leadership } from '../leadership.js';

const PAGE = 500;

/** Tells people of a restore: an event for each cluster and, with `guarded`, its condition RestoreGuard. */
export async function announceRestore(
  { store, clock, fence }: Leadership,
  reason: 'StoreRestored' | ConditionReason<'Cluster', 'RestoreGuard'>,
  message: string,
  guarded?: 'True' | 'False',
): Promise<void> {
  const { items } = await store.list<Cluster>('Cluster', { limit: PAGE });
  const time = clock.now();
  await store.recordEvents(
    items.map(({ metadata }) => {
      return {
        reason,
        message,
        source: 'restore-guard',
        time,
        regarding: { kind: 'Cluster', name: metadata.name },
      };
    }),
  );
  if (guarded === undefined || reason === 'StoreRestored') return;
  for (const { metadata, status } of items) {
    const wanted = { type: 'RestoreGuard', status: guarded, reason, message } as const;
    const condition = withTransition<'Cluster'>(wanted, undefined, status?.conditions, time);
    const others = (status?.conditions ?? []).filter((other) => other.type !== condition.type);
    const key = { kind: 'Cluster', namespace: '', name: metadata.name } as const;
    const counts = status ?? { agents: 0, tasks: 0, running: 0 };
    await store.updateStatus<Cluster>(key, { ...counts, conditions: [...others, condition] }, fence);
  }
}
