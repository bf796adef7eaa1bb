import { JuteError } from './reader.js';

/** ZooKeeper's default jute.maxbuffer: the longest packet either side accepts. */
export const MAX_PACKET_BYTES = 0xfffff;

/**
 * Cuts a byte stream into packets (a 32-bit length, then that many bytes). Bytes of an incomplete packet are kept as the
 * list of chunks they came in and joined once, so that a large packet in many chunks costs linear time.
 */
export class PacketSplitter {
  private readonly maxBytes: number;
  private chunks: Buffer[] = [];
  private held = 0;
  /** Length of the packet being collected including its prefix; 0 while the prefix itself is incomplete. */
  private wanted = 0;

  constructor(maxBytes: number = MAX_PACKET_BYTES) {
    this.maxBytes = maxBytes;
  }

  /** Packets completed by `chunk`, without their prefix. Throws JuteError when a length is negative or above the limit. */
  push(chunk: Buffer): Buffer[] {
    this.chunks.push(chunk);
    this.held += chunk.length;
    if (this.held < 4 || (this.wanted > 0 && this.held < this.wanted)) return [];
    const bytes = this.chunks.length === 1 ? chunk : Buffer.concat(this.chunks, this.held);
    const packets: Buffer[] = [];
    let at = 0;
    this.wanted = 0;
    while (bytes.length - at >= 4) {
      const length = bytes.readInt32BE(at);
      if (length < 0 || length > this.maxBytes) throw new JuteError(`length ${length} of a packet is not acceptable`);
      if (bytes.length - at - 4 < length) {
        this.wanted = length + 4;
        break;
      }
      packets.push(bytes.subarray(at + 4, at + 4 + length));
      at += 4 + length;
    }
    this.chunks = at === bytes.length ? [] : [bytes.subarray(at)];
    this.held = bytes.length - at;
    return packets;
  }
}
