// The objects of one query, kept current by list and watch.
//
//   loading ── first list ──► live ◄── watch opened again ── stale
//      │                       └────── connection lost ───────▲
//      └── 403, 404 ──► refused: tried again slowly, since rights may be given meanwhile
//
// A browser opens six connections to one center, and each watch holds one: a page that nobody sees holds none (pause).
import { ApiError } from '../api/api-error.js';
import { linesOf } from '../api/lines.js';
import type { ApiObject } from '../api/objects.js';
import { pathOf, request, send } from '../api/request.js';
import { pause } from './pause.js';

export interface LiveQuery {
  readonly plural: string;
  /** Absent: all namespaces, or a kind without one. */
  readonly namespace?: string | undefined;
  readonly fieldSelector?: string | undefined;
  readonly labelSelector?: string | undefined;
  /** So many objects are kept; the center tells the newest runs and events first. */
  readonly limit?: number;
}

export type Phase = 'loading' | 'live' | 'stale' | 'refused';

/** What pages see: a new one for every change, so that React notices. */
export interface LiveSnapshot<T extends ApiObject = ApiObject> {
  readonly phase: Phase;
  readonly error: ApiError | undefined;
  readonly objects: ReadonlyMap<string, T>;
  /** There are more than are kept. */
  readonly cut: boolean;
}

interface ListAnswer {
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
  readonly items: readonly ApiObject[];
}

type WatchLine =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK'; readonly object: ApiObject }
  | { readonly type: 'ERROR'; readonly object: { readonly message: string; readonly code: number } };

export const LIMIT = 5000;
const PAGE = 500;
const WATCH_SECONDS = 300;
/** Bookmarks come every 30 s. */
const IDLE_MS = 95_000;
const RETRY_MS = [500, 1000, 2000, 5000] as const;
const REFUSED_RETRY_MS = 30_000;
/** Pages are drawn anew at most this often, however much happens. */
const NOTICE_MS = 100;
/** Beyond the limit by this share, those that changed the longest ago go together. */
const SLACK = 1.1;

export class LiveList {
  private readonly query: LiveQuery;
  private readonly listeners = new Set<() => void>();
  private objects = new Map<string, ApiObject>();
  private version: string | undefined;
  private cut = false;
  private phase: Phase = 'loading';
  private error: ApiError | undefined;
  private current: LiveSnapshot;
  private round: AbortController | undefined;
  private notice: ReturnType<typeof setTimeout> | undefined;

  constructor(query: LiveQuery) {
    this.query = query;
    this.current = this.look();
  }

  readonly snapshot = (): LiveSnapshot => this.current;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  get watched(): boolean {
    return this.listeners.size > 0;
  }

  /** Goes on from the last version known; from a new list when the center has forgotten it. */
  resume(): void {
    if (this.round !== undefined) return;
    this.round = new AbortController();
    void this.follow(this.round.signal);
  }

  pause(): void {
    this.round?.abort();
    this.round = undefined;
  }

  /** The next round begins with a list, which takes the place of what is there. */
  expire(): void {
    this.version = undefined;
  }

  private async follow(signal: AbortSignal): Promise<void> {
    for (let failures = 0; !signal.aborted; ) {
      try {
        if (this.version === undefined) await this.list(signal);
        for await (const change of this.watch(signal)) {
          failures = 0;
          this.take(change);
        }
        await pause(RETRY_MS[0], signal);
      } catch (cause) {
        if (signal.aborted) return;
        const error = cause instanceof ApiError ? cause : new ApiError(0, 'Unreachable', String(cause));
        if (error.status === 410) {
          this.version = undefined;
          await pause(RETRY_MS[0], signal);
          continue;
        }
        if (error.status === 401) return;
        // What may not be read any more is not shown any more.
        if (!error.passing) this.objects = new Map();
        this.say(error.passing ? 'stale' : 'refused', error);
        await pause(error.passing ? RETRY_MS[Math.min(failures, RETRY_MS.length - 1)]! : REFUSED_RETRY_MS, signal);
        failures += 1;
      }
    }
  }

  /** The first list shows as its pages come; a later one takes the place of what is there when it is whole. */
  private async list(signal: AbortSignal): Promise<void> {
    const { plural, namespace, fieldSelector, labelSelector, limit = LIMIT } = this.query;
    const first = this.objects.size === 0;
    const fresh = first ? this.objects : new Map<string, ApiObject>();
    let token: string | undefined;
    let answer: ListAnswer;
    do {
      const query = { fieldSelector, labelSelector, limit: Math.min(PAGE, limit), continue: token };
      answer = await request<ListAnswer>(pathOf(plural, namespace), { query, signal });
      for (const object of answer.items) fresh.set(object.metadata.uid, object);
      token = answer.metadata.continue || undefined;
      if (first) this.changed();
    } while (token !== undefined && fresh.size < limit);
    this.cut = token !== undefined;
    this.objects = fresh;
    this.version = answer.metadata.resourceVersion;
    this.say('live');
  }

  private async *watch(signal: AbortSignal): AsyncGenerator<WatchLine> {
    const { plural, namespace, fieldSelector, labelSelector } = this.query;
    const query = {
      ...{ fieldSelector, labelSelector, watch: 1, allowWatchBookmarks: 1 },
      ...{ resourceVersion: this.version, timeoutSeconds: WATCH_SECONDS },
    };
    const response = await send(pathOf(plural, namespace), { query, signal });
    this.say('live');
    for await (const line of linesOf(response, IDLE_MS)) yield JSON.parse(line) as WatchLine;
  }

  private take(change: WatchLine): void {
    if (change.type === 'ERROR') throw new ApiError(change.object.code, 'Expired', change.object.message);
    const { uid, resourceVersion } = change.object.metadata;
    this.version = resourceVersion;
    if (change.type === 'BOOKMARK') return;
    if (change.type === 'DELETED') this.objects.delete(uid);
    else this.put(change.object);
    this.changed();
  }

  private put(object: ApiObject): void {
    const { limit = LIMIT } = this.query;
    this.objects.set(object.metadata.uid, object);
    if (this.objects.size <= limit * SLACK) return;
    const oldest = [...this.objects.values()].sort((a, b) => versionOf(b) - versionOf(a)).slice(limit);
    for (const { metadata } of oldest) this.objects.delete(metadata.uid);
    this.cut = true;
  }

  private say(phase: Phase, error?: ApiError): void {
    if (this.phase === phase && this.error === error && this.current.objects.size === this.objects.size) return;
    this.phase = phase;
    this.error = error;
    this.changed();
  }

  private changed(): void {
    this.notice ??= setTimeout(() => {
      this.notice = undefined;
      this.current = this.look();
      for (const listener of this.listeners) listener();
    }, NOTICE_MS);
  }

  private look(): LiveSnapshot {
    const { phase, error, cut } = this;
    return { phase, error, cut, objects: new Map(this.objects) };
  }
}

const versionOf = ({ metadata }: ApiObject): number => Number(metadata.resourceVersion);
