// Keys that wait to be worked on. A key is a name, never an event: whoever takes it reads everything anew.
//
// Three sets and their invariants:
//   queue       keys in order; each is in `dirty` and not in `processing`
//   dirty       keys that are wanted; adding one that is dirty already changes nothing
//   processing  keys in hand; one that is added meanwhile stays dirty and is queued again by `done`
// So a key is never worked on twice at once, and never forgotten.

export class Queue {
  private readonly queue: string[] = [];
  private head = 0;
  private readonly dirty = new Set<string>();
  private readonly processing = new Set<string>();
  private waiters: (() => void)[] = [];
  protected closed = false;

  add(key: string): void {
    if (this.closed || this.dirty.has(key)) return;
    this.dirty.add(key);
    if (!this.processing.has(key)) this.push(key);
  }

  /** The next key, or undefined once the queue is closed. Each key taken must be given back with `done`. */
  async take(): Promise<string | undefined> {
    for (;;) {
      if (this.closed) return undefined;
      const key = this.tryTake();
      if (key !== undefined) return key;
      await new Promise<void>((resolve) => this.waiters.push(resolve));
    }
  }

  /** The next key if there is one now. */
  tryTake(): string | undefined {
    if (this.closed || this.head === this.queue.length) return undefined;
    const key = this.queue[this.head++]!;
    if (this.head === this.queue.length || this.head > 1024) {
      this.queue.splice(0, this.head);
      this.head = 0;
    }
    this.dirty.delete(key);
    this.processing.add(key);
    return key;
  }

  done(key: string): void {
    this.processing.delete(key);
    if (this.dirty.has(key) && !this.closed) this.push(key);
  }

  /** Keys that wait, not counting those in hand. */
  get length(): number {
    return this.queue.length - this.head;
  }

  /** Lets everyone who waits go; nothing is accepted any more. */
  close(): void {
    this.closed = true;
    this.wakeAll();
  }

  private push(key: string): void {
    this.queue.push(key);
    this.waiters.shift()?.();
  }

  private wakeAll(): void {
    const waiters = this.waiters;
    this.waiters = [];
    for (const wake of waiters) wake();
  }
}
