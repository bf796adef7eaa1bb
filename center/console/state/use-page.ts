// A page of a large list, and the way to the next one and back; which page it is stands in the address.
import { useCallback, useMemo, useRef, useSyncExternalStore } from 'react';
import { useSearchParams } from 'wouter';
import type { ApiObject, Followed } from '../api/objects.js';
import { PAGE_ROWS, pageOf } from '../start/queries.js';
import type { Phase } from './followed-query.js';
import { LivePage, type LivePageQuery, type PageSnapshot } from './live-page.js';
import { followShared, sharedList } from './shared-lists.js';

export interface PageOf<T> {
  readonly phase: Phase;
  readonly error: PageSnapshot['error'];
  readonly items: readonly T[];
  /** What is shown is of the filters before; the center has not answered yet. */
  readonly waiting: boolean;
  /** Number of the first row, from 1. */
  readonly first: number;
  /** undefined when there are more than anybody counted. */
  readonly total: number | undefined;
  /** undefined on the first page, and on the last. */
  readonly back: (() => void) | undefined;
  readonly forward: (() => void) | undefined;
}

export function usePage<K extends keyof Followed>(
  plural: K,
  options: Omit<LivePageQuery, 'plural' | 'limit' | 'after'>,
): PageOf<Followed[K]> {
  const [parameters, setParameters] = useSearchParams();
  const { number, after } = pageOf(parameters);
  const list = JSON.stringify([plural, options]);
  const key = JSON.stringify(['page', list, after]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key says all of the query
  const make = useMemo(() => () => new LivePage({ plural, ...options, limit: PAGE_ROWS, after }), [key]);
  const subscribe = useCallback((listener: () => void) => followShared(key, make, listener), [key, make]);
  const snapshot = useSyncExternalStore(subscribe, () => sharedList(key, make).snapshot());

  // Whoever types sees the rows from before until the new ones are there.
  const before = useRef(snapshot);
  const waiting = snapshot.phase === 'loading' && before.current.phase !== 'loading';
  if (!waiting) before.current = snapshot;
  const { rows, next, remaining } = before.current;

  const starts = useRef({ list, tokens: new Map<number, string>() });
  if (starts.current.list !== list) starts.current = { list, tokens: new Map() };
  const { tokens } = starts.current;
  if (after !== undefined) tokens.set(number, after);

  const go = (to: number, token: string | undefined) =>
    setParameters((now) => {
      const then = new URLSearchParams(now);
      for (const name of ['page', 'after']) then.delete(name);
      if (token !== undefined) {
        then.set('page', String(to));
        then.set('after', token);
      }
      return then;
    });
  const first = (number - 1) * PAGE_ROWS + 1;
  return {
    ...{ phase: snapshot.phase, error: snapshot.error, waiting, first },
    items: rows as readonly ApiObject[] as readonly Followed[K][],
    total: remaining === undefined ? undefined : first - 1 + rows.length + remaining,
    // Whoever was sent the address of a page does not know the one before, and begins with the first.
    back: number === 1 ? undefined : () => go(number - 1, tokens.get(number - 1)),
    forward: next === undefined ? undefined : () => go(number + 1, next),
  };
}

export interface Top<T> {
  readonly phase: Phase;
  readonly items: readonly T[];
  /** undefined when there are more than anybody counted, and while nobody has. */
  readonly total: number | undefined;
}

/** The first objects of a large list, and how many there are; read again every few seconds. */
export function useTop<K extends keyof Followed>(
  plural: K,
  options: Omit<LivePageQuery, 'plural' | 'after' | 'unwatched'>,
): Top<Followed[K]> {
  const key = JSON.stringify(['top', plural, options]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key says all of the query
  const make = useMemo(() => () => new LivePage({ plural, ...options, unwatched: true }), [key]);
  const subscribe = useCallback((listener: () => void) => followShared(key, make, listener), [key, make]);
  const { phase, rows, remaining } = useSyncExternalStore(subscribe, () => sharedList(key, make).snapshot());
  return {
    phase,
    items: rows as readonly ApiObject[] as readonly Followed[K][],
    total: remaining === undefined || phase === 'loading' ? undefined : rows.length + remaining,
  };
}
