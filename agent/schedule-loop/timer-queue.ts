import type { Clock, Instant, Timer } from '../../base/index.js';

/** One wake-up in the queue. `index` is its place in the heap; -1 once it fired or was cancelled. */
export interface Wake {
  at: Instant;
  readonly sequence: number;
  readonly fn: () => void;
  index: number;
}

/** A herd is worked off in slices, so that ZooKeeper pings and HTTP get their turn in between. */
const SLICE_MS = 8;

/**
 * Any number of wake-ups on one timer: a binary heap by time, then by order of arrival. Nothing fires before its time:
 * the clock's timer looks at the clock again. A callback may add and cancel freely.
 */
export class TimerQueue {
  private readonly clock: Clock;
  private readonly heap: Wake[] = [];
  private sequence = 0;
  private timer: Timer | undefined;
  private timerAt = Number.POSITIVE_INFINITY;
  private immediate: NodeJS.Immediate | undefined;
  private stopped = false;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  get size(): number {
    return this.heap.length;
  }

  add(at: Instant, fn: () => void): Wake {
    const wake: Wake = { at, sequence: this.sequence++, fn, index: this.heap.length };
    if (this.stopped) {
      wake.index = -1;
      return wake;
    }
    this.heap.push(wake);
    this.up(wake.index);
    this.arm();
    return wake;
  }

  /** Harmless when it has fired already. */
  cancel(wake: Wake | undefined): void {
    if (wake === undefined || wake.index < 0) return;
    this.removeAt(wake.index);
    // The timer may now fire in vain once; re-arming here would cost more than that.
  }

  stop(): void {
    this.stopped = true;
    this.timer?.cancel();
    clearImmediate(this.immediate);
    for (const wake of this.heap) wake.index = -1;
    this.heap.length = 0;
  }

  private arm(): void {
    if (this.immediate !== undefined || this.stopped) return;
    const first = this.heap[0];
    if (first === undefined || first.at >= this.timerAt) return;
    this.timer?.cancel();
    this.timerAt = first.at;
    this.timer = this.clock.timerAt(first.at, () => {
      this.timerAt = Number.POSITIVE_INFINITY;
      this.timer = undefined;
      this.runDue();
    });
  }

  private runDue(): void {
    this.immediate = undefined;
    const sliceEnd = this.clock.monotonic() + SLICE_MS;
    for (;;) {
      const first = this.heap[0];
      if (first === undefined || first.at > this.clock.now()) break;
      if (this.clock.monotonic() > sliceEnd) {
        this.immediate = setImmediate(() => this.runDue());
        return;
      }
      this.removeAt(0);
      first.fn();
    }
    this.arm();
  }

  private removeAt(index: number): void {
    const wake = this.heap[index]!;
    const last = this.heap.pop()!;
    wake.index = -1;
    if (last === wake) return;
    this.heap[index] = last;
    last.index = index;
    this.up(index);
    this.down(last.index);
  }

  private up(start: number): void {
    let index = start;
    const wake = this.heap[index]!;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!before(wake, this.heap[parent]!)) break;
      this.place(this.heap[parent]!, index);
      index = parent;
    }
    this.place(wake, index);
  }

  private down(start: number): void {
    let index = start;
    const wake = this.heap[index]!;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= this.heap.length) break;
      if (child + 1 < this.heap.length && before(this.heap[child + 1]!, this.heap[child]!)) child += 1;
      if (!before(this.heap[child]!, wake)) break;
      this.place(this.heap[child]!, index);
      index = child;
    }
    this.place(wake, index);
  }

  private place(wake: Wake, index: number): void {
    this.heap[index] = wake;
    wake.index = index;
  }
}

function before(a: Wake, b: Wake): boolean {
  return a.at === b.at ? a.sequence < b.sequence : a.at < b.at;
}
