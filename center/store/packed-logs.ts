// Log bytes on their way between threads: many pieces in one buffer of their own, which can be handed over whole.
import type { LogChunk, LogChunkHeader, LogStream } from '../../manifests/index.js';
import type { LogSlice } from './store-types.js';

/** Copied once, into memory that belongs to nobody else: what the caller holds may be part of a larger body or of a pool. */
function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

export function packChunks(chunks: readonly LogChunk[]): { headers: LogChunkHeader[]; bytes: Uint8Array } {
  return {
    headers: chunks.map(({ header, payload }) => ({ ...header, length: payload.length })),
    bytes: joined(chunks.map(({ payload }) => payload)),
  };
}

export function unpackChunks(headers: readonly LogChunkHeader[], bytes: Uint8Array): LogChunk[] {
  let at = 0;
  return headers.map((header) => {
    const payload = Buffer.from(bytes.buffer, bytes.byteOffset + at, header.length);
    at += header.length;
    return { header, payload };
  });
}

export interface PackedSlice extends Omit<LogSlice, 'pieces'> {
  readonly pieces: readonly { readonly stream: LogStream; readonly time: number; readonly length: number }[];
  readonly bytes: Uint8Array;
}

export function packSlice({ pieces, ...slice }: LogSlice): PackedSlice {
  return {
    ...slice,
    pieces: pieces.map(({ stream, time, bytes }) => ({ stream, time, length: bytes.length })),
    bytes: joined(pieces.map(({ bytes }) => bytes)),
  };
}

export function unpackSlice({ pieces, bytes, ...slice }: PackedSlice): LogSlice {
  let at = 0;
  return {
    ...slice,
    pieces: pieces.map(({ stream, time, length }) => {
      const piece = Buffer.from(bytes.buffer, bytes.byteOffset + at, length);
      at += length;
      return { stream, time, bytes: piece };
    }),
  };
}
