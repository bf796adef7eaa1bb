// Lists that pages share, whole: one per query.
import { useCallback, useMemo, useSyncExternalStore } from 'react';
import type { ApiObject, Followed } from '../api/objects.js';
import { LiveList, type LiveQuery, type LiveSnapshot } from './live-list.js';
import { followShared, sharedList } from './shared-lists.js';

export { forgetLists, relist } from './shared-lists.js';

function keyOf({ plural, namespace, fieldSelector, labelSelector, limit }: LiveQuery): string {
  return JSON.stringify([plural, namespace, fieldSelector, labelSelector, limit]);
}

export interface Live<T> {
  readonly phase: LiveSnapshot['phase'];
  readonly error: LiveSnapshot['error'];
  readonly cut: boolean;
  /** In no order. */
  readonly items: readonly T[];
}

/** The objects of a kind, always current. */
export function useLive<K extends keyof Followed>(
  plural: K,
  options: Omit<LiveQuery, 'plural'> = {},
): Live<Followed[K]> {
  const key = keyOf({ plural, ...options });
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key says all of the query
  const make = useMemo(() => () => new LiveList({ plural, ...options }), [key]);
  const subscribe = useCallback((listener: () => void) => followShared(key, make, listener), [key, make]);
  const snapshot = useSyncExternalStore(subscribe, () => sharedList(key, make).snapshot());
  const items = useMemo(() => [...snapshot.objects.values()], [snapshot]);
  const { phase, error, cut } = snapshot;
  return { phase, error, cut, items: items as readonly ApiObject[] as readonly Followed[K][] };
}
