import type { Clock, Instant, Timer } from './clock.js';

interface Pending {
  due: number;
  fn: () => void;
}

/**
 * A clock that moves only when told to. `advance` moves wall and monotonic time together and fires what falls due, in
 * order; `stepWall` moves the wall clock alone, forwards or backwards, as an operator or NTP would.
 */
export class FakeClock implements Clock {
  private wallOffset: number;
  private mono = 0;
  private readonly wallTimers = new Set<Pending>();
  private readonly monoTimers = new Set<Pending>();

  constructor(start: Instant = Date.UTC(2026, 0, 1)) {
    this.wallOffset = start;
  }

  now(): Instant {
    return this.wallOffset + this.mono;
  }

  monotonic(): number {
    return this.mono;
  }

  timerAt(at: Instant, fn: () => void): Timer {
    return this.add(this.wallTimers, at, fn);
  }

  timerAfter(delayMs: number, fn: () => void): Timer {
    return this.add(this.monoTimers, this.mono + delayMs, fn);
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const onAbort = () => {
        timer.cancel();
        reject(signal?.reason);
      };
      const timer = this.timerAfter(delayMs, () => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      });
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  /** Moves time on by `ms`, firing timers in order and letting promises settle after each. */
  async advance(ms: number): Promise<void> {
    const end = this.mono + ms;
    await settle();
    for (;;) {
      const next = this.nextMono();
      if (next === undefined || next > end) break;
      this.mono = Math.max(this.mono, next);
      this.fireDue();
      await settle();
    }
    this.mono = end;
    this.fireDue();
    await settle();
  }

  stepWall(ms: number): void {
    this.wallOffset += ms;
  }

  private add(set: Set<Pending>, due: number, fn: () => void): Timer {
    const pending = { due, fn };
    set.add(pending);
    return { cancel: () => set.delete(pending) };
  }

  private nextMono(): number | undefined {
    const dues = [
      ...[...this.monoTimers].map((t) => t.due),
      ...[...this.wallTimers].map((t) => t.due - this.wallOffset),
    ];
    return dues.length === 0 ? undefined : Math.min(...dues);
  }

  private fireDue(): void {
    for (const [set, now] of [
      [this.monoTimers, this.mono],
      [this.wallTimers, this.now()],
    ] as const) {
      for (const pending of [...set].sort((a, b) => a.due - b.due)) {
        if (pending.due <= now && set.delete(pending)) pending.fn();
      }
    }
  }
}

/** Lets queued microtasks and one turn of I/O callbacks run. */
async function settle(): Promise<void> {
  for (let i = 0; i < 5; i++) await new Promise<void>((resolve) => setImmediate(resolve));
}
