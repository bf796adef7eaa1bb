// The output of one attempt as far as the center does not have it: two files that the runner appends to, and how much of
// each the center has stored.
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import {
  LOG_CHUNK_MAX_BYTES,
  LOG_MAX_BYTES_MIN,
  type LogChunk,
  type LogPosition,
  type LogStream,
} from '../../manifests/index.js';
import { gapsPath, readGaps, readStarted } from '../runner/attempt-files.js';
import type { GapRecord } from '../runner/runner.js';
import type { Mask } from '../secrets/mask.js';
import { maskedPart } from '../secrets/masked-part.js';
import { headLeft, leaveOut } from './log-bound.js';

const STREAMS = ['stdout', 'stderr'] as const;

export interface LoggedAttempt {
  readonly runUid: string;
  /** Absent for an attempt that was left behind. */
  readonly taskUid?: string;
  readonly attempt: number;
  readonly directory: string;
  /** The center cannot have anything of it. */
  readonly isNew: boolean;
}

/** Modes: open (the process may write) → ended (sizes are final) → shipped (the center has everything and knows so). */
export class AttemptLog {
  readonly runUid: string;
  private readonly taskUid: string | undefined;
  readonly attempt: number;
  readonly directory: string;
  /** What the center has stored, by its own word; 0 before it spoke, which is true of a new attempt. */
  private readonly stored = { stdout: 0, stderr: 0 };
  private readonly paths: Readonly<Record<LogStream, string>>;
  private processEnded = false;
  private endStored = false;
  /** Bound of the task on what is sent; read once there is so much that it may matter. */
  private maxBytes: number | undefined;
  private leftOut = false;
  /** A recovered attempt: ask the center how far it is before anything is read. */
  private positionKnown: boolean;
  /** Hides values of secrets; they are as long as what hides them, so that offsets are those of the files. */
  private readonly mask: Mask | undefined;

  constructor(options: LoggedAttempt & { mask?: Mask }) {
    this.runUid = options.runUid;
    this.taskUid = options.taskUid;
    this.attempt = options.attempt;
    this.directory = options.directory;
    this.positionKnown = options.isNew;
    this.mask = options.mask;
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
    const sizes = { stdout: this.size('stdout'), stderr: this.size('stderr') };
    let left = Math.min(maxBytes, this.boundBy(sizes));
    let complete = true;
    let withData = 0;
    for (const stream of STREAMS) {
      const from = this.stored[stream];
      const size = sizes[stream];
      if (size <= from) continue;
      const length = Math.min(LOG_CHUNK_MAX_BYTES, size - from, left);
      if (length > 0) {
        const read = this.read(stream, from, length, time);
        chunks.push(...read);
        left -= length;
        if (read.length > 0) withData += 1;
        if (read.some((chunk) => chunk.header.gapBytes !== undefined)) complete = false;
        if (read.reduce((sum, { payload }) => sum + payload.length, 0) < length) complete = false;
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

  /** What the task's own bound lets be sent now. Once the output has ended, what is over it is declared a gap. */
  private boundBy(sizes: Readonly<Record<LogStream, number>>): number {
    if (sizes.stdout + sizes.stderr <= LOG_MAX_BYTES_MIN) return Number.POSITIVE_INFINITY;
    this.maxBytes ??= readStarted(this.directory)?.logMaxBytes ?? Number.POSITIVE_INFINITY;
    if (this.maxBytes === Number.POSITIVE_INFINITY) return this.maxBytes;
    if (!this.processEnded) return headLeft(this.maxBytes, this.stored);
    this.leftOut ||= this.gaps().some(({ cause }) => cause === 'maxBytes');
    if (!this.leftOut) leaveOut(this.directory, this.maxBytes, sizes, this.stored);
    this.leftOut = true;
    return Number.POSITIVE_INFINITY;
  }

  private size(stream: LogStream): number {
    return statSync(this.paths[stream], { throwIfNoEntry: false })?.size ?? 0;
  }

  private read(stream: LogStream, from: number, length: number, time: number): LogChunk[] {
    const reach = this.mask?.reach ?? 0;
    const first = Math.max(0, from - reach);
    const window = this.readFile(stream, first, from - first + length + reach);
    const atEnd = window.length < from - first + length + reach;
    // In this order: what a gap covers that was noted after the reading has been read before it was dropped, or not; what
    // no gap covers now is good.
    const gaps = this.gaps();
    const gap = firstGap(gaps, stream, from, Math.min(from + length, first + window.length));
    if (gap !== undefined && gap.offset <= from) {
      return [this.gapChunk(stream, from, gap, time)];
    }
    const until = gap?.offset ?? Math.min(from + length, first + window.length);
    if (this.mask === undefined) return [this.chunk(stream, from, window.subarray(from - first, until - first), time)];
    const payload = maskedPart(this.mask, window, {
      ...{ start: from - first, end: until - first },
      behindGap: gaps.some((each) => each.stream === stream && each.offset + each.bytes === from),
      next: gap !== undefined ? 'gap' : !atEnd ? 'more' : this.processEnded ? 'nothing' : 'unwritten',
    });
    return payload.length === 0 ? [] : [this.chunk(stream, from, payload, time)];
  }

  private readFile(stream: LogStream, from: number, length: number): Buffer {
    const bytes = Buffer.allocUnsafe(length);
    const fd = openSync(this.paths[stream], 'r');
    try {
      return bytes.subarray(0, readSync(fd, bytes, 0, length, from));
    } finally {
      closeSync(fd);
    }
  }

  private gaps(): GapRecord[] {
    const there = statSync(gapsPath(this.directory), { throwIfNoEntry: false }) !== undefined;
    return there ? readGaps(this.directory) : [];
  }

  private chunk(stream: LogStream, streamOffset: number, payload: Uint8Array, time: number, end = false): LogChunk {
    const { runUid, taskUid, attempt } = this;
    const task = taskUid === undefined ? {} : { taskUid };
    const header = { runUid, ...task, attempt, stream, streamOffset, time, length: payload.length };
    return { header: end ? { ...header, end: true } : header, payload };
  }

  private gapChunk(stream: LogStream, streamOffset: number, gap: GapRecord, time: number): LogChunk {
    const gapBytes = gap.offset + gap.bytes - streamOffset;
    const why =
      gap.cause === undefined
        ? 'were dropped: over the quota of this run'
        : 'were left out: over logs.maxBytes of the task';
    const chunk = this.chunk(
      stream,
      streamOffset,
      Buffer.from(`\n[ctask: ${gapBytes} bytes of output ${why}]\n`),
      time,
    );
    return { ...chunk, header: { ...chunk.header, gapBytes } };
  }
}

/** The earliest gap that touches [from, to), merged with those that overlap or follow it. */
function firstGap(gaps: readonly GapRecord[], stream: LogStream, from: number, to: number): GapRecord | undefined {
  const touching = gaps
    .filter((gap) => gap.stream === stream && gap.offset + gap.bytes > from)
    .sort((a, b) => a.offset - b.offset);
  let merged: { offset: number; end: number; cause?: 'maxBytes' } | undefined;
  for (const gap of touching) {
    if (merged === undefined) {
      if (gap.offset >= to) return undefined;
      merged = { offset: gap.offset, end: gap.offset + gap.bytes };
    } else if (gap.offset <= merged.end) merged.end = Math.max(merged.end, gap.offset + gap.bytes);
    else break;
    if (gap.cause !== undefined) merged.cause = gap.cause;
  }
  if (merged === undefined) return undefined;
  const { offset, end, cause } = merged;
  return { stream, offset, bytes: end - offset, ...(cause === undefined ? {} : { cause }) };
}
