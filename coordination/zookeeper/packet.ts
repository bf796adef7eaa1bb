import type { Payload } from './records.js';

const HEADER_BYTES = 12;

/** A whole packet: length, request number, opcode, payload. */
export function packet(xid: number, type: number, payload?: Payload): Buffer {
  const length = HEADER_BYTES + (payload?.byteLength() ?? 0);
  const frame = Buffer.allocUnsafe(length);
  frame.writeInt32BE(length - 4, 0);
  frame.writeInt32BE(xid, 4);
  frame.writeInt32BE(type, 8);
  payload?.serialize(frame, HEADER_BYTES);
  return frame;
}
