import type { FastifyReply } from 'fastify';
import { CloudTaskError, type Timer } from '../../../base/index.js';
import { API_VERSION, matchesFields, matchesLabels } from '../../../manifests/index.js';
import { type Change, inNamespaces, matchesSearch, type Stored } from '../../store/index.js';
import { LineStream } from '../line-stream.js';
import { bad, flag, integer, type SelectorOptions, selectorsOf } from '../request-options.js';
import type { ApiContext } from '../route.js';
import { namespacesOf, type Scope } from './list.js';

/** A watch ends after this unless the client asks otherwise, so that clients spread anew over centers. */
const WATCH_SECONDS = 1800;
const WATCH_SECONDS_MAX = 86_400;
/** How often a watch that has nothing to tell says how far it is. */
const BOOKMARK_MS = 30_000;
/** Objects read at a time for a watch that begins with everything there is. */
const CHUNK = 500;

/**
 * Answers a watch: every change after `resourceVersion` that concerns the scope, as JSON lines. Without a version, or
 * with 0, everything that exists comes first, as ADDED. A version that is too old, or of another store, is 410: list again.
 */
export async function answerWatch(context: ApiContext, scope: Scope, reply: FastifyReply): Promise<void> {
  const { row, query } = scope;
  const version = startVersion(context, scope);
  const seconds = integer(query, 'timeoutSeconds', 1, WATCH_SECONDS_MAX) ?? WATCH_SECONDS;
  const bookmarks = flag(query, 'allowWatchBookmarks');
  const selectors = selectorsOf(query, row);
  context.streams.requireRoom();
  const stream = LineStream.open(reply, { 'content-type': 'application/json' });
  context.streams.add(stream, 'watch', scope.revocable);
  const end = context.clock.timerAfter(seconds * 1000, () => stream.end());
  stream.closed.addEventListener('abort', () => end.cancel(), { once: true });
  try {
    const from = version ?? (await sendExisting(context, scope, selectors, stream));
    follow(context, scope, selectors, stream, from, bookmarks);
  } catch {
    // The headers are sent: a broken connection is the one way left to say "not the whole", and the client lists again.
    stream.destroy();
  }
}

/** The version to go on from, or undefined to begin with what exists. Throws CT_EXPIRED. */
function startVersion(context: ApiContext, { row, query }: Scope): number | undefined {
  const text = query.resourceVersion;
  if (text === undefined || text === '' || text === '0') return undefined;
  if (!/^\d{1,15}$/.test(text)) throw bad('resourceVersion', 'it is not one that this API has given out');
  const version = Number(text);
  const { store } = context;
  if (version <= store.resourceVersion && store.changesSince(row.kind, version) !== undefined) return version;
  throw new CloudTaskError('CT_EXPIRED', `resourceVersion ${text} is not known here any more`);
}

async function sendExisting(
  context: ApiContext,
  { row, ...scope }: Scope,
  selectors: SelectorOptions,
  stream: LineStream,
): Promise<number> {
  const options = { ...selectors, ...namespacesOf(scope), limit: CHUNK };
  let page = await context.store.list(row.kind, options);
  const version = Number(page.resourceVersion);
  for (;;) {
    for (const object of page.items) await stream.write(line('ADDED', JSON.stringify(object)));
    if (page.continueToken === undefined || stream.closed.aborted) return version;
    page = await context.store.list(row.kind, { ...options, continueToken: page.continueToken });
  }
}

/** Sends what has happened since `version` and then what happens. Between the two nothing can be committed: both are
 * done in one turn. */
function follow(
  context: ApiContext,
  { row, ...scope }: Scope,
  selectors: SelectorOptions,
  stream: LineStream,
  version: number,
  bookmarks: boolean,
): void {
  if (stream.closed.aborted) return;
  const { store, hub, clock } = context;
  const concerns = (object: Stored): boolean =>
    inNamespaces(object, scope) &&
    matchesSearch(object, selectors.search) &&
    matchesLabels(selectors.labels, object.metadata.labels) &&
    matchesFields(selectors.fields, object);
  const send = (change: Change) => {
    const text = eventOf(context, change, concerns);
    if (text !== undefined) stream.push(text);
  };
  const missed = store.changesSince(row.kind, version);
  if (missed === undefined) {
    stream.push(line('ERROR', JSON.stringify(expired(version))));
    stream.end();
    return;
  }
  for (const change of missed) send(change);
  const off = hub.on(row.kind, send);
  let timer: Timer | undefined;
  const bookmark = () => {
    const metadata = { resourceVersion: String(store.resourceVersion) };
    stream.push(line('BOOKMARK', JSON.stringify({ kind: row.kind, apiVersion: API_VERSION, metadata })));
    timer = clock.timerAfter(BOOKMARK_MS, bookmark);
  };
  if (bookmarks) timer = clock.timerAfter(BOOKMARK_MS, bookmark);
  stream.closed.addEventListener(
    'abort',
    () => {
      off();
      timer?.cancel();
    },
    { once: true },
  );
}

/** The line a watcher sees of a change. An object that leaves the selection is DELETED for it, with the state it had
 * while it was in. */
function eventOf(
  { hub }: ApiContext,
  { type, object, previous, resourceVersion }: Change,
  concerns: (object: Stored) => boolean,
): string | undefined {
  const was = previous !== undefined && concerns(previous);
  if (type === 'DELETED') return was ? line('DELETED', hub.textOf(object)) : undefined;
  if (concerns(object)) return line(was ? 'MODIFIED' : 'ADDED', hub.textOf(object));
  if (!was) return undefined;
  const metadata = { ...previous.metadata, resourceVersion: String(resourceVersion) };
  return line('DELETED', JSON.stringify({ ...previous, metadata }));
}

function line(type: string, object: string): string {
  return `{"type":"${type}","object":${object}}\n`;
}

function expired(version: number) {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    status: 'Failure',
    message: `resourceVersion ${version} is not known here any more; list again`,
    reason: 'Expired',
    code: 410,
  };
}
