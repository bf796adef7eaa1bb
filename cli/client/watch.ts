// List and watch, for as long as the caller wants: through closed connections, a restarted center and an expired version.
import { Backoff, isCloudTaskError } from '../../base/index.js';
import type { Api } from './api.js';
import { linesOf } from './lines.js';
import type { Query } from './paths.js';
import { errorOfStatus, type Status, statusOf } from './status.js';

/** What list and watch need to know of an object. */
export interface WatchedObject {
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid: string;
    readonly resourceVersion: string;
  };
}

export interface ObjectList<T> {
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
  readonly items: T[];
}

export interface WatchEvent<T> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: T;
}

/** The server ends a watch after this; the client takes it up again. */
const WATCH_SECONDS = 300;
/** Bookmarks come every 30 s; a connection that is silent for three times as long is dead. */
const IDLE_MS = 95_000;
const RECONNECT = { initialMs: 200, maxMs: 5000 };

export const PAGE_SIZE = 500;

/**
 * The pages of a list, which are of one snapshot. The next one is asked for while the consumer works on the last. When the server
 * has forgotten the snapshot meanwhile, the rest comes as it is now, unless `snapshot` insists: then CT_EXPIRED.
 */
export async function* listPages<T>(
  api: Api,
  path: string,
  query: Query = {},
  pageSize = PAGE_SIZE,
  snapshot = false,
): AsyncGenerator<ObjectList<T>> {
  const limit = pageSize === 0 ? undefined : pageSize;
  const ask = (token?: string) => api.get<ObjectList<T>>(path, { ...query, limit, continue: token });
  for (let page = await ask(); ; ) {
    const token = page.metadata.continue || undefined;
    const next = token === undefined ? undefined : ask(token);
    next?.catch(() => undefined); // a consumer that has gone does not ask how it went
    yield page;
    if (next === undefined) return;
    page = await next.catch((error: unknown) => {
      const fresh = snapshot ? undefined : statusOf(error)?.metadata?.continue;
      if (fresh === undefined) throw error;
      return ask(fresh);
    });
  }
}

/** A list is begun again this often when its snapshot is forgotten before its end. */
const LIST_ATTEMPTS = 3;

/** The whole list of one snapshot, page by page. */
export async function listAll<T>(api: Api, path: string, query?: Query, pageSize?: number): Promise<ObjectList<T>> {
  for (let attempt = 1; ; attempt++) {
    const items: T[] = [];
    let metadata: ObjectList<T>['metadata'] = { resourceVersion: '' };
    try {
      for await (const page of listPages<T>(api, path, query, pageSize, true)) {
        for (const item of page.items) items.push(item);
        metadata = page.metadata;
      }
      return { metadata, items };
    } catch (error) {
      if (attempt >= LIST_ATTEMPTS || !isCloudTaskError(error, 'CT_EXPIRED')) throw error;
    }
  }
}

/**
 * Every change after `list`. Resumes from the last version seen; when the server has forgotten it (410), lists again and
 * yields the difference, so that the consumer sees neither a gap nor an end. Ends only with the api's signal. For that all objects
 * are kept, until they are deleted.
 * @param onTrouble is called when the connection is lost, once per loss.
 * @param onOpen is called when the center has taken the watch up, at first and after each loss.
 * @param listsItself the consumer keeps what it wants, and lists again by itself: nothing is kept here, and CT_EXPIRED is thrown.
 */
export async function* watchFrom<T extends WatchedObject>(
  api: Api,
  path: string,
  query: Query,
  list: ObjectList<T>,
  onTrouble: (error: unknown) => void = () => undefined,
  onOpen: () => void = () => undefined,
  listsItself = false,
): AsyncGenerator<WatchEvent<T>> {
  const known = new Map(listsItself ? [] : list.items.map((object) => [object.metadata.uid, object]));
  const backoff = new Backoff(RECONNECT);
  let version = list.metadata.resourceVersion;
  let troubled = false;
  for (;;) {
    try {
      for await (const event of oneWatch<T>(api, path, query, version, onOpen)) {
        troubled = false;
        backoff.reset();
        version = event.object.metadata.resourceVersion;
        if (event.type === 'BOOKMARK') continue;
        if (!listsItself) keep(known, event);
        yield { type: event.type, object: event.object };
      }
    } catch (error) {
      api.signal.throwIfAborted();
      if (listsItself && isCloudTaskError(error, 'CT_EXPIRED')) throw error;
      if (isCloudTaskError(error, 'CT_EXPIRED')) {
        const fresh = await listAgain<T>(api, path, query, backoff);
        version = fresh.metadata.resourceVersion;
        for (const event of difference(known, fresh.items)) {
          keep(known, event);
          yield event;
        }
        continue;
      }
      if (!recoverable(error)) throw error;
      if (!troubled) onTrouble(error);
      troubled = true;
    }
    await api.clock.sleep(backoff.next(), api.signal);
  }
}

type RawEvent<T> = { type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK'; object: T };

async function* oneWatch<T extends WatchedObject>(
  api: Api,
  path: string,
  query: Query,
  resourceVersion: string,
  onOpen: () => void,
): AsyncGenerator<RawEvent<T>> {
  const parameters = { ...query, watch: 1, resourceVersion, timeoutSeconds: WATCH_SECONDS, allowWatchBookmarks: 1 };
  const response = await api.open(path, parameters, 'application/json');
  onOpen();
  for await (const line of linesOf(response.stream, api.clock, IDLE_MS)) {
    const event = JSON.parse(line) as RawEvent<T> | { type: 'ERROR'; object: Status };
    if (event.type === 'ERROR') throw errorOfStatus(event.object);
    yield event;
  }
}

async function listAgain<T>(api: Api, path: string, query: Query, backoff: Backoff): Promise<ObjectList<T>> {
  for (;;) {
    try {
      return await listAll<T>(api, path, query);
    } catch (error) {
      api.signal.throwIfAborted();
      if (!recoverable(error)) throw error;
      await api.clock.sleep(backoff.next(), api.signal);
    }
  }
}

function keep<T extends WatchedObject>(known: Map<string, T>, event: RawEvent<T>): void {
  if (event.type === 'DELETED') known.delete(event.object.metadata.uid);
  else known.set(event.object.metadata.uid, event.object);
}

function difference<T extends WatchedObject>(known: ReadonlyMap<string, T>, items: readonly T[]): WatchEvent<T>[] {
  const present = new Set(items.map(({ metadata }) => metadata.uid));
  const gone = [...known.values()].filter(({ metadata }) => !present.has(metadata.uid));
  const events: WatchEvent<T>[] = gone.map((object) => ({ type: 'DELETED', object }));
  for (const object of items) {
    const before = known.get(object.metadata.uid);
    if (before === undefined) events.push({ type: 'ADDED', object });
    else if (before.metadata.resourceVersion !== object.metadata.resourceVersion)
      events.push({ type: 'MODIFIED', object });
  }
  return events;
}

/** Trouble that passes: the connection, or a center that restarts. A refusal by the center does not. */
export function recoverable(error: unknown): boolean {
  if (error instanceof SyntaxError) return true; // a line cut off by a center that went away
  if (!isCloudTaskError(error)) return error instanceof Error && 'code' in error;
  return error.row.retryable;
}
