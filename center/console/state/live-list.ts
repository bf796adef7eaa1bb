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
import { LIST_ROWS } from '../start/queries.js';
import { FollowedQuery, IDLE_MS, type Phase, RETRY_MS, WATCH_SECONDS } from './followed-query.js';
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
/** Pages are drawn anew at most this often, however much happens. */
const NOTICE_MS = 100;
/** Beyond the limit by this share, those that changed the longest ago go together. */
const SLACK = 1.1;

export class LiveList extends FollowedQuery<LiveSnapshot> {
  protected current: LiveSnapshot;
  private readonly query: LiveQuery;
  private objects = new Map<string, ApiObject>();
  private version: string | undefined;
  private cut = false;
  private phase: Phase = 'loading';
  private error: ApiError | undefined;
  private notice: ReturnType<typeof setTimeout> | undefined;

  constructor(query: LiveQuery) {
    super();
    this.query = query;
    this.current = this.look();
  }

  /** The next round begins with a list, which takes the place of what is there. */
  expire(): void {
    this.version = undefined;
  }

  protected async turn(signal: AbortSignal, healthy: () => void): Promise<void> {
    try {
      if (this.version === undefined) await this.list(signal);
      for await (const change of this.watch(signal)) {
        healthy();
        this.take(change);
      }
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 410) throw error;
      this.version = undefined; // the center has forgotten it
    }
    await pause(RETRY_MS[0], signal);
  }

  protected failed(phase: 'stale' | 'refused', error: ApiError): void {
    if (phase === 'refused') this.objects = new Map();
    this.say(phase, error);
  }

  /** The first list shows as its pages come; a later one takes the place of what is there when it is whole. */
  private async list(signal: AbortSignal): Promise<void> {
    const { plural, namespace, fieldSelector, labelSelector, limit = LIMIT } = this.query;
    const first = this.objects.size === 0;
    const fresh = first ? this.objects : new Map<string, ApiObject>();
    let token: string | undefined;
    let answer: ListAnswer;
    do {
      const query = { fieldSelector, labelSelector, limit: Math.min(LIST_ROWS, limit), continue: token };
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
      this.tell();
    }, NOTICE_MS);
  }

  private look(): LiveSnapshot {
    const { phase, error, cut } = this;
    return { phase, error, cut, objects: new Map(this.objects) };
  }
}

const versionOf = ({ metadata }: ApiObject): number => Number(metadata.resourceVersion);
