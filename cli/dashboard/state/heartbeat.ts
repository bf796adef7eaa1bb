// Whether the center answers at all. Where nothing changes a watch is silent, and so is a center that hangs: from outside both
// look alike until somebody asks.
import { type Instant, within } from '../../../base/index.js';
import type { FeedParts } from './kind-feed.js';

export const HEARTBEAT_MS = 5_000;
/** A center that takes longer is as good as none to somebody who watches. */
export const ANSWER_MS = 5_000;

export class Heartbeat {
  /** When it was last known to answer; undefined while it does. */
  silentSince: Instant | undefined;
  private readonly parts: FeedParts;
  private readonly abort = new AbortController();

  constructor(parts: FeedParts) {
    this.parts = parts;
  }

  start(): void {
    void this.run();
  }

  stop(): void {
    this.abort.abort(new Error('nobody looks any more'));
  }

  private async run(): Promise<void> {
    const { clock } = this.parts;
    const { signal } = this.abort;
    let answered = clock.now();
    while (!signal.aborted) {
      const silent = !(await this.answers());
      if (signal.aborted) return;
      if (!silent) answered = clock.now();
      const since = silent ? answered : undefined;
      if (since !== this.silentSince) {
        this.silentSince = since;
        this.parts.onChange();
      }
      // Ends early with a stop, which is looked at above.
      await clock.sleep(HEARTBEAT_MS, signal).catch(() => undefined);
    }
  }

  /** An answer that is none of success is one: the feeds tell of it. */
  private async answers(): Promise<boolean> {
    const { clock, connect } = this.parts;
    let late = false;
    await within(clock, ANSWER_MS, async (limit) => {
      limit.addEventListener('abort', () => {
        late = true;
      });
      const api = await connect(AbortSignal.any([this.abort.signal, limit]));
      await api.text('/livez');
    }).catch(() => undefined); // what refuses or closes connections is told by the feeds, which lose theirs
    return !late;
  }
}
