// Lists that pages share: one per query, ended a moment after the last page has gone.
import { useCallback, useMemo, useSyncExternalStore } from 'react';
import type { ApiObject, Followed } from '../api/objects.js';
import { LiveList, type LiveQuery, type LiveSnapshot } from './live-list.js';

/** Whoever goes from a list to an object and back finds the list as it was. */
const KEPT_MS = 10_000;

const lists = new Map<string, LiveList>();

function keyOf({ plural, namespace, fieldSelector, labelSelector, limit }: LiveQuery): string {
  return JSON.stringify([plural, namespace, fieldSelector, labelSelector, limit]);
}

function listOf(query: LiveQuery): LiveList {
  const key = keyOf(query);
  const known = lists.get(key);
  if (known !== undefined) return known;
  const list = new LiveList(query);
  lists.set(key, list);
  return list;
}

function seen(): boolean {
  return document.visibilityState === 'visible';
}

document.addEventListener('visibilitychange', () => {
  for (const list of lists.values()) {
    if (seen() && list.watched) list.resume();
    else list.pause();
  }
});

/** Forgets everything: the next user must not see what the last one might. */
export function forgetLists(): void {
  for (const list of lists.values()) list.pause();
  lists.clear();
}

/** Reads everything anew, for a user who may read something else than before. */
export function relist(): void {
  for (const list of lists.values()) {
    list.pause();
    list.expire();
    if (seen() && list.watched) list.resume();
  }
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
  const query = useMemo(() => ({ plural, ...options }), [key]);
  const subscribe = useCallback(
    (listener: () => void) => {
      const list = listOf(query);
      const off = list.subscribe(listener);
      if (seen()) list.resume();
      return () => {
        off();
        setTimeout(() => {
          if (list.watched) return;
          list.pause();
          if (lists.get(keyOf(query)) === list) lists.delete(keyOf(query));
        }, KEPT_MS);
      };
    },
    [query],
  );
  const snapshot = useSyncExternalStore(subscribe, () => listOf(query).snapshot());
  const items = useMemo(() => [...snapshot.objects.values()], [snapshot]);
  const { phase, error, cut } = snapshot;
  return { phase, error, cut, items: items as readonly ApiObject[] as readonly Followed[K][] };
}
