// The output of one attempt as far as the center does not have it: two files that the runner appends to, and how much of
// each the center has stored.
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { LOG_CHUNK_MAX_BYTES, type LogChunk, type LogPosition, type LogStream } from '../../manifests/index.js';
import { gapsPath, readGaps } from '../runner/attempt-files.js';
import type { GapRecord } from '../runner/runner.js';

const STREAMS = ['stdout', 'stderr'] as const;

/** Modes: open (the process may write) → ended (sizes are final) → shipped (the center has everything and knows so). */
export class AttemptLog {
  readonly runUid: string;
  readonly attempt: number;
  readonly directory: string;
  /** What the center has stored, by its own word; 0 before it spoke, which is true of a new attempt. */
  private readonly stored = { stdout: 0, stderr: 0 };
  private readonly paths: Readonly<Record<LogStream, string>>;
  private processEnded = false;
  private endStored = false;
  /** A recovered attempt: ask the center how far it is before anything is read. */
  private positionKnown: boolean;

  constructor(options: { runUid: string; attempt: number; directory: string; isNew: boolean }) {
    this.runUid = options.runUid;
    this.attempt = options.attempt;
    this.directory = options.directory;
    this.positionKnown = options.isNew;
    this.paths = { stdout: join(options.directory, 'stdout'), stderr: join(options.directory, 'stderr') };
  }

  get shipped(): boolean {
    return this.processEnded && this.endStored;
  }

  get ended(): boolean {
    return this.processEnded;
  }

  /** Nothing will be written any more. */
  end(): void {
    this.processEnded = true;
  }

  /** Bytes on disk that the center has not stored. */
  unsentBytes(): number {
    return STREAMS.reduce((sum, stream) => sum + Math.max(0, this.size(stream) - this.stored[stream]), 0);
  }

  /** The next chunks to send, about `maxBytes` at most; none when there is nothing new. */
  nextChunks(time: number, maxBytes: number): LogChunk[] {
    if (!this.positionKnown) return [this.chunk('stdout', 0, Buffer.alloc(0), time)]; // the reply tells the position
    const chunks: LogChunk[] = [];
    let left = maxBytes;
    let complete = true;
    let withData = 0;
    for (const stream of STREAMS) {
      const from = this.stored[stream];
      const size = this.size(stream);
      if (size <= from) continue;
      const length = Math.min(LOG_CHUNK_MAX_BYTES, size - from, left);
      if (length > 0) {
        const read = this.read(stream, from, length, time);
        chunks.push(...read);
        left -= length;
        withData += 1;
        if (read.some((chunk) => chunk.header.gapBytes !== undefined)) complete = false;
      }
      if (length < size - from) complete = false;
    }
    if (!this.processEnded || this.endStored || !complete) return chunks;
    // The end may travel with the data of one stream, since a refused chunk takes its end mark with it. With data of both
    // it waits for the next request: the center must not note the end while it refused the other stream.
    const last = chunks.at(-1);
    if (withData === 0) return [this.chunk('stdout', this.stored.stdout, Buffer.alloc(0), time, true)];
    if (withData > 1 || last === undefined) return chunks;
    return [...chunks.slice(0, -1), { ...last, header: { ...last.header, end: true } }];
  }

  /** The center's word. It may have gone back (restored from a backup): then the bytes, still on disk, are sent again. */
  apply(position: LogPosition): void {
    this.positionKnown = true;
    this.stored.stdout = position.stdout;
    this.stored.stderr = position.stderr;
    this.endStored = position.ended;
  }

  private size(stream: LogStream): number {
    return statSync(this.paths[stream], { throwIfNoEntry: false })?.size ?? 0;
  }

  private read(stream: LogStream, from: number, length: number, time: number): LogChunk[] {
    const bytes = Buffer.allocUnsafe(length);
    const fd = openSync(this.paths[stream], 'r');
    let count = 0;
    try {
      count = readSync(fd, bytes, 0, length, from);
    } finally {
      closeSync(fd);
    }
    const payload = bytes.subarray(0, count);
    // In this order: what a gap covers that was noted after the reading has been read before it was dropped, or not; what
    // no gap covers now is good.
    const gap = firstGap(this.gaps(), stream, from, from + count);
    if (gap === undefined) return [this.chunk(stream, from, payload, time)];
    if (gap.offset > from) return [this.chunk(stream, from, payload.subarray(0, gap.offset - from), time)];
    return [this.gapChunk(stream, from, gap.offset + gap.bytes - from, time)];
  }

  private gaps(): GapRecord[] {
    const there = statSync(gapsPath(this.directory), { throwIfNoEntry: false }) !== undefined;
    return there ? readGaps(this.directory) : [];
  }

  private chunk(stream: LogStream, streamOffset: number, payload: Uint8Array, time: number, end = false): LogChunk {
    const { runUid, attempt } = this;
    const header = { runUid, attempt, stream, streamOffset, time, length: payload.length };
    return { header: end ? { ...header, end: true } : header, payload };
  }

  private gapChunk(stream: LogStream, streamOffset: number, gapBytes: number, time: number): LogChunk {
    const text = Buffer.from(`\n[ctask: ${gapBytes} bytes of output were dropped: over the quota of this run]\n`);
    const chunk = this.chunk(stream, streamOffset, text, time);
    return { ...chunk, header: { ...chunk.header, gapBytes } };
  }
}

/** The earliest gap that touches [from, to), merged with those that overlap or follow it. */
function firstGap(gaps: readonly GapRecord[], stream: LogStream, from: number, to: number): GapRecord | undefined {
  const touching = gaps
    .filter((gap) => gap.stream === stream && gap.offset + gap.bytes > from)
    .sort((a, b) => a.offset - b.offset);
  let merged: { offset: number; end: number } | undefined;
  for (const gap of touching) {
    if (merged === undefined) {
      if (gap.offset >= to) return undefined;
      merged = { offset: gap.offset, end: gap.offset + gap.bytes };
    } else if (gap.offset <= merged.end) merged.end = Math.max(merged.end, gap.offset + gap.bytes);
  }
  return merged && { stream, offset: merged.offset, bytes: merged.end - merged.offset };
}
