import type { Namespace } from '../../../manifests/index.js';
import type { Leadership } from '../leadership.js';
import type { StoreView } from '../store-view.js';

/** Number of tasks per namespace; written where it changed. */
export async function writeNamespaceStatus({ store, fence, signal }: Leadership, view: StoreView): Promise<void> {
  const counts = new Map<string, number>();
  for (const { namespace } of view.tasks.values()) counts.set(namespace, (counts.get(namespace) ?? 0) + 1);
  const { items } = await store.list<Namespace>('Namespace');
  for (const { metadata, status } of items) {
    if (signal.aborted) return;
    const { name } = metadata;
    const tasks = counts.get(name) ?? 0;
    if (status?.tasks === tasks) continue;
    await store.updateStatus<Namespace>({ kind: 'Namespace', namespace: '', name }, { ...status, tasks }, fence);
  }
}
