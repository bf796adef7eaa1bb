import type { Random } from '../random.js';

/** What a file system allocates at once: in it a file can grow although the disk is full. */
export const BLOCK_BYTES = 4096;

const EMPTY = Buffer.alloc(0);

/** The bytes of a file as processes see them, and those that a power cut cannot take. */
export class Content {
  /** Bytes. */
  size = 0;
  /** Its capacity; zero from `size` on. */
  private bytes: Buffer = EMPTY;
  /** Those that were written; the others are holes, which take no room. */
  private blocks = new Set<number>();
  /** undefined until the first sync. Longer than `syncedSize` it may be, too. */
  private synced: Buffer | undefined;
  private syncedSize = 0;
  /** Nothing before it has changed since the last sync. */
  private changedFrom = 0;

  get everSynced(): boolean {
    return this.synced !== undefined;
  }

  get allocatedBlocks(): number {
    return this.blocks.size;
  }

  /** Copies at most `length` bytes from `position` on; returns how many there were. */
  read(position: number, target: Uint8Array, offset: number, length: number): number {
    const count = Math.max(0, Math.min(length, this.size - position));
    if (count > 0) target.set(this.bytes.subarray(position, position + count), offset);
    return count;
  }

  /** Returns how many bytes were written. On a full disk those before the first block that would be new. */
  write(data: Uint8Array, position: number, full: boolean): number {
    const count = full ? this.room(position, data.length) : data.length;
    if (count === 0) return 0;
    const end = position + count;
    this.change(Math.min(position, this.size));
    this.reserve(end);
    this.bytes.set(count === data.length ? data : data.subarray(0, count), position);
    for (let block = blockOf(position); block <= blockOf(end - 1); block++) this.blocks.add(block);
    this.size = Math.max(this.size, end);
    return count;
  }

  /** Shorter, or longer by zeros. */
  truncate(size: number): void {
    this.change(Math.min(size, this.size));
    if (size < this.size) {
      this.bytes.fill(0, size, this.size);
      for (const block of this.blocks) if (block * BLOCK_BYTES >= size) this.blocks.delete(block);
    } else this.reserve(size);
    this.size = size;
  }

  /** fsync: all that is there now outlives a power cut. */
  sync(): void {
    if (this.synced === undefined || this.synced.length < this.size) {
      const before = this.synced;
      this.synced = Buffer.alloc(this.bytes.length);
      before?.copy(this.synced, 0, 0, this.syncedSize);
    }
    if (this.changedFrom < this.size) this.bytes.copy(this.synced, this.changedFrom, this.changedFrom, this.size);
    this.syncedSize = this.size;
    this.changedFrom = Number.POSITIVE_INFINITY;
  }

  /** What was synced comes back, followed by none, all or a part of what was appended since. */
  powerCut(random: Random): void {
    const until = this.survivingSize(random);
    const kept = Buffer.alloc(until);
    this.bytes.copy(kept, 0, 0, until);
    this.synced?.copy(kept, 0, 0, this.syncedSize);
    this.bytes = kept;
    this.size = until;
    this.blocks = new Set(Array.from({ length: Math.ceil(until / BLOCK_BYTES) }, (_, block) => block));
    // What the machine reads after its restart comes from the disk.
    this.changedFrom = 0;
    this.sync();
  }

  private survivingSize(random: Random): number {
    if (this.size <= this.syncedSize) return this.syncedSize;
    const dice = random.integer(0, 3);
    if (dice === 0) return this.syncedSize;
    return dice === 1 ? this.size : random.integer(this.syncedSize, this.size);
  }

  private change(from: number): void {
    this.changedFrom = Math.min(this.changedFrom, from);
  }

  /** How many of `length` bytes at `position` fit into blocks that the file has. */
  private room(position: number, length: number): number {
    let end = position;
    while (end < position + length && this.blocks.has(blockOf(end))) end = (blockOf(end) + 1) * BLOCK_BYTES;
    return Math.min(length, end - position);
  }

  private reserve(size: number): void {
    if (size <= this.bytes.length) return;
    const grown = Buffer.alloc(Math.max(size, 2 * this.bytes.length));
    this.bytes.copy(grown, 0, 0, this.size);
    this.bytes = grown;
  }
}

function blockOf(position: number): number {
  return Math.floor(position / BLOCK_BYTES);
}
