// The objects on the screen, and no others: one feed per query that a screen asks for, ended when no screen does.
import type { Instant } from '../../../base/index.js';
import { Heartbeat } from './heartbeat.js';
import { type FeedParts, KindFeed } from './kind-feed.js';
import { type Feed, type FeedQuery, feedKey, type ObjectSource } from './object-source.js';

export class ObjectStore implements ObjectSource {
  private readonly parts: FeedParts;
  private readonly feeds = new Map<string, KindFeed>();
  private readonly heartbeat: Heartbeat;

  constructor(parts: FeedParts) {
    this.parts = parts;
    this.heartbeat = new Heartbeat(parts);
    this.heartbeat.start();
  }

  keep(queries: readonly FeedQuery[]): void {
    const wanted = new Map(queries.map((query) => [feedKey(query), query]));
    for (const [key, feed] of [...this.feeds]) {
      if (wanted.has(key)) continue;
      feed.stop();
      this.feeds.delete(key);
    }
    for (const [key, query] of wanted) {
      if (this.feeds.has(key)) continue;
      const feed = new KindFeed(query, this.parts);
      this.feeds.set(key, feed);
      feed.start();
    }
  }

  feed(query: FeedQuery): Feed | undefined {
    return this.feeds.get(feedKey(query));
  }

  staleSince(): Instant | undefined {
    const stale = [...this.feeds.values()].filter(({ phase }) => phase === 'stale');
    const all = [...stale.map(({ since }) => since), this.heartbeat.silentSince];
    const times = all.filter((since) => since !== undefined);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  refresh(): void {
    for (const feed of this.feeds.values()) feed.refresh();
  }

  stop(): void {
    this.heartbeat.stop();
    this.keep([]);
  }
}
