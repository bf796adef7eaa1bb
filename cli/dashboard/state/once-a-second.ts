// Figures over all objects cost as much as there are objects: they are made once a second at most, since nobody reads faster.
import type { Instant } from '../../../base/index.js';

const PAUSE_MS = 1000;

export class OnceASecond<T> {
  private readonly build: (now: Instant) => T;
  private value: { readonly of: T; readonly at: Instant } | undefined;

  constructor(build: (now: Instant) => T) {
    this.build = build;
  }

  get(now: Instant): T {
    const known = this.value;
    // A clock that went back must not keep it for ever.
    if (known !== undefined && Math.abs(now - known.at) < PAUSE_MS) return known.of;
    const of = this.build(now);
    this.value = { of, at: now };
    return of;
  }

  /** The next one is made anew, e.g. since something was opened. */
  forget(): void {
    this.value = undefined;
  }
}
