// The body of POST …/agents/{name}/logs: chunks of the output of many attempts in one request.
// Content-Type: application/vnd.cloudtask.log-chunks
//
//   body  = chunk*
//   chunk = header-length (uint32 big endian) · header (JSON, UTF-8) · payload (header.length bytes)
//
// The center keeps, per attempt, one sequence of chunks in the order it accepted them, and per stream a length. It accepts
// a chunk only when chunk.streamOffset equals the stored length of that stream, so that resending is harmless and a gap
// cannot arise. The merged byte offset of the log is the sum of the accepted payloads.

export type LogStream = 'stdout' | 'stderr';

export interface LogChunkHeader {
  readonly runUid: string;
  /** The task of the run, whose logs are counted together; absent where the agent has forgotten it. */
  readonly taskUid?: string;
  readonly attempt: number;
  readonly stream: LogStream;
  /** Offset of the first payload byte within this stream of this attempt. */
  readonly streamOffset: number;
  /** When the agent read the bytes, ms since the epoch. */
  readonly time: number;
  /** Payload bytes that follow the header; at most 256 KiB. */
  readonly length: number;
  /** Set on the last chunk of the attempt (its payload may be empty): both streams are complete. */
  readonly end?: true;
  /** The payload is CloudTask's own words about output that was dropped; `gapBytes` bytes of the stream are missing and
   * the stream's stored length advances by gapBytes instead of by the payload. */
  readonly gapBytes?: number;
}

export interface LogChunk {
  readonly header: LogChunkHeader;
  readonly payload: Uint8Array;
}

/** What the center has stored of an attempt, after this request. */
export interface LogPosition {
  readonly runUid: string;
  readonly attempt: number;
  readonly stdout: number;
  readonly stderr: number;
  readonly ended: boolean;
}
export interface LogAppendReply {
  /** One entry per attempt named in the request. The agent goes on from there, whatever it had assumed. */
  readonly positions: readonly LogPosition[];
}

export const LOG_CHUNKS_TYPE = 'application/vnd.cloudtask.log-chunks';
export const LOG_CHUNK_MAX_BYTES = 256 * 1024;

export function encodeLogChunks(chunks: readonly LogChunk[]): Buffer {
  const parts: Uint8Array[] = [];
  for (const { header, payload } of chunks) {
    const json = Buffer.from(JSON.stringify({ ...header, length: payload.length }));
    const size = Buffer.allocUnsafe(4);
    size.writeUInt32BE(json.length);
    parts.push(size, json, payload);
  }
  return Buffer.concat(parts);
}

/** Throws RangeError or SyntaxError when the body is cut or malformed. */
export function decodeLogChunks(body: Buffer): LogChunk[] {
  const chunks: LogChunk[] = [];
  let offset = 0;
  while (offset < body.length) {
    const headerLength = body.readUInt32BE(offset);
    const headerEnd = offset + 4 + headerLength;
    if (headerEnd > body.length) throw new RangeError('log chunk header is cut');
    const header = JSON.parse(body.toString('utf8', offset + 4, headerEnd)) as LogChunkHeader;
    if (!Number.isSafeInteger(header.length) || header.length < 0)
      throw new RangeError('log chunk length is not a number');
    const end = headerEnd + header.length;
    if (end > body.length) throw new RangeError('log chunk payload is cut');
    chunks.push({ header, payload: body.subarray(headerEnd, end) });
    offset = end;
  }
  return chunks;
}
