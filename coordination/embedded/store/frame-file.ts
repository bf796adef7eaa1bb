// The form of journal segments and snapshots: a header, then frames. One frame is what one fsync makes durable.
//
//   header  magic (8)  id (8, random)  zxid (8)  crc32 of these (4)
//   frame   magic (4)  length (4)  crc32 (4)  payload
//
// A frame's checksum covers the file's id and the frame's offset too: bytes of another file, or of a frame that a client
// stored as data, can never pass for a frame of this file.
import { randomBytes } from 'node:crypto';
import { type FileHandle, open, readFile } from 'node:fs/promises';
import { crc32 } from 'node:zlib';

export const HEADER_BYTES = 28;
const FRAME_PREFIX_BYTES = 12;
const FRAME_MAGIC = Buffer.from('CTf1');
/** Journals and snapshots differ in the header, so that one is never read as the other. */
export type FileKind = 'CTjourn1' | 'CTsnaps1';

export class FrameWriter {
  readonly path: string;
  private readonly file: FileHandle;
  private readonly id: Buffer;
  private at: number;

  private constructor(path: string, file: FileHandle, id: Buffer, at: number) {
    this.path = path;
    this.file = file;
    this.id = id;
    this.at = at;
  }

  /** Fails when the file exists. `zxid` says what the file belongs to; its meaning is the caller's. */
  static async create(path: string, kind: FileKind, zxid: bigint): Promise<FrameWriter> {
    const file = await open(path, 'wx', 0o600);
    const header = Buffer.alloc(HEADER_BYTES);
    header.write(kind, 0, 'latin1');
    const id = randomBytes(8);
    id.copy(header, 8);
    header.writeBigInt64BE(zxid, 16);
    header.writeUInt32BE(crc32(header.subarray(0, 24)), 24);
    await file.write(header, 0, HEADER_BYTES, 0);
    return new FrameWriter(path, file, id, HEADER_BYTES);
  }

  get bytes(): number {
    return this.at;
  }

  async append(payload: Buffer): Promise<void> {
    const frame = Buffer.allocUnsafe(FRAME_PREFIX_BYTES + payload.length);
    FRAME_MAGIC.copy(frame, 0);
    frame.writeUInt32BE(payload.length, 4);
    frame.writeUInt32BE(checksum(this.id, this.at, payload), 8);
    payload.copy(frame, FRAME_PREFIX_BYTES);
    let written = 0;
    while (written < frame.length) {
      const { bytesWritten } = await this.file.write(frame, written, frame.length - written, this.at + written);
      written += bytesWritten;
    }
    this.at += frame.length;
  }

  sync(): Promise<void> {
    return this.file.datasync();
  }

  close(): Promise<void> {
    return this.file.close();
  }
}

/**
 * - whole: every byte belongs to a valid frame.
 * - torn: after `validBytes` comes something that is no frame, and no valid frame follows: an append that never finished.
 * - damaged: a valid frame follows the broken place, so something that had been written whole was changed afterwards.
 */
export type FileState = 'whole' | 'torn' | 'damaged';

export interface FrameFileContent {
  readonly zxid: bigint;
  readonly frames: readonly Buffer[];
  readonly state: FileState;
  /** Length up to the end of the last valid frame before any broken place. */
  readonly validBytes: number;
  readonly totalBytes: number;
}

/** undefined when the header is incomplete or invalid, or of another kind. */
export async function readFrameFile(path: string, kind: FileKind): Promise<FrameFileContent | undefined> {
  const bytes = await readFile(path);
  if (bytes.length < HEADER_BYTES || bytes.toString('latin1', 0, 8) !== kind) return undefined;
  if (bytes.readUInt32BE(24) !== crc32(bytes.subarray(0, 24))) return undefined;
  const id = bytes.subarray(8, 16);
  const frames: Buffer[] = [];
  let at = HEADER_BYTES;
  for (;;) {
    const payload = frameAt(bytes, id, at);
    if (payload === undefined) break;
    frames.push(payload);
    at += FRAME_PREFIX_BYTES + payload.length;
  }
  const state = at === bytes.length ? 'whole' : hasLaterFrame(bytes, id, at + 1) ? 'damaged' : 'torn';
  return { zxid: bytes.readBigInt64BE(16), frames, state, validBytes: at, totalBytes: bytes.length };
}

function frameAt(bytes: Buffer, id: Buffer, at: number): Buffer | undefined {
  if (at + FRAME_PREFIX_BYTES > bytes.length || bytes.compare(FRAME_MAGIC, 0, 4, at, at + 4) !== 0) return undefined;
  const end = at + FRAME_PREFIX_BYTES + bytes.readUInt32BE(at + 4);
  if (end > bytes.length) return undefined;
  const payload = bytes.subarray(at + FRAME_PREFIX_BYTES, end);
  return bytes.readUInt32BE(at + 8) === checksum(id, at, payload) ? payload : undefined;
}

function hasLaterFrame(bytes: Buffer, id: Buffer, from: number): boolean {
  for (let at = bytes.indexOf(FRAME_MAGIC, from); at >= 0; at = bytes.indexOf(FRAME_MAGIC, at + 1)) {
    if (frameAt(bytes, id, at) !== undefined) return true;
  }
  return false;
}

function checksum(id: Buffer, offset: number, payload: Buffer): number {
  const place = Buffer.allocUnsafe(16);
  id.copy(place, 0);
  place.writeBigUInt64BE(BigInt(offset), 8);
  return crc32(payload, crc32(place));
}
