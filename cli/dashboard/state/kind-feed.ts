// The objects of one query, kept current by list and watch through lost connections and refusals.
//
//   loading ── first list ──► live ◄── watch opened again ── stale
//      │                       └────── connection lost ───────▲
//      └── 401, 403, 404 ──► refused: tried again at a slow pace, since rights may be given meanwhile
import { Backoff, type Clock, type Instant, isCloudTaskError } from '../../../base/index.js';
import type { Api } from '../../client/api.js';
import { resourcePath } from '../../client/paths.js';
import { listPages, type ObjectList, recoverable, watchFrom } from '../../client/watch.js';
import type { ApiObject } from '../../resources/api-object.js';
import { Journal } from './journal.js';
import type { Feed, FeedPhase, FeedQuery } from './object-source.js';

/** Of these the newest are kept: a center may hold millions, and nobody scrolls through more. The center lists them newest first,
 * so that as many as these are asked for and no more. */
export const LIMITS: Readonly<Record<string, number>> = { runs: 5_000, events: 2_000 };
/** Beyond the limit by this share those that changed the longest ago are dropped together, so that dropping is not done for each one that comes. */
export const SLACK = 1.1;

const RETRY = { initialMs: 500, maxMs: 5_000 };
const REFUSED_RETRY_MS = 30_000;

export interface FeedParts {
  readonly clock: Clock;
  /** A client that ends with the signal. */
  readonly connect: (signal: AbortSignal) => Promise<Api>;
  readonly onChange: () => void;
}

export class KindFeed implements Feed {
  phase: FeedPhase = 'loading';
  since: Instant | undefined;
  error: unknown;
  objects = new Map<string, ApiObject>();
  readonly limit: number | undefined;
  /** Older objects were left out. */
  cut = false;
  private readonly journal = new Journal();
  private readonly query: FeedQuery;
  private readonly parts: FeedParts;
  private readonly abort = new AbortController();
  private round = new AbortController();

  constructor(query: FeedQuery, parts: FeedParts) {
    this.query = query;
    this.parts = parts;
    this.limit = LIMITS[query.resource.name];
  }

  get version(): number {
    return this.journal.version;
  }

  readonly changedSince = (version: number): readonly string[] | undefined => this.journal.since(version);

  start(): void {
    void this.run();
  }

  /** Lists again. */
  refresh(): void {
    this.round.abort(new Error('asked for again'));
  }

  stop(): void {
    this.abort.abort(new Error('not shown any more'));
    this.round.abort(this.abort.signal.reason);
  }

  private async run(): Promise<void> {
    const { signal } = this.abort;
    const backoff = new Backoff(RETRY);
    while (!signal.aborted) {
      this.round = new AbortController();
      try {
        await this.follow(this.round.signal, backoff);
      } catch (error) {
        if (signal.aborted) return;
        if (this.round.signal.aborted) continue;
        // The center has forgotten what changed since: what is shown is listed anew, and the connection is there.
        if (isCloudTaskError(error, 'CT_EXPIRED')) {
          await this.pause(backoff.next());
          continue;
        }
        const passing = recoverable(error);
        this.lost(passing ? 'stale' : 'refused', error);
        await this.pause(passing ? backoff.next() : REFUSED_RETRY_MS);
      }
    }
  }

  /** Ends early with a stop or a refresh; whoever waits looks at both. */
  private pause(ms: number): Promise<void> {
    return this.parts.clock.sleep(ms, this.round.signal).catch(() => undefined);
  }

  private async follow(signal: AbortSignal, backoff: Backoff): Promise<void> {
    const api = await this.parts.connect(signal);
    const { resource, namespace, fieldSelector, labelSelector } = this.query;
    const path = resourcePath(resource.name, resource.namespaced ? namespace : undefined);
    const query = { fieldSelector, labelSelector };
    const list = await this.list(api, path, query);
    backoff.reset();
    this.live();
    const onTrouble = (error: unknown) => this.lost('stale', error);
    const watch = watchFrom(api, path, query, list, onTrouble, () => this.live(), true);
    for await (const { type, object } of watch) {
      const { uid } = object.metadata;
      if (type === 'DELETED') this.objects.delete(uid);
      const dropped = type === 'DELETED' ? [] : this.put(this.objects, object);
      this.changed([uid, ...dropped]);
    }
  }

  /** The pages of a list show as they come, unless there is something to show already. */
  private async list(api: Api, path: string, query: object): Promise<ObjectList<ApiObject>> {
    const first = this.objects.size === 0;
    const fresh = first ? this.objects : new Map<string, ApiObject>();
    let metadata: ObjectList<ApiObject>['metadata'] = { resourceVersion: '' };
    let more = false;
    for await (const page of listPages<ApiObject>(api, path, { ...query }, undefined, true)) {
      // The objects of a list do not say their kind.
      for (const item of page.items) this.put(fresh, { ...item, kind: item.kind ?? this.query.resource.kind });
      metadata = page.metadata;
      more = page.metadata.continue !== undefined && page.metadata.continue !== '';
      if (first) this.changed();
      if (this.limit !== undefined && fresh.size >= this.limit) break;
    }
    this.objects = fresh;
    this.cut = more;
    this.changed();
    return { metadata, items: [] };
  }

  /** Returns the uids of those that had to go. */
  private put(objects: Map<string, ApiObject>, object: ApiObject): readonly string[] {
    objects.set(object.metadata.uid, object);
    const { limit } = this;
    if (limit === undefined || objects.size <= limit * SLACK) return [];
    const oldest = [...objects.values()].sort((a, b) => changedAt(b) - changedAt(a)).slice(limit);
    for (const { metadata } of oldest) objects.delete(metadata.uid);
    this.cut = true;
    return oldest.map(({ metadata }) => metadata.uid);
  }

  private live(): void {
    if (this.phase === 'live') return;
    this.phase = 'live';
    this.since = undefined;
    this.error = undefined;
    this.changed();
  }

  private lost(phase: 'stale' | 'refused', error: unknown): void {
    if (this.abort.signal.aborted) return;
    if (this.phase !== phase) this.since = this.parts.clock.now();
    this.phase = phase;
    this.error = error;
    this.changed();
  }

  /** @param uids of objects; absent: anything may be different. */
  private changed(uids?: readonly string[]): void {
    if (uids === undefined) this.journal.all();
    for (const uid of uids ?? []) this.journal.one(uid);
    this.parts.onChange();
  }
}

/** Versions grow with each change. Times would not do: many runs begin in one moment, and an event that comes again is as old as its
 * first time. */
const changedAt = ({ metadata }: ApiObject): number => Number(metadata.resourceVersion);
