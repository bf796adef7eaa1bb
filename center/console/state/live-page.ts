// One page of a list that is too large to be held: searched, selected and ordered by the center.
//
// Its objects are followed by a watch of their names. What comes and goes is seen by reading the page again every few seconds:
// a watch of a whole large list would tell this browser of every run of the installation.
import type { ApiError } from '../api/api-error.js';
import { linesOf } from '../api/lines.js';
import type { ApiObject } from '../api/objects.js';
import { pathOf, request, send } from '../api/request.js';
import { firstBody } from '../start/answers.js';
import { type PageQuery, pageQueryOf, pageUrl } from '../start/queries.js';
import { FollowedQuery, IDLE_MS, type Phase, WATCH_SECONDS } from './followed-query.js';
import { pause } from './pause.js';

export interface LivePageQuery extends PageQuery {
  /** Only read again and again: what is shown may be some seconds old, and no connection is held. */
  readonly unwatched?: true;
}

export interface PageSnapshot {
  readonly phase: Phase;
  readonly error: ApiError | undefined;
  readonly rows: readonly ApiObject[];
  /** Of the next page; undefined on the last. */
  readonly next: string | undefined;
  /** How many there are behind this page; undefined when nobody counted. */
  readonly remaining: number | undefined;
}

interface ListAnswer {
  readonly metadata: {
    readonly resourceVersion: string;
    readonly continue?: string;
    readonly remainingItemCount?: number;
  };
  readonly items: readonly ApiObject[];
}

type WatchLine = { readonly type: string; readonly object: ApiObject };

/** How often a page is read anew, and how many times longer than reading it takes that is at least. */
const AGAIN_MS = 3000;
const AGAIN_SHARE = 20;
const NOTICE_MS = 50;
/** Of a field selector; names beyond it are seen when the page is read again. */
const NAMES_MAX_LENGTH = 4000;

export class LivePage extends FollowedQuery<PageSnapshot> {
  protected current: PageSnapshot = {
    ...{ phase: 'loading', error: undefined, rows: [], next: undefined, remaining: undefined },
  };
  private readonly query: LivePageQuery;
  /** Was there before anybody looked. */
  private first: ListAnswer | undefined;
  private readonly made = performance.now();
  private names: { readonly text: string; readonly watch: AbortController } | undefined;
  private again: () => void = () => undefined;
  private notice: ReturnType<typeof setTimeout> | undefined;

  constructor(query: LivePageQuery) {
    super();
    this.query = query;
    this.first = firstBody(pageUrl(query)) as ListAnswer | undefined;
    if (this.first !== undefined) this.show(this.first);
  }

  override pause(): void {
    super.pause();
    this.names?.watch.abort();
    this.names = undefined;
  }

  protected async turn(signal: AbortSignal, healthy: () => void): Promise<void> {
    const began = performance.now();
    const version = await this.read(signal);
    healthy();
    if (this.query.unwatched !== true) this.watchNames(version);
    const moment = Math.max(AGAIN_MS, AGAIN_SHARE * (performance.now() - began));
    await Promise.race([
      pause(moment, signal),
      new Promise<void>((resolve) => {
        this.again = resolve;
      }),
    ]);
  }

  protected failed(phase: 'stale' | 'refused', error: ApiError): void {
    this.change({ phase, error, ...(phase === 'refused' ? { rows: [], next: undefined, remaining: undefined } : {}) });
    this.tell();
  }

  /** Reads the page and tells of it at once. */
  private async read(signal: AbortSignal): Promise<string> {
    const { first } = this;
    this.first = undefined;
    if (first !== undefined && performance.now() - this.made < AGAIN_MS) return first.metadata.resourceVersion;
    const { plural, namespace } = this.query;
    const answer = await request<ListAnswer>(pathOf(plural, namespace), { query: pageQueryOf(this.query), signal });
    this.show(answer);
    this.tell();
    return answer.metadata.resourceVersion;
  }

  private show({ metadata: { continue: next, remainingItemCount }, items }: ListAnswer): void {
    const newer = new Map(this.current.rows.map((row) => [row.metadata.uid, row]));
    this.change({
      ...{ phase: 'live', error: undefined, next },
      rows: items.map((item) => latest(item, newer.get(item.metadata.uid))),
      remaining: next === undefined ? 0 : remainingItemCount,
    });
  }

  /** Follows the objects that are shown, until the page shows others. */
  private watchNames(version: string): void {
    const text = namesOf(this.current.rows);
    if (text === this.names?.text) return;
    this.names?.watch.abort();
    const watch = new AbortController();
    this.names = { text, watch };
    if (text !== '') void this.watch(text, version, watch.signal);
  }

  private async watch(names: string, resourceVersion: string, signal: AbortSignal): Promise<void> {
    const { plural, namespace } = this.query;
    const query = {
      ...{ fieldSelector: `metadata.name in (${names})`, watch: 1, allowWatchBookmarks: 1 },
      ...{ resourceVersion, timeoutSeconds: WATCH_SECONDS },
    };
    try {
      const response = await send(pathOf(plural, namespace), { query, signal });
      for await (const line of linesOf(response, IDLE_MS)) this.take(JSON.parse(line) as WatchLine);
    } catch {
      // It may have been too old, or the connection was lost: the next reading of the page opens another, and says what is wrong.
    }
    if (!signal.aborted) this.names = undefined;
  }

  private take({ type, object }: WatchLine): void {
    if (type !== 'MODIFIED' && type !== 'DELETED') return;
    const { rows } = this.current;
    const at = rows.findIndex(({ metadata }) => metadata.uid === object.metadata.uid);
    if (at < 0) return;
    if (type === 'DELETED') this.again();
    else this.change({ rows: rows.with(at, latest(object, rows[at])) });
    this.notice ??= setTimeout(() => this.tell(), NOTICE_MS);
  }

  private change(part: Partial<PageSnapshot>): void {
    this.current = { ...this.current, ...part };
  }

  protected override tell(): void {
    clearTimeout(this.notice);
    this.notice = undefined;
    super.tell();
  }
}

/** What is read and what is watched come on two connections. What has not changed stays the same object, and is not drawn anew. */
function latest(one: ApiObject, other: ApiObject | undefined): ApiObject {
  const newer = Number(other?.metadata.resourceVersion ?? 0) >= Number(one.metadata.resourceVersion);
  return other !== undefined && newer ? other : one;
}

function namesOf(rows: readonly ApiObject[]): string {
  const names = [...new Set(rows.map(({ metadata }) => metadata.name))].sort().join(',');
  return names.length <= NAMES_MAX_LENGTH ? names : names.slice(0, names.lastIndexOf(',', NAMES_MAX_LENGTH));
}
