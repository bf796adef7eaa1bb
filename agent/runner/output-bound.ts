import { appendFileSync, closeSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { gapsPath } from './attempt-files.js';
import type { GapRecord } from './runner.js';

/** What a stream keeps of its end when it is cut: the last lines usually say what went wrong. */
const KEPT_TAIL_BYTES = 64 * 1024;
const BLOCK_BYTES = 512;
const STREAMS = ['stdout', 'stderr'] as const;

/**
 * Frees the disk space of the older output of both streams when together they take more than `maxBytes`. Positions do not
 * change: the file is cut to nothing and stretched again to its length, so that the freed part reads as zeros, and the
 * command, which writes with O_APPEND, goes on at the end. Bytes it writes in between are lost with the gap.
 *
 * The gap is written down first. A crash in between leaves a gap that is announced though its bytes are still there, never
 * zeros that are taken for output.
 */
export function enforceOutputBound(directory: string, maxBytes: number): void {
  const used = STREAMS.map((stream) => allocatedBytes(join(directory, stream)));
  if (used.reduce((a, b) => a + b, 0) <= maxBytes) return;
  STREAMS.forEach((stream, i) => {
    if ((used[i] ?? 0) > 2 * KEPT_TAIL_BYTES) cut(directory, stream);
  });
}

/** Allocated, not length: a file that was cut before keeps its length. */
function allocatedBytes(path: string): number {
  const fd = openIfThere(path);
  if (fd === undefined) return 0;
  try {
    const { blocks, size } = fstatSync(fd);
    return Math.min(blocks * BLOCK_BYTES, size);
  } finally {
    closeSync(fd);
  }
}

function cut(directory: string, stream: 'stdout' | 'stderr'): void {
  const fd = openIfThere(join(directory, stream));
  if (fd === undefined) return;
  try {
    const { size } = fstatSync(fd);
    const tailAt = Math.max(0, size - KEPT_TAIL_BYTES);
    const tail = Buffer.alloc(size - tailAt);
    readSync(fd, tail, 0, tail.length, tailAt);
    const gap: GapRecord = { stream, offset: 0, bytes: tailAt };
    appendFileSync(gapsPath(directory), `${JSON.stringify(gap)}\n`, { mode: 0o600 });
    ftruncateSync(fd, 0);
    // Position is honoured because this descriptor was opened without O_APPEND.
    writeSync(fd, tail, 0, tail.length, tailAt);
    // Only stretches: what the command appended meanwhile may have made the file longer than it was.
    if (fstatSync(fd).size < size) ftruncateSync(fd, size);
  } finally {
    closeSync(fd);
  }
}

function openIfThere(path: string): number | undefined {
  try {
    return openSync(path, 'r+');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
