/** The bytes do not form the record that was to be read (jute: IOException; answered with MARSHALLING_ERROR). */
export class JuteError extends Error {
  override readonly name = 'JuteError';
}

/** Reads jute's big-endian primitives from one packet. Knows no records and no sockets. */
export class JuteReader {
  private readonly bytes: Buffer;
  private at: number;

  constructor(bytes: Buffer, offset = 0) {
    this.bytes = bytes;
    this.at = offset;
  }

  get remaining(): number {
    return this.bytes.length - this.at;
  }

  bool(): boolean {
    return this.bytes.readUInt8(this.take(1)) !== 0;
  }

  int(): number {
    return this.bytes.readInt32BE(this.take(4));
  }

  long(): bigint {
    return this.bytes.readBigInt64BE(this.take(8));
  }

  /** A view into the packet, not a copy; null when the sender wrote length -1. */
  buffer(): Buffer | null {
    const length = this.int();
    if (length === -1) return null;
    if (length < 0) throw new JuteError('negative length of a buffer');
    const start = this.take(length);
    return this.bytes.subarray(start, start + length);
  }

  string(): string | null {
    return this.buffer()?.toString('utf8') ?? null;
  }

  /** A string that must be there. */
  text(): string {
    const value = this.string();
    if (value === null) throw new JuteError('a string is null');
    return value;
  }

  /** null when the sender wrote length -1. The count is not trusted: items are read until the packet ends. */
  vector<T>(item: (reader: JuteReader) => T): T[] | null {
    const count = this.int();
    if (count === -1) return null;
    if (count < 0 || count > this.remaining) throw new JuteError('length of a vector exceeds the packet');
    const items: T[] = [];
    for (let i = 0; i < count; i++) items.push(item(this));
    return items;
  }

  private take(length: number): number {
    const start = this.at;
    if (start + length > this.bytes.length) throw new JuteError('the packet ends early');
    this.at = start + length;
    return start;
  }
}
