// Requests to write that were refused are audited too, as long as they are few: whoever sends many must not fill the disk.
import { type Clock, type Logger, messageOf, type Timer } from '../../base/index.js';
import type { AuditRefusal, Store } from '../store/index.js';

/** Entries of one user in a window. A person does not get as far; a script that does is told by the number of the others.
 * All requests without a valid token are those of one user. An entry is less than a kilobyte: 90 MB a day at the worst. */
export const REFUSALS_PER_WINDOW = 60;
export const WINDOW_MS = 60_000;
/** Users whose windows are open; further ones share one. There are as many as there are tokens. */
const USERS_MAX = 1000;

interface Window {
  entries: number;
  omitted: number;
  /** The last one that has no entry yet: it gets one when the window closes, which says how many there were. */
  last: AuditRefusal | undefined;
  readonly timer: Timer;
}

export class Refusals {
  private readonly store: Pick<Store, 'audit'>;
  private readonly clock: Clock;
  private readonly log: Logger;
  private readonly windows = new Map<string, Window>();

  constructor(options: { store: Pick<Store, 'audit'>; clock: Clock; log: Logger }) {
    this.store = options.store;
    this.clock = options.clock;
    this.log = options.log;
  }

  /** Resolves when the entry is stored, or counted. Never rejects: the request is refused all the same. */
  async note(refusal: AuditRefusal): Promise<void> {
    const key = this.windows.has(refusal.user) || this.windows.size < USERS_MAX ? refusal.user : '';
    const window = this.windows.get(key) ?? this.open(key);
    if (window.entries < REFUSALS_PER_WINDOW) {
      window.entries += 1;
      return this.write(refusal);
    }
    if (window.last !== undefined) window.omitted += 1;
    window.last = refusal;
  }

  /** Writes what is still to be written. */
  async stop(): Promise<void> {
    for (const key of [...this.windows.keys()]) await this.close(key);
  }

  private open(key: string): Window {
    const timer = this.clock.timerAfter(WINDOW_MS, () => void this.close(key));
    const window: Window = { entries: 0, omitted: 0, last: undefined, timer };
    this.windows.set(key, window);
    return window;
  }

  private async close(key: string): Promise<void> {
    const window = this.windows.get(key);
    window?.timer.cancel();
    this.windows.delete(key);
    if (window?.last !== undefined) await this.write({ ...window.last, omitted: window.omitted });
  }

  private async write(refusal: AuditRefusal): Promise<void> {
    try {
      await this.store.audit.refuse([refusal]);
    } catch (error) {
      this.log.warn({ err: messageOf(error), request: refusal.requestId }, 'a refused write could not be audited');
    }
  }
}
