import { syncDirectory } from '../../../base/index.js';
import { JuteWriter } from '../../jute/writer.js';
import type { Transaction } from '../tree/transaction.js';
import { pathOf } from './files.js';
import { FrameWriter } from './frame-file.js';
import { writeTransaction } from './transaction-codec.js';

/** More than this is written in several frames. The first frame of a burst is then durable sooner. */
const MAX_BATCH_BYTES = 4 << 20;

export interface JournalListener {
  /** Every transaction up to `zxid` survives a crash from now on. */
  durable(zxid: bigint): void;
  /** The disk refused. Nothing is durable after `durableZxid`, and nothing will be: the server must end. */
  failed(error: unknown): void;
}

interface Batch {
  readonly writer: JuteWriter;
  bytes: number;
  lastZxid: bigint;
}

/**
 * Appends transactions to the current segment with group commit: while one fsync is under way, everything that comes is
 * gathered into the next frame, so the number of fsyncs per second is what the disk can do and each serves many requests.
 *
 * Modes: idle (nothing to write), flushing (one write and fsync at a time), failed (final), closed (final).
 */
export class Journal {
  private readonly directory: string;
  private readonly listener: JournalListener;
  private segment: FrameWriter;
  private batches: Batch[] = [];
  private mode: 'idle' | 'flushing' | 'failed' | 'closed' = 'idle';
  private rotations: { resolve(zxid: bigint): void; reject(error: unknown): void }[] = [];
  private flushed: Promise<void> = Promise.resolve();
  private durable: bigint;
  private closedBytes = 0;

  private constructor(directory: string, segment: FrameWriter, zxid: bigint, listener: JournalListener) {
    this.directory = directory;
    this.segment = segment;
    this.durable = zxid;
    this.listener = listener;
  }

  /** Starts a new segment after `zxid`, the last one that was recovered. */
  static async open(directory: string, zxid: bigint, listener: JournalListener): Promise<Journal> {
    return new Journal(directory, await newSegment(directory, zxid), zxid, listener);
  }

  get durableZxid(): bigint {
    return this.durable;
  }

  /** Bytes written since it was opened. */
  get writtenBytes(): number {
    return this.closedBytes + this.segment.bytes;
  }

  /** Bytes accepted and not yet on their way to the disk. */
  get pendingBytes(): number {
    return this.batches.reduce((sum, batch) => sum + batch.bytes, 0);
  }

  append(transaction: Transaction): void {
    if (this.mode === 'failed' || this.mode === 'closed') return;
    let batch = this.batches.at(-1);
    if (batch === undefined || batch.bytes > MAX_BATCH_BYTES) {
      batch = { writer: new JuteWriter(4096), bytes: 0, lastZxid: 0n };
      this.batches.push(batch);
    }
    writeTransaction(batch.writer, transaction);
    batch.bytes = batch.writer.length;
    batch.lastZxid = transaction.zxid;
    this.wake();
  }

  /** Ends the current segment and starts another; resolves with the last zxid of the segments that ended. */
  rotate(): Promise<bigint> {
    return new Promise((resolve, reject) => {
      if (this.mode === 'failed' || this.mode === 'closed') return reject(new Error('the journal has ended'));
      this.rotations.push({ resolve, reject });
      this.wake();
    });
  }

  /** Makes everything appended so far durable and closes the file. */
  async close(): Promise<void> {
    if (this.mode === 'closed') return;
    while (this.mode === 'flushing') await this.flushed;
    const failed = this.mode === 'failed';
    this.mode = 'closed';
    if (!failed) await this.segment.close();
  }

  private wake(): void {
    if (this.mode !== 'idle') return;
    this.mode = 'flushing';
    this.flushed = this.flush();
  }

  private async flush(): Promise<void> {
    try {
      // What arrives in the same turn of the event loop shares the first fsync.
      await new Promise<void>((resolve) => setImmediate(resolve));
      while (this.batches.length > 0 || this.rotations.length > 0) {
        const batch = this.batches.shift();
        if (batch !== undefined) await this.write(batch);
        else await this.startSegment();
      }
      this.mode = 'idle';
    } catch (error) {
      // After a failed fsync the kernel may have dropped the pages: trying again would report success falsely.
      this.mode = 'failed';
      for (const rotation of this.rotations.splice(0)) rotation.reject(error);
      this.listener.failed(error);
    }
  }

  private async write(batch: Batch): Promise<void> {
    await this.segment.append(batch.writer.content());
    await this.segment.sync();
    this.durable = batch.lastZxid;
    this.listener.durable(this.durable);
  }

  private async startSegment(): Promise<void> {
    const rotations = this.rotations.splice(0);
    try {
      const ended = this.segment;
      this.segment = await newSegment(this.directory, this.durable);
      this.closedBytes += ended.bytes;
      await ended.close();
    } catch (error) {
      for (const rotation of rotations) rotation.reject(error);
      throw error;
    }
    for (const rotation of rotations) rotation.resolve(this.durable);
  }
}

async function newSegment(directory: string, after: bigint): Promise<FrameWriter> {
  const segment = await FrameWriter.create(pathOf(directory, 'journal', after + 1n), 'CTjourn1', after + 1n);
  await segment.sync();
  await syncDirectory(directory);
  return segment;
}
