import { open, stat, unlink } from 'node:fs/promises';
import { type Logger, syncDirectory } from '../../../base/index.js';
import { JuteReader } from '../../jute/reader.js';
import { listFiles, type StoredFile } from './files.js';
import { HEADER_BYTES, readFrameFile } from './frame-file.js';
import { damaged, Restoration } from './restore.js';
import { readSnapshot } from './snapshot.js';
import { readTransaction } from './transaction-codec.js';

export interface Recovered {
  readonly restoration: Restoration;
  /** Transactions replayed, and bytes of the journal they came from: when there are many, a snapshot is due. */
  readonly transactions: number;
  readonly journalBytes: number;
}

/**
 * Reads the latest snapshot and replays the journal onto it. What an append left unfinished at the very end is cut off:
 * nobody was told that it happened. Anything else that is not as it was written throws CT_COORDINATION_DATA.
 */
export async function recover(directory: string, log: Logger): Promise<Recovered> {
  const snapshot = (await listFiles(directory, 'snapshot')).at(-1);
  const loaded = snapshot === undefined ? undefined : await readSnapshot(snapshot.path);
  const restoration = loaded?.restoration ?? new Restoration();
  const segments = segmentsAfter(await listFiles(directory, 'journal'), restoration.zxid);
  let transactions = 0;
  let journalBytes = 0;
  for (const segment of segments) {
    const replayed = await replaySegment(segment, restoration, segment === segments.at(-1), log);
    transactions += replayed.transactions;
    journalBytes += replayed.bytes;
  }
  if (loaded !== undefined && restoration.zxid < loaded.completeFrom) {
    throw damaged(`the journal ends at ${restoration.zxid}, the snapshot needs it up to ${loaded.completeFrom}`);
  }
  const last = segments.at(-1);
  if (last?.zxid === restoration.zxid + 1n) {
    // It has no transaction with a zxid of its own, and the next segment will have its name.
    await unlink(last.path);
    await syncDirectory(directory);
  }
  return { restoration, transactions, journalBytes };
}

/** A snapshot is always taken at the boundary of two segments, so a segment is needed whole or not at all. */
export function segmentsAfter(segments: readonly StoredFile[], zxid: bigint): StoredFile[] {
  return segments.filter((segment) => segment.zxid > zxid);
}

async function replaySegment(
  segment: StoredFile,
  restoration: Restoration,
  isLast: boolean,
  log: Logger,
): Promise<{ transactions: number; bytes: number }> {
  const content = await readFrameFile(segment.path, 'CTjourn1');
  if (content === undefined) {
    // The header is synced before the first append, so an incomplete one means a crash while the segment was being made.
    const { size } = await stat(segment.path);
    if (!isLast || size > HEADER_BYTES) throw damaged(`journal "${segment.path}" has no valid header`);
    return { transactions: 0, bytes: 0 };
  }
  if (content.state === 'damaged' || (content.state === 'torn' && !isLast)) {
    throw damaged(`journal "${segment.path}" is damaged at byte ${content.validBytes}; valid transactions follow`);
  }
  if (content.state === 'torn') {
    log.warn({ file: segment.path, bytes: content.totalBytes - content.validBytes }, 'cut off an unfinished append');
    await cut(segment.path, content.validBytes);
  }
  let transactions = 0;
  for (const frame of content.frames) {
    const reader = new JuteReader(frame);
    for (; reader.remaining > 0; transactions++) restoration.replay(readTransaction(reader));
  }
  return { transactions, bytes: content.totalBytes };
}

/** Synced, because the torn bytes must not come back once another segment follows: they would then look like damage. */
async function cut(path: string, length: number): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await file.truncate(length);
    await file.sync();
  } finally {
    await file.close();
  }
}
