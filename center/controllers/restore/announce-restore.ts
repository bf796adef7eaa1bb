import type { Cluster, Condition } from '../../../manifests/index.js';
import { withTransition } from '../bookkeeping/decide-task-status.js';
import type { Leadership } from '../leadership.js';

const PAGE = 500;

/** Tells people of a restore: an event for each cluster and, with `guarded`, its condition RestoreGuard. */
export async function announceRestore(
  { store, clock, fence }: Leadership,
  reason: 'StoreRestored' | 'CoordinationRestored' | 'RestoreSettled',
  message: string,
  guarded?: 'True' | 'False',
): Promise<void> {
  const type = reason === 'RestoreSettled' ? 'Normal' : 'Warning';
  const { items } = await store.list<Cluster>('Cluster', { limit: PAGE });
  const time = clock.now();
  await store.recordEvents(
    items.map(({ metadata }) => {
      return {
        type,
        reason,
        message,
        source: 'restore-guard',
        time,
        regarding: { kind: 'Cluster', name: metadata.name },
      };
    }),
  );
  if (guarded === undefined) return;
  for (const { metadata, status } of items) {
    const wanted = { type: 'RestoreGuard', status: guarded, reason, message } as Condition;
    const condition = withTransition(wanted, undefined, status?.conditions, time);
    const others = (status?.conditions ?? []).filter((other) => other.type !== condition.type);
    const key = { kind: 'Cluster', namespace: '', name: metadata.name } as const;
    const counts = status ?? { agents: 0, tasks: 0, running: 0 };
    await store.updateStatus<Cluster>(key, { ...counts, conditions: [...others, condition] }, fence);
  }
}
