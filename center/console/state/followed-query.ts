// What pages follow: kept current while somebody looks, told to all who look, and asked for again when it breaks.
import { ApiError } from '../api/api-error.js';
import { pause } from './pause.js';
import type { Followed } from './shared-lists.js';

export type Phase = 'loading' | 'live' | 'stale' | 'refused';

export const RETRY_MS = [500, 1000, 2000, 5000] as const;
const REFUSED_RETRY_MS = 30_000;
/** Of a watch; the next one begins where it ended. */
export const WATCH_SECONDS = 300;
/** Bookmarks come every 30 s. */
export const IDLE_MS = 95_000;

export abstract class FollowedQuery<Snapshot> implements Followed {
  protected abstract current: Snapshot;
  private readonly listeners = new Set<() => void>();
  private round: AbortController | undefined;

  readonly snapshot = (): Snapshot => this.current;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  get watched(): boolean {
    return this.listeners.size > 0;
  }

  /** Goes on from what is known. */
  resume(): void {
    if (this.round !== undefined) return;
    this.round = new AbortController();
    void this.follow(this.round.signal);
  }

  pause(): void {
    this.round?.abort();
    this.round = undefined;
  }

  /** One round of asking; the next one begins when it resolves. `healthy`: it went well so far. Throws when it did not. */
  protected abstract turn(signal: AbortSignal, healthy: () => void): Promise<void>;

  /** It is tried again; `refused`: what may not be read any more must not be shown any more. */
  protected abstract failed(phase: 'stale' | 'refused', error: ApiError): void;

  protected tell(): void {
    for (const listener of this.listeners) listener();
  }

  private async follow(signal: AbortSignal): Promise<void> {
    let failures = 0;
    const healthy = () => {
      failures = 0;
    };
    while (!signal.aborted) {
      try {
        await this.turn(signal, healthy);
      } catch (cause) {
        if (signal.aborted) return;
        const error = cause instanceof ApiError ? cause : new ApiError(0, 'Unreachable', String(cause));
        if (error.status === 401) return;
        this.failed(error.passing ? 'stale' : 'refused', error);
        await pause(error.passing ? RETRY_MS[Math.min(failures, RETRY_MS.length - 1)]! : REFUSED_RETRY_MS, signal);
        failures += 1;
      }
    }
  }
}
