// What pages share: one list per query, ended a moment after the last page has gone.

/** Something that is kept current while somebody looks. */
export interface Followed {
  readonly watched: boolean;
  subscribe(listener: () => void): () => void;
  resume(): void;
  pause(): void;
  /** What is known is read anew when it is followed again. */
  expire?(): void;
}

/** Whoever goes from a list to an object and back finds the list as it was. */
const KEPT_MS = 10_000;

const lists = new Map<string, Followed>();

/** The one of this key; made when there is none. */
export function sharedList<T extends Followed>(key: string, make: () => T): T {
  const known = lists.get(key);
  if (known !== undefined) return known as T;
  const list = make();
  lists.set(key, list);
  return list;
}

export function followShared<T extends Followed>(key: string, make: () => T, listener: () => void): () => void {
  const list = sharedList(key, make);
  const off = list.subscribe(listener);
  if (seen()) list.resume();
  return () => {
    off();
    // Its connection is wanted by the next page at once; the objects stay for who comes back.
    setTimeout(() => {
      if (!list.watched) list.pause();
    }, 0);
    setTimeout(() => {
      if (list.watched) return;
      if (lists.get(key) === list) lists.delete(key);
    }, KEPT_MS);
  };
}

/** Forgets everything: the next user must not see what the last one might. */
export function forgetLists(): void {
  for (const list of lists.values()) list.pause();
  lists.clear();
}

/** Reads everything anew, for a user who may read something else than before. */
export function relist(): void {
  for (const list of lists.values()) {
    list.pause();
    list.expire?.();
    if (seen() && list.watched) list.resume();
  }
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
