import type { Clock, Timer } from '../../../base/index.js';
import { Queue } from './queue.js';

/** A Queue that can add a key later. One timer, for the earliest key. */
export class DelayingQueue extends Queue {
  protected readonly clock: Clock;
  /** Monotonic time at which a key is added. At most one per key: the earlier of two wins. */
  private readonly waiting = new Map<string, number>();
  private timer: { at: number; handle: Timer } | undefined;

  constructor(clock: Clock) {
    super();
    this.clock = clock;
  }

  addAfter(key: string, delayMs: number): void {
    // What was in hand when the queue was closed asks to be looked at again: its timer would keep the process alive.
    if (this.closed) return;
    if (delayMs <= 0) {
      this.waiting.delete(key);
      this.add(key);
      return;
    }
    const at = this.clock.monotonic() + delayMs;
    const present = this.waiting.get(key);
    if (present !== undefined && present <= at) return;
    this.waiting.set(key, at);
    this.arm(at);
  }

  /** Keys that wait for their time. */
  get delayed(): number {
    return this.waiting.size;
  }

  override close(): void {
    this.timer?.handle.cancel();
    this.timer = undefined;
    this.waiting.clear();
    super.close();
  }

  private arm(at: number): void {
    if (this.timer !== undefined && this.timer.at <= at) return;
    this.timer?.handle.cancel();
    const handle = this.clock.timerAfter(at - this.clock.monotonic(), () => this.fire());
    this.timer = { at, handle };
  }

  /** Looks at all keys that wait: there are few (retries, wake-ups), so no heap is worth its upkeep. */
  private fire(): void {
    this.timer = undefined;
    const now = this.clock.monotonic();
    let earliest = Number.POSITIVE_INFINITY;
    for (const [key, at] of this.waiting) {
      if (at <= now) {
        this.waiting.delete(key);
        this.add(key);
      } else earliest = Math.min(earliest, at);
    }
    if (Number.isFinite(earliest)) this.arm(earliest);
  }
}
