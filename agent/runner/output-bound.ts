import { appendFileSync, closeSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { gapsPath } from './attempt-files.js';
import type { GapRecord, StartedRecord } from './runner.js';

/** What a stream keeps of its end when it is cut because of the quota: the last lines usually say what went wrong. */
const KEPT_TAIL_BYTES = 64 * 1024;
/** Of an output that its task bounds more of the end is wanted; it is held in memory while the file is cut. */
const TASK_TAIL_MAX_BYTES = 8 * 1024 * 1024;
/** Two streams, each with head and tail, and half as much to grow until the next cut. */
const TASK_PARTS = 6;
const BLOCK_BYTES = 512;
const STREAMS = ['stdout', 'stderr'] as const;

export interface DiskBound {
  /** Allocated by both streams together. */
  readonly maxBytes: number;
  /** What each stream keeps of its beginning and its end. */
  readonly headBytes: number;
  readonly tailBytes: number;
}

/** What may lie on the disk of an attempt, by the quota of the agent and the bound of the task. */
export function diskBound({
  outputMaxBytes,
  logMaxBytes,
}: Pick<StartedRecord, 'outputMaxBytes' | 'logMaxBytes'>): DiskBound | undefined {
  if (logMaxBytes === undefined) {
    return outputMaxBytes === undefined
      ? undefined
      : { maxBytes: outputMaxBytes, headBytes: 0, tailBytes: KEPT_TAIL_BYTES };
  }
  const maxBytes = Math.min(outputMaxBytes ?? Number.POSITIVE_INFINITY, (TASK_PARTS / 2) * logMaxBytes);
  const headBytes = Math.floor(maxBytes / TASK_PARTS);
  return { maxBytes, headBytes, tailBytes: Math.min(headBytes, TASK_TAIL_MAX_BYTES) };
}

/**
 * Frees the disk space between head and tail of both streams when together they take more than the bound. Positions do not
 * change: the file is cut behind the head and stretched again to its length, so that the freed part reads as zeros, and the
 * command, which writes with O_APPEND, goes on at the end. Bytes it writes in between are lost with the gap.
 *
 * The gap is written down first. A crash in between leaves a gap that is announced though its bytes are still there, never
 * zeros that are taken for output.
 */
export function enforceOutputBound(directory: string, bound: DiskBound): void {
  const used = STREAMS.map((stream) => allocatedBytes(join(directory, stream)));
  if (used.reduce((a, b) => a + b, 0) <= bound.maxBytes) return;
  STREAMS.forEach((stream, i) => {
    if ((used[i] ?? 0) > bound.headBytes + bound.tailBytes + KEPT_TAIL_BYTES) cut(directory, stream, bound);
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

function cut(directory: string, stream: 'stdout' | 'stderr', { headBytes, tailBytes }: DiskBound): void {
  const fd = openIfThere(join(directory, stream));
  if (fd === undefined) return;
  const announce = (offset: number, end: number) => {
    const gap: GapRecord = { stream, offset, bytes: end - offset };
    appendFileSync(gapsPath(directory), `${JSON.stringify(gap)}\n`, { mode: 0o600 });
  };
  try {
    const { size } = fstatSync(fd);
    const tailAt = Math.max(headBytes, size - tailBytes);
    const tail = Buffer.alloc(size - tailAt);
    const read = readAll(fd, tail, tailAt);
    announce(headBytes, tailAt);
    ftruncateSync(fd, headBytes);
    // Position is honoured because this descriptor was opened without O_APPEND.
    const written = writeAll(fd, tail.subarray(0, read), tailAt);
    // Only stretches: what the command appended meanwhile may have made the file longer than it was.
    if (fstatSync(fd).size < size) ftruncateSync(fd, size);
    if (written < tail.length) announce(tailAt + written, size);
  } finally {
    closeSync(fd);
  }
}

/** A read may come back with less than was asked for. Returns how much it was in the end. */
function readAll(fd: number, into: Buffer, position: number): number {
  let done = 0;
  while (done < into.length) {
    const count = readSync(fd, into, done, into.length - done, position + done);
    if (count === 0) break;
    done += count;
  }
  return done;
}

/** So may a write, on a disk that is nearly full: the next one then fails. Returns how much is in the file. */
function writeAll(fd: number, bytes: Buffer, position: number): number {
  let done = 0;
  try {
    while (done < bytes.length) done += writeSync(fd, bytes, done, bytes.length - done, position + done);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error; // what is missing becomes a gap of its own
  }
  return done;
}

function openIfThere(path: string): number | undefined {
  try {
    return openSync(path, 'r+');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
