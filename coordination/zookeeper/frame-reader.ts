// Cuts a stream of bytes into frames: four bytes of length, then that many bytes. Each byte is copied at most twice,
// however the stream is cut, and a burst of frames needs no recursion (N15).

export class FrameReader {
  private readonly maxBytes: number;
  private pieces: Buffer[] = [];
  private have = 0;

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

  push(chunk: Buffer): void {
    this.pieces.push(chunk);
    this.have += chunk.length;
  }

  /** The next whole frame without its length, or undefined. Throws RangeError on an impossible length. */
  next(): Buffer | undefined {
    if (this.have < 4) return undefined;
    const length = this.first(4).readInt32BE(0);
    if (length < 0 || length > this.maxBytes) throw new RangeError(`impossible length of a frame: ${length}`);
    if (this.have < 4 + length) return undefined;
    const whole = this.first(4 + length);
    const piece = this.pieces[0]!;
    if (piece.length === whole.length) this.pieces.shift();
    else this.pieces[0] = piece.subarray(whole.length);
    this.have -= whole.length;
    return whole.subarray(4);
  }

  /** Makes the first piece hold at least `count` bytes, joining no more than is needed or than a waiting frame has. */
  private first(count: number): Buffer {
    const piece = this.pieces[0]!;
    if (piece.length >= count) return piece.subarray(0, count);
    const joined = Buffer.concat(this.pieces, this.have);
    this.pieces = [joined];
    return joined.subarray(0, count);
  }
}
