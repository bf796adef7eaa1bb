/** Where packets go. */
export interface Destination {
  /** May be called after the connection has ended; then nothing happens. */
  send(packets: readonly Buffer[]): void;
}

interface Held {
  readonly zxid: bigint;
  readonly to: Destination;
  readonly packet: Buffer;
  readonly after: (() => void) | undefined;
}

/**
 * Holds packets until what they tell is durable: not only the reply to a write, but every event and every read that came
 * after it, or a client could see a value that a crash takes back. One queue for all connections keeps the order of
 * ZooKeeper: an event is sent before the reply to any request that came after the change.
 */
export class Outbox {
  private queue: Held[] = [];
  private durable: bigint;
  private paused = false;
  private bytes = 0;

  constructor(durable: bigint) {
    this.durable = durable;
  }

  get durableZxid(): bigint {
    return this.durable;
  }

  /** Bytes waiting for the disk. */
  get heldBytes(): number {
    return this.bytes;
  }

  /** Sends `packet` as soon as `zxid` is durable, and calls `after` then. */
  put(zxid: bigint, to: Destination, packet: Buffer, after?: () => void): void {
    if (this.queue.length === 0 && zxid <= this.durable && !this.paused) {
      to.send([packet]);
      after?.();
    } else {
      this.queue.push({ zxid, to, packet, after });
      this.bytes += packet.length;
    }
  }

  release(durable: bigint): void {
    this.durable = durable;
    this.drain();
  }

  /** For tests: holds everything back until `resume`, as if the disk had stopped. */
  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
    this.drain();
  }

  private drain(): void {
    if (this.paused) return;
    const firstHeld = this.queue.findIndex((held) => held.zxid > this.durable);
    const count = firstHeld < 0 ? this.queue.length : firstHeld;
    const ready = this.queue.slice(0, count);
    this.queue = this.queue.slice(count);
    const packetsOf = new Map<Destination, Buffer[]>();
    for (const { to, packet } of ready) {
      this.bytes -= packet.length;
      const packets = packetsOf.get(to);
      if (packets === undefined) packetsOf.set(to, [packet]);
      else packets.push(packet);
    }
    for (const [to, packets] of packetsOf) to.send(packets);
    for (const { after } of ready) after?.();
  }
}
