const INITIAL_BYTES = 256;

/** Writes jute's big-endian primitives. Starts with room for the length prefix, which `packet` fills in. */
export class JuteWriter {
  private bytes: Buffer;
  private at = 4;

  constructor(sizeHint = INITIAL_BYTES) {
    this.bytes = Buffer.allocUnsafe(sizeHint + 4);
  }

  bool(value: boolean): this {
    this.room(1);
    this.at = this.bytes.writeUInt8(value ? 1 : 0, this.at);
    return this;
  }

  int(value: number): this {
    this.room(4);
    this.at = this.bytes.writeInt32BE(value, this.at);
    return this;
  }

  long(value: bigint): this {
    this.room(8);
    this.at = this.bytes.writeBigInt64BE(value, this.at);
    return this;
  }

  buffer(value: Uint8Array | null): this {
    if (value === null) return this.int(-1);
    this.int(value.length);
    this.room(value.length);
    this.bytes.set(value, this.at);
    this.at += value.length;
    return this;
  }

  string(value: string | null): this {
    if (value === null) return this.int(-1);
    const length = Buffer.byteLength(value, 'utf8');
    this.int(length);
    this.room(length);
    this.at += this.bytes.write(value, this.at, length, 'utf8');
    return this;
  }

  vector<T>(items: readonly T[] | null, item: (writer: JuteWriter, value: T) => void): this {
    if (items === null) return this.int(-1);
    this.int(items.length);
    for (const value of items) item(this, value);
    return this;
  }

  /** Bytes written so far, without the prefix. */
  get length(): number {
    return this.at - 4;
  }

  /** What was written, with its length before it: one packet of the protocol. */
  packet(): Buffer {
    this.bytes.writeInt32BE(this.at - 4, 0);
    return this.bytes.subarray(0, this.at);
  }

  /** What was written, without a length. */
  content(): Buffer {
    return this.bytes.subarray(4, this.at);
  }

  private room(length: number): void {
    if (this.at + length <= this.bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.bytes.length * 2, this.at + length));
    this.bytes.copy(larger, 0, 0, this.at);
    this.bytes = larger;
  }
}
